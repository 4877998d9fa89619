// The product with a weight in half precision, the fast twin of kernels/linearHalf.ts: a panel is widened into `scratch`, where it
// stays in the cache while all rows are multiplied by it.
import { widenBF16, widenF16 } from './convert'
import { linear } from './linear'

export function linearF16(
  out: usize, x: usize, w: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, rows: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const size = k * width
  for (let p = begin; p < end; p++) {
    widenF16(scratch, w + (((<usize>p) * (<usize>size)) << 1), 0, size)
    onePanel(out, x, scratch, bias, residual, ending, k, n, width, rows, p)
  }
}

export function linearBF16(
  out: usize, x: usize, w: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, rows: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const size = k * width
  for (let p = begin; p < end; p++) {
    widenBF16(scratch, w + (((<usize>p) * (<usize>size)) << 1), 0, size)
    onePanel(out, x, scratch, bias, residual, ending, k, n, width, rows, p)
  }
}

/** The product with panel p of a weight, of which only that panel is there. */
// @ts-ignore: decorator
@inline function onePanel(
  out: usize, x: usize, panel: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, rows: i32,
  p: i32,
): void {
  const before = ((<usize>p) * (<usize>(k * width))) << 2
  linear(out, x, panel - before, bias, residual, ending, k, n, width, rows, p, p + 1)
}
