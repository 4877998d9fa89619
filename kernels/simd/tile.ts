// The inner loops of matrix products: some rows times 8 or 16 columns, whose sums stay in registers while k runs. All of
// them add up in the same order, so a number has the same bits whichever tile it is computed in. Rows of x are found from
// the first one by constant distances, because that leaves one pointer to move.
import { load, mac, store } from './vector'

let columns: i32 = 8

/** Sets the columns of tiles for products of activations: 16 where V8 joins pairs of vectors, else 8. */
export function useTiles(width: i32): void {
  columns = width
}

// @ts-ignore: decorator
@inline export function columnsOfTile(): i32 {
  return columns
}

/** What a product without bias starts from. */
export const ZEROS = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 64)

/**
 * out[r, c] = init[c] + sum over i < k of x[r, i] * w[i, c] for 4 rows and `columns` of 8 columns. Steps are bytes from row
 * to row. init and the rows of w have eight numbers always; of out only `columns` are written.
 */
export function tile4x8(
  out: usize, x: usize, w: usize, init: usize, k: i32, outStep: usize, xStep: usize, wStep: usize, columns: i32,
): void {
  const s0 = v128.load(init), s1 = v128.load(init, 16)
  let a0 = s0, a1 = s1, b0 = s0, b1 = s1, c0 = s0, c1 = s1, d0 = s0, d1 = s1
  const x2 = xStep * 2, x3 = xStep * 3
  for (; k > 0; k--) {
    const w0 = v128.load(w), w1 = v128.load(w, 16)
    let v = v128.load32_splat(x)
    a0 = mac(w0, v, a0)
    a1 = mac(w1, v, a1)
    v = v128.load32_splat(x + xStep)
    b0 = mac(w0, v, b0)
    b1 = mac(w1, v, b1)
    v = v128.load32_splat(x + x2)
    c0 = mac(w0, v, c0)
    c1 = mac(w1, v, c1)
    v = v128.load32_splat(x + x3)
    d0 = mac(w0, v, d0)
    d1 = mac(w1, v, d1)
    x += 4
    w += wStep
  }
  storeRow(out, a0, a1, columns)
  storeRow(out + outStep, b0, b1, columns)
  storeRow(out + outStep * 2, c0, c1, columns)
  storeRow(out + outStep * 3, d0, d1, columns)
}

/** The first `columns` of eight numbers. */
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

// The ones below are shaped for V8 when it joins pairs of vectors into ones of 256 bits: neighbours undergo the same
// operations, and their stores stand behind each other in one block with no load or branch between them.

/** tile4x8 for 4 rows and 16 columns, all of which are written. */
export function tile4x16(
  out: usize, x: usize, w: usize, init: usize, k: i32, outStep: usize, xStep: usize, wStep: usize,
): void {
  const s0 = v128.load(init), s1 = v128.load(init, 16), s2 = v128.load(init, 32), s3 = v128.load(init, 48)
  let a0 = s0, a1 = s1, a2 = s2, a3 = s3, b0 = s0, b1 = s1, b2 = s2, b3 = s3
  let c0 = s0, c1 = s1, c2 = s2, c3 = s3, d0 = s0, d1 = s1, d2 = s2, d3 = s3
  const x2 = xStep * 2, x3 = xStep * 3
  for (; k > 0; k--) {
    const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48)
    let v = v128.load32_splat(x)
    a0 = mac(w0, v, a0), a1 = mac(w1, v, a1), a2 = mac(w2, v, a2), a3 = mac(w3, v, a3)
    v = v128.load32_splat(x + xStep)
    b0 = mac(w0, v, b0), b1 = mac(w1, v, b1), b2 = mac(w2, v, b2), b3 = mac(w3, v, b3)
    v = v128.load32_splat(x + x2)
    c0 = mac(w0, v, c0), c1 = mac(w1, v, c1), c2 = mac(w2, v, c2), c3 = mac(w3, v, c3)
    v = v128.load32_splat(x + x3)
    d0 = mac(w0, v, d0), d1 = mac(w1, v, d1), d2 = mac(w2, v, d2), d3 = mac(w3, v, d3)
    x += 4
    w += wStep
  }
  storeWhole(out, a0, a1, a2, a3)
  storeWhole(out + outStep, b0, b1, b2, b3)
  storeWhole(out + outStep * 2, c0, c1, c2, c3)
  storeWhole(out + outStep * 3, d0, d1, d2, d3)
}

/** The same for 6 rows. */
export function tile6x16(
  out: usize, x: usize, w: usize, init: usize, k: i32, outStep: usize, xStep: usize, wStep: usize,
): void {
  const s0 = v128.load(init), s1 = v128.load(init, 16), s2 = v128.load(init, 32), s3 = v128.load(init, 48)
  let a0 = s0, a1 = s1, a2 = s2, a3 = s3, b0 = s0, b1 = s1, b2 = s2, b3 = s3
  let c0 = s0, c1 = s1, c2 = s2, c3 = s3, d0 = s0, d1 = s1, d2 = s2, d3 = s3
  let e0 = s0, e1 = s1, e2 = s2, e3 = s3, f0 = s0, f1 = s1, f2 = s2, f3 = s3
  const x2 = xStep * 2, x3 = xStep * 3, x4 = xStep * 4, x5 = xStep * 5
  for (; k > 0; k--) {
    const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48)
    let v = v128.load32_splat(x)
    a0 = mac(w0, v, a0), a1 = mac(w1, v, a1), a2 = mac(w2, v, a2), a3 = mac(w3, v, a3)
    v = v128.load32_splat(x + xStep)
    b0 = mac(w0, v, b0), b1 = mac(w1, v, b1), b2 = mac(w2, v, b2), b3 = mac(w3, v, b3)
    v = v128.load32_splat(x + x2)
    c0 = mac(w0, v, c0), c1 = mac(w1, v, c1), c2 = mac(w2, v, c2), c3 = mac(w3, v, c3)
    v = v128.load32_splat(x + x3)
    d0 = mac(w0, v, d0), d1 = mac(w1, v, d1), d2 = mac(w2, v, d2), d3 = mac(w3, v, d3)
    v = v128.load32_splat(x + x4)
    e0 = mac(w0, v, e0), e1 = mac(w1, v, e1), e2 = mac(w2, v, e2), e3 = mac(w3, v, e3)
    v = v128.load32_splat(x + x5)
    f0 = mac(w0, v, f0), f1 = mac(w1, v, f1), f2 = mac(w2, v, f2), f3 = mac(w3, v, f3)
    x += 4
    w += wStep
  }
  storeWhole(out, a0, a1, a2, a3)
  storeWhole(out + outStep, b0, b1, b2, b3)
  storeWhole(out + outStep * 2, c0, c1, c2, c3)
  storeWhole(out + outStep * 3, d0, d1, d2, d3)
  storeWhole(out + outStep * 4, e0, e1, e2, e3)
  storeWhole(out + outStep * 5, f0, f1, f2, f3)
}

// @ts-ignore: decorator
@inline function storeWhole(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(out, a)
  v128.store(out, b, 16)
  v128.store(out, c, 32)
  v128.store(out, d, 48)
}

/**
 * The same for any number of rows from 4 on and one panel of `width` columns (8 or 16), of which `columns` are there. Where
 * the rows do not come out even the last tiles overlap and compute some rows twice.
 */
export function tiles(
  out: usize, x: usize, w: usize, init: usize, k: i32, outStep: usize, xStep: usize, wStep: usize,
  rows: i32, width: i32, columns: i32,
): void {
  if (width == 16 && columns >= 16) {
    let r = 0
    for (; rows - r > 8 || rows - r == 6; r += 6) {
      const at = <usize>r
      tile6x16(out + at * outStep, x + at * xStep, w, init, k, outStep, xStep, wStep)
    }
    for (; r < rows; r += 4) {
      const at = <usize>min(r, rows - 4)
      tile4x16(out + at * outStep, x + at * xStep, w, init, k, outStep, xStep, wStep)
    }
    return
  }
  for (let c = 0; c < min(width, columns); c += 8, out += 32, w += 32, init += 32) {
    for (let r = 0; r < rows; r += 4) {
      const at = <usize>min(r, rows - 4)
      tile4x8(out + at * outStep, x + at * xStep, w, init, k, outStep, xStep, wStep, columns - c)
    }
  }
}
