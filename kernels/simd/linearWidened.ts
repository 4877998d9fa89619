// The product with a weight whose panels are widened first, the fast twin of kernels/linearWidened.ts: in `scratch` a panel stays in the
// cache while all rows are multiplied.
import { dequantiseInt8 } from './int8'
import { onePanel } from './linear'
import { dequantiseQ4 } from './q4'

export function linearWidenedInt8(
  out: usize, x: usize, w: usize, scales: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32,
  group: i32, rows: i32, scratch: usize, begin: i32, end: i32,
): void {
  for (let p = begin; p < end; p++) {
    dequantiseInt8(scratch - before(p, k, width), w, scales, k, width, group, p, p + 1)
    onePanel(out, x, scratch, bias, residual, ending, k, n, width, rows, p)
  }
}

export function linearWidenedQ4(
  out: usize, x: usize, w: usize, scales: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32,
  rows: i32, scratch: usize, begin: i32, end: i32,
): void {
  for (let p = begin; p < end; p++) {
    dequantiseQ4(scratch - before(p, k, width), w, scales, k, width, p, p + 1)
    onePanel(out, x, scratch, bias, residual, ending, k, n, width, rows, p)
  }
}

/** Bytes of the panels before panel p as float32. */
// @ts-ignore: decorator
@inline function before(p: i32, k: i32, width: i32): usize {
  return ((<usize>p) * (<usize>(k * width))) << 2
}
