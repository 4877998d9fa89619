// The product with a weight in half precision, the fast twin of kernels/linearHalf.ts. For a few rows the numbers are widened on
// their way from memory; for more, panel by panel into `scratch`, where they stay in the cache while all rows are multiplied.
import { BF16, F16, widen } from './convert'
import { Elementwise } from './elementwise'
import { finish } from './ending'
import { onePanel } from './linear'
import { storeRow, ZEROS } from './tile'
import { mac, zero } from './vector'

export function linearF16(
  out: usize, x: usize, w: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, rows: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  linearHalf<F16>(out, x, w, bias, residual, ending, k, n, width, rows, scratch, begin, end)
}

export function linearBF16(
  out: usize, x: usize, w: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, rows: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  linearHalf<BF16>(out, x, w, bias, residual, ending, k, n, width, rows, scratch, begin, end)
}

// @ts-ignore: decorator
@inline function linearHalf<Half extends Elementwise>(
  out: usize, x: usize, w: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, rows: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  if (rows < 4) {
    fewRows<Half>(out, x, w, bias, residual, ending, k, n, width, rows, begin, end)
    return
  }
  const size = k * width
  for (let p = begin; p < end; p++) {
    widen<Half>(scratch, w + (((<usize>p) * (<usize>size)) << 1), 0, size)
    onePanel(out, x, scratch, bias, residual, ending, k, n, width, rows, p)
  }
}

/** Row after row for each panel, which stays in the cache. */
// @ts-ignore: decorator
@inline function fewRows<Half extends Elementwise>(
  out: usize, x: usize, w: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, rows: i32,
  begin: i32, end: i32,
): void {
  const step = (<usize>width) << 1
  for (let p = begin; p < end; p++) {
    const column = p * width
    const panel = w + (<usize>column) * (<usize>k) * 2
    const init = bias == 0 ? ZEROS : bias + ((<usize>column) << 2)
    for (let r = 0; r < rows; r++) {
      const to = out + ((<usize>(r * n + column)) << 2)
      const from = x + ((<usize>(r * k)) << 2)
      for (let c = 0; c < width && column + c < n; c += 8) {
        const at = (<usize>c) << 2
        halfRow8<Half>(to + at, from, panel + ((<usize>c) << 1), init + at, k, step, n - column - c)
      }
    }
  }
  const first = (<usize>(begin * width)) << 2
  finish(out + first, residual == 0 ? 0 : residual + first, n, rows, min(end * width, n) - begin * width, ending)
}

/** One row times eight columns, added up in the order of linear.ts. */
function halfRow8<Half extends Elementwise>(
  out: usize, x: usize, w: usize, init: usize, k: i32, step: usize, columns: i32,
): void {
  const f = changetype<Half>(0)
  let a0 = v128.load(init), a1 = v128.load(init, 16)
  let b0 = zero(), b1 = zero(), c0 = zero(), c1 = zero(), d0 = zero(), d1 = zero()
  for (; k >= 4; k -= 4, x += 16) {
    let v = v128.load32_splat(x)
    a0 = mac(f.of(v128.load16x4_u(w)), v, a0), a1 = mac(f.of(v128.load16x4_u(w, 8)), v, a1)
    w += step
    v = v128.load32_splat(x, 4)
    b0 = mac(f.of(v128.load16x4_u(w)), v, b0), b1 = mac(f.of(v128.load16x4_u(w, 8)), v, b1)
    w += step
    v = v128.load32_splat(x, 8)
    c0 = mac(f.of(v128.load16x4_u(w)), v, c0), c1 = mac(f.of(v128.load16x4_u(w, 8)), v, c1)
    w += step
    v = v128.load32_splat(x, 12)
    d0 = mac(f.of(v128.load16x4_u(w)), v, d0), d1 = mac(f.of(v128.load16x4_u(w, 8)), v, d1)
    w += step
  }
  for (; k > 0; k--, x += 4, w += step) {
    const v = v128.load32_splat(x)
    a0 = mac(f.of(v128.load16x4_u(w)), v, a0), a1 = mac(f.of(v128.load16x4_u(w, 8)), v, a1)
  }
  const low = f32x4.add(f32x4.add(a0, b0), f32x4.add(c0, d0))
  const high = f32x4.add(f32x4.add(a1, b1), f32x4.add(c1, d1))
  storeRow(out, low, high, columns)
}
