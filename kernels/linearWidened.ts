// The product with a weight in int8 or 4 bits whose panels are turned back into float32 numbers before they are multiplied: activations
// are not rounded, and for many rows it is the fastest way where float32 vectors are wide. Exactly the product with the numbers
// that the weight stands for.
import { dequantiseInt8 } from './int8.ts'
import { linear } from './linear.ts'
import { dequantiseQ4 } from './q4.ts'

/** linear (linear.ts) with a weight of quantiseInt8 (int8.ts). `scratch` is room for a panel: k * width numbers. */
export function linearWidenedInt8(
  out: Float32Array,
  x: Float32Array,
  w: Int8Array,
  scales: Float32Array,
  bias: Float32Array,
  residual: Float32Array,
  ending: number,
  k: number,
  n: number,
  width: number,
  group: number,
  rows: number,
  _scratch: Float32Array,
  begin: number,
  end: number,
): void {
  const whole = new Float32Array(Math.ceil(n / width) * k * width)
  dequantiseInt8(whole, w, scales, k, width, group, begin, end)
  linear(out, x, whole, bias, residual, ending, k, n, width, rows, begin, end)
}

/** The same with a weight of quantiseQ4 (q4.ts). */
export function linearWidenedQ4(
  out: Float32Array,
  x: Float32Array,
  w: Uint8Array,
  scales: Uint16Array,
  bias: Float32Array,
  residual: Float32Array,
  ending: number,
  k: number,
  n: number,
  width: number,
  rows: number,
  _scratch: Float32Array,
  begin: number,
  end: number,
): void {
  const whole = new Float32Array(Math.ceil(n / width) * k * width)
  dequantiseQ4(whole, w, scales, k, width, begin, end)
  linear(out, x, whole, bias, residual, ending, k, n, width, rows, begin, end)
}
