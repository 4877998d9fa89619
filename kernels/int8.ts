// Weights as int8 with one scale for each output, and their product with activations that are rounded to whole numbers row by
// row. A weight lies in panels of `width` outputs (panels.ts), but a panel holds `group` inputs of an output side by side:
// number [i, c] stands at (floor(i / group) * width + c) * group + i % group. Inputs are filled up to a multiple of 4.
import { finish } from './linear.ts'

/** Inputs of a panel, filled up. */
export function paddedInputs(k: number): number {
  return (k + 3) & ~3
}

/**
 * Panels begin..end of float32 numbers (panels.ts) as int8: out = round(w / scale) with scale = the output's largest number
 * / 127, ties to even; sums[o] = the sum of the output's whole numbers. scales and sums have width numbers for each panel.
 */
export function quantiseInt8(
  out: Int8Array,
  scales: Float32Array,
  sums: Int32Array,
  panels: Float32Array,
  k: number,
  width: number,
  group: number,
  begin: number,
  end: number,
): void {
  const inputs = paddedInputs(k)
  for (let p = begin; p < end; p++) {
    for (let c = 0; c < width; c++) {
      const at = p * k * width + c
      let largest = 0
      for (let i = 0; i < k; i++) largest = Math.max(largest, Math.abs(panels[at + i * width]!))
      const inverse = largest > 0 ? Math.fround(127 / largest) : 0
      scales[p * width + c] = largest / 127
      let sum = 0
      for (let i = 0; i < inputs; i++) {
        const q = i < k ? wholeNear(panels[at + i * width]! * inverse) : 0
        out[p * inputs * width + (Math.floor(i / group) * width + c) * group + (i % group)] = q
        sum += q
      }
      sums[p * width + c] = sum
    }
  }
}

/** The whole number next to x after rounding to float32, ties to even: what adding 1.5 * 2^23 does. */
export function wholeNear(x: number): number {
  return Math.fround(Math.fround(x) + 12582912) - 12582912
}

/** Levels that activations of k inputs are rounded to: 14 bits, or as many as keep the sums of products within 32 bits. */
export function levelsFor(k: number): number {
  return Math.min(128 * 128 - 1, Math.floor((2 ** 31 - 1) / (127 * Math.max(k, 1))))
}

/**
 * Rows begin..end of activations as whole numbers from 0 to `levels` (levelsFor): x = scale * (q - zero), where the row's range,
 * with 0 in it, is spread over the levels. A row of `out` has paddedInputs(cols) places: of 16-bit words where `group` is 2,
 * else twice, of bytes, because instructions for four inputs take 7 bits: those of the upper bits, then those of the lower
 * seven ones.
 */
export function quantiseRows(
  out: Uint8Array | Uint16Array,
  scales: Float32Array,
  zeros: Int32Array,
  x: Float32Array,
  cols: number,
  levels: number,
  group: number,
  begin: number,
  end: number,
): void {
  const places = paddedInputs(cols)
  for (let r = begin; r < end; r++) {
    let [low, high] = [0, 0]
    for (let i = r * cols; i < (r + 1) * cols; i++) {
      low = Math.min(low, x[i]!)
      high = Math.max(high, x[i]!)
    }
    const range = Math.fround(high - low)
    const inverse = range > 0 ? Math.fround(levels / range) : 0
    const zero = wholeNear(-low * inverse)
    scales[r] = range / levels
    zeros[r] = zero
    for (let i = 0; i < places; i++) {
      const near = i < cols ? wholeNear(x[r * cols + i]! * inverse) + zero : 0
      const q = Math.min(Math.max(near, 0), levels)
      if (group === 2) out[r * places + i] = q
      else {
        out[2 * r * places + i] = q >> 7
        out[(2 * r + 1) * places + i] = q & 127
      }
    }
  }
}

/**
 * out[r, o] = ending(bias[o] + scale[r] * scales[o] * sum over i of (q[r, i] - zero[r]) * w[i, o]) + residual[r, o], the sum in whole
 * numbers, for all rows and the outputs of panels begin..end. q, scale and zero come from quantiseRows; w, scales and sums
 * from quantiseInt8; the rest is as in linear.ts. `scratch` is room that the fast twin needs: roomForSums(width) numbers.
 */
export function linearInt8(
  out: Float32Array,
  q: Uint8Array | Uint16Array,
  scale: Float32Array,
  zero: Int32Array,
  w: Int8Array,
  scales: Float32Array,
  sums: Int32Array,
  bias: Float32Array,
  residual: Float32Array,
  ending: number,
  k: number,
  n: number,
  width: number,
  group: number,
  rows: number,
  _scratch: Int32Array,
  begin: number,
  end: number,
): void {
  const inputs = paddedInputs(k)
  const [first, last] = [begin * width, Math.min(end * width, n)]
  for (let r = 0; r < rows; r++) {
    const numberAt = (i: number) =>
      group === 2 ? q[r * inputs + i]! : 128 * q[2 * r * inputs + i]! + q[(2 * r + 1) * inputs + i]!
    for (let o = first; o < last; o++) {
      const panel = Math.floor(o / width) * inputs * width + (o % width) * group
      let sum = -zero[r]! * sums[o]!
      for (let i = 0; i < inputs; i++) {
        sum += numberAt(i) * w[panel + Math.floor(i / group) * width * group + (i % group)]!
      }
      const value = Math.fround(sum) * Math.fround(scale[r]! * scales[o]!)
      out[r * n + o] = bias.length > 0 ? value + bias[o]! : value
    }
    finish(out, residual, ending, r * n + first, r * n + last)
  }
}

/** Numbers of the room in which the fast twin keeps the sums of 48 rows before it scales them: two sums each for bytes. */
export function roomForSums(width: number): number {
  return 2 * 48 * width
}

/** The other way round: panels begin..end as float32 numbers. */
export function dequantiseInt8(
  out: Float32Array,
  w: Int8Array,
  scales: Float32Array,
  k: number,
  width: number,
  group: number,
  begin: number,
  end: number,
): void {
  const inputs = paddedInputs(k)
  for (let p = begin; p < end; p++) {
    for (let i = 0; i < k; i++) {
      for (let c = 0; c < width; c++) {
        const at = p * inputs * width + (Math.floor(i / group) * width + c) * group + (i % group)
        out[(p * k + i) * width + c] = w[at]! * scales[p * width + c]!
      }
    }
  }
}
