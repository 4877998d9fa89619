// How far the numbers of an engine are from those of the reference.
import type { Gives } from '../peers/engine.ts'

export interface Difference {
  /** Largest distance of two numbers. */
  readonly largest: number
  /** The same as a share of the reference's largest number. */
  readonly relative: number
  /** Cosine of the angle between the two. */
  readonly cosine: number
  /** What was compared, when it was not all the plain numbers. */
  readonly of?: Gives
}

/** Compares what an engine `gives` with the reference's plain numbers; C is the width of a row. Infinite when sizes differ. */
export function compare(
  values: Float32Array,
  reference: Float32Array,
  gives: Gives | undefined,
  C: number,
): Difference {
  const wanted = gives === undefined ? reference : { logProbabilities, firstToken }[gives](reference, values, C)
  const of = gives && { of: gives }
  if (values.length !== wanted.length) return { largest: Infinity, relative: Infinity, cosine: 0, ...of }
  let [largest, most, dot, left, right] = [0, 0, 0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [values[i]!, wanted[i]!]
    const distance = Math.abs(a - b)
    // A NaN is no number at all, and must not be lost in a comparison.
    largest = Number.isNaN(distance) ? Infinity : Math.max(largest, distance)
    most = Math.max(most, Math.abs(b))
    dot += a * b
    left += a * a
    right += b * b
  }
  return { largest, relative: largest / most, cosine: dot / Math.sqrt(left * right), ...of }
}

/** Logits as logarithms of probabilities. */
function logProbabilities(logits: Float32Array): Float32Array {
  const max = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const sum = logits.reduce((total, x) => total + Math.exp(x - max), 0)
  return logits.map(x => x - max - Math.log(sum))
}

/** The first row of C of each of the texts; there are as many as `values` has. */
function firstToken(hidden: Float32Array, values: Float32Array, C: number): Float32Array {
  const texts = values.length / C
  const step = hidden.length / texts
  const out = new Float32Array(values.length)
  for (let b = 0; b < texts; b++) out.set(hidden.subarray(b * step, b * step + C), b * C)
  return out
}
