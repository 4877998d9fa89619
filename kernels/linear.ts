// The product of activations with a weight matrix in panels (panels.ts), and what usually follows it.
import { ended } from './activation.ts'

/**
 * out[r, o] = ending(bias[o] + sum over i of x[r, i] * w[i, o]) + residual[r, o] for all rows and the outputs of panels
 * begin..end; x (rows, k), out and residual (rows, n), w in panels, `ending` the number of a function in `endings`. An empty
 * bias or residual counts as zeros. Panels and not rows are the units, so that the product of one row, which a new token
 * is, can be shared too.
 */
export function linear(
  out: Float32Array,
  x: Float32Array,
  w: Float32Array,
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
  const [first, last] = [begin * width, Math.min(end * width, n)]
  for (let r = 0; r < rows; r++) {
    for (let o = first; o < last; o++) {
      let at = Math.floor(o / width) * k * width + (o % width)
      let sum = bias.length > 0 ? bias[o]! : 0
      for (let i = 0; i < k; i++, at += width) sum += x[r * k + i]! * w[at]!
      out[r * n + o] = sum
    }
    finish(out, residual, ending, r * n + first, r * n + last)
  }
}

/** out[i] = ending(out[i]) + residual[i] for begin <= i < end. */
export function finish(out: Float32Array, residual: Float32Array, ending: number, begin: number, end: number): void {
  ended(out, ending, begin, end)
  if (residual.length > 0) for (let i = begin; i < end; i++) out[i]! += residual[i]!
}
