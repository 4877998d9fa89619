// The inner loop of matrix products: four rows times eight columns at a time.
import { load, mac, store, zero } from './vector'

/**
 * out[r, c] = bias[c] + sum over i < k of x[r, i] * w[i, c] for 4 rows and `columns` of 8 columns. The steps are bytes from
 * row to row. Rows of w have eight values always; of bias (0: none) and out only `columns` are touched.
 */
export function tile(
  out: usize, x: usize, w: usize, bias: usize, k: i32, outStep: usize, xStep: usize, wStep: usize, columns: i32,
): void {
  const low = lowHalf(bias, columns)
  const high = highHalf(bias, columns)
  let x1 = x + xStep
  let x2 = x1 + xStep
  let x3 = x2 + xStep
  let a0 = low, a1 = high, b0 = low, b1 = high
  let c0 = low, c1 = high, d0 = low, d1 = high
  for (; k > 0; k--) {
    const w0 = v128.load(w)
    const w1 = v128.load(w, 16)
    let v = v128.load32_splat(x)
    a0 = mac(w0, v, a0)
    a1 = mac(w1, v, a1)
    v = v128.load32_splat(x1)
    b0 = mac(w0, v, b0)
    b1 = mac(w1, v, b1)
    v = v128.load32_splat(x2)
    c0 = mac(w0, v, c0)
    c1 = mac(w1, v, c1)
    v = v128.load32_splat(x3)
    d0 = mac(w0, v, d0)
    d1 = mac(w1, v, d1)
    x += 4
    x1 += 4
    x2 += 4
    x3 += 4
    w += wStep
  }
  storeRow(out, a0, a1, columns)
  storeRow(out + outStep, b0, b1, columns)
  storeRow(out + outStep * 2, c0, c1, columns)
  storeRow(out + outStep * 3, d0, d1, columns)
}

/** The first `columns` of eight values. */
// @ts-ignore: decorator
@inline export function storeRow(out: usize, low: v128, high: v128, columns: i32): void {
  if (columns >= 8) {
    v128.store(out, low)
    v128.store(out, high, 16)
  } else {
    store(out, low, columns)
    if (columns > 4) store(out + 16, high, columns - 4)
  }
}

/** The first four of `columns` values; an absent array (address 0) counts as zeros. */
// @ts-ignore: decorator
@inline export function lowHalf(at: usize, columns: i32): v128 {
  return at == 0 ? zero() : load(at, columns)
}

/** The four values behind those. */
// @ts-ignore: decorator
@inline export function highHalf(at: usize, columns: i32): v128 {
  return at == 0 || columns <= 4 ? zero() : load(at + 16, columns - 4)
}
