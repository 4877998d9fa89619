// Weights as 4-bit numbers in blocks of 32 inputs with one scale each, and their product with activations that are rounded to
// int8 in blocks of 32 as well. A weight lies in panels of `width` outputs (panels.ts); a block of a panel has 16 * width bytes:
// inputs i and i + 16 of output c share the byte at (floor(i / 2) * width + c) * 2 + i % 2, for i < 16, the latter in the upper four bits.
// A number is (its four bits - 8) * scale; scales are bfloat16, [panel][block][c]. Inputs are filled up to a multiple of 32.
import { wholeNear } from './int8.ts'
import { finish } from './linear.ts'

/** Inputs in a block. */
export const blockLength = 32

export function blocksOf(k: number): number {
  return Math.ceil(k / blockLength)
}

/** Where input i (0..31) of output c stands in a block, and how far to shift it down. */
export function placeOf(i: number, c: number, width: number): [byte: number, shift: number] {
  return [(Math.floor((i % 16) / 2) * width + c) * 2 + (i % 2), i < 16 ? 0 : 4]
}

/**
 * What the number farthest from 0 in a block may become, in steps of its scale. -8 uses all of the range, but with another
 * one the numbers as a whole are often nearer to what they were.
 */
export const farthestSteps = [-8, -9, -8.5, -7.5, -7] as const

/**
 * Panels begin..end of float32 numbers (panels.ts) in 4 bits. The scale of a block is the one of those that `farthestSteps`
 * gives with which the sum of the squared errors is smallest, the first of equal ones.
 */
export function quantiseQ4(
  out: Uint8Array,
  scales: Uint16Array,
  panels: Float32Array,
  k: number,
  width: number,
  begin: number,
  end: number,
): void {
  const blocks = blocksOf(k)
  for (let pb = begin * blocks; pb < end * blocks; pb++) {
    const [p, first] = [Math.floor(pb / blocks), (pb % blocks) * blockLength]
    for (let c = 0; c < width; c++) {
      const numberAt = (i: number) => (first + i < k ? panels[(p * k + first + i) * width + c]! : 0)
      let [low, high] = [0, 0]
      for (let i = 0; i < blockLength; i++) {
        low = Math.min(low, numberAt(i))
        high = Math.max(high, numberAt(i))
      }
      const farthest = high > -low ? high : low
      let [bits, least] = [0, Infinity]
      for (const steps of farthestSteps) {
        const tried = bfloat16(farthest * Math.fround(1 / steps))
        const scale = fromBFloat16(tried)
        let error = 0
        for (let i = 0; i < blockLength; i++) {
          const off = Math.fround(numberAt(i) - Math.fround((fourBits(numberAt(i), scale) - 8) * scale))
          error = Math.fround(error + Math.fround(off * off))
        }
        if (error < least) [bits, least] = [tried, error]
      }
      scales[pb * width + c] = bits
      for (let i = 0; i < blockLength; i++) {
        const four = fourBits(numberAt(i), fromBFloat16(bits))
        const [byte, shift] = placeOf(i, c, width)
        const at = pb * 16 * width + byte
        out[at] = shift === 0 ? four : (out[at]! & 15) | (four << 4)
      }
    }
  }
}

/** The four bits that stand for x. */
function fourBits(x: number, scale: number): number {
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
  return Math.min(Math.max(wholeNear(x * inverse) + 8, 0), 15)
}

const word = new Float32Array(1)
const wordBits = new Uint32Array(word.buffer)

/** The upper half of the float32 number next to x that has no lower half, ties to even. */
export function bfloat16(x: number): number {
  word[0] = x
  const bits = wordBits[0]!
  return (bits + 0x7fff + ((bits >> 16) & 1)) >>> 16
}

export function fromBFloat16(bits: number): number {
  wordBits[0] = bits << 16
  return word[0]!
}

/**
 * Rows begin..end of activations as int8 in blocks of 32: x = scale * q with scale = the block's largest number / 127; sums are those of
 * the blocks' whole numbers. A row has blocksOf(cols) blocks, the last one filled up with 0.
 */
export function quantiseBlocks(
  out: Int8Array,
  scales: Float32Array,
  sums: Int32Array,
  x: Float32Array,
  cols: number,
  begin: number,
  end: number,
): void {
  const blocks = blocksOf(cols)
  for (let rb = begin * blocks; rb < end * blocks; rb++) {
    const [r, first] = [Math.floor(rb / blocks), (rb % blocks) * blockLength]
    const numberAt = (i: number) => (first + i < cols ? x[r * cols + first + i]! : 0)
    let largest = 0
    for (let i = 0; i < blockLength; i++) largest = Math.max(largest, Math.abs(numberAt(i)))
    const inverse = largest > 0 ? Math.fround(127 / largest) : 0
    scales[rb] = largest / 127
    let sum = 0
    for (let i = 0; i < blockLength; i++) {
      const q = wholeNear(numberAt(i) * inverse)
      out[rb * blockLength + i] = q
      sum += q
    }
    sums[rb] = sum
  }
}

/**
 * out[r, o] = ending(bias[o] + sum over blocks of scale * scales * (sum over i of q[r, i] * (w[i, o] - 8))) + residual[r, o], the inner sum in
 * whole numbers, for all rows and the outputs of panels begin..end. q, scale and sum come from quantiseBlocks, w and scales
 * from quantiseQ4; the rest is as in linear.ts.
 */
export function linearQ4(
  out: Float32Array,
  q: Int8Array,
  scale: Float32Array,
  sum: Int32Array,
  w: Uint8Array,
  scales: Uint16Array,
  bias: Float32Array,
  residual: Float32Array,
  ending: number,
  k: number,
  n: number,
  width: number,
  rows: number,
  begin: number,
  end: number,
): void {
  const blocks = blocksOf(k)
  const [first, last] = [begin * width, Math.min(end * width, n)]
  for (let r = 0; r < rows; r++) {
    for (let o = first; o < last; o++) {
      const [p, c] = [Math.floor(o / width), o % width]
      let total = bias.length > 0 ? bias[o]! : 0
      for (let b = 0; b < blocks; b++) {
        const [rb, pb] = [r * blocks + b, p * blocks + b]
        let whole = -8 * sum[rb]!
        for (let i = 0; i < blockLength; i++) {
          const [byte, shift] = placeOf(i, c, width)
          whole += q[rb * blockLength + i]! * ((w[pb * 16 * width + byte]! >> shift) & 15)
        }
        total += whole * Math.fround(scale[rb]! * fromBFloat16(scales[pb * width + c]!))
      }
      out[r * n + o] = total
    }
    finish(out, residual, ending, r * n + first, r * n + last)
  }
}

/** The other way round: panels begin..end as float32 numbers. */
export function dequantiseQ4(
  out: Float32Array,
  w: Uint8Array,
  scales: Uint16Array,
  k: number,
  width: number,
  begin: number,
  end: number,
): void {
  const blocks = blocksOf(k)
  for (let p = begin; p < end; p++) {
    for (let i = 0; i < k; i++) {
      const pb = p * blocks + Math.floor(i / blockLength)
      for (let c = 0; c < width; c++) {
        const [byte, shift] = placeOf(i % blockLength, c, width)
        const four = (w[pb * 16 * width + byte]! >> shift) & 15
        out[(p * k + i) * width + c] = (four - 8) * fromBFloat16(scales[pb * width + c]!)
      }
    }
  }
}
