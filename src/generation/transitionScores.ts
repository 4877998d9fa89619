// The scores of the tokens that were taken (transformers/generation/utils.py, compute_transition_scores).
import { logSoftmaxOf } from './scores.ts'

/** A table of whole numbers, (rows, length). */
export interface Table {
  readonly rows: number
  readonly length: number
  readonly values: ArrayLike<number>
}

/**
 * The score of each new token in the row that it came from: `scores` has (rows, V) for each step, `beams` the row for
 * each token of `sequences` (the row itself without beams), -1 behind the end, where the result is 0. (rows of
 * sequences, new tokens)
 */
export function transitionScores(
  sequences: Table,
  scores: readonly Float32Array[],
  V: number,
  { beams, normalize = false }: { beams?: Table | undefined; normalize?: boolean } = {},
): Table & { readonly values: Float32Array } {
  const steps = normalize ? scores.map(step => normalized(step, V)) : scores
  const beamOf = (row: number, t: number): number => (beams ? beams.values[row * beams.length + t]! : row)
  const lengths = Array.from({ length: sequences.rows }, (_, row) => {
    let length = 0
    for (let t = 0; t < (beams?.length ?? scores.length); t++) if (beamOf(row, t) >= 0) length++
    return length
  })
  const length = Math.max(...lengths)
  const values = new Float32Array(sequences.rows * length)
  const first = sequences.length - length
  for (let row = 0; row < sequences.rows; row++) {
    for (let t = 0; t < length; t++) {
      const beam = beamOf(row, t)
      const token = sequences.values[row * sequences.length + first + t]!
      if (beam >= 0) values[row * length + t] = steps[t]![beam * V + token]!
    }
  }
  return { rows: sequences.rows, length, values }
}

function normalized(step: Float32Array, V: number): Float32Array {
  const out = new Float32Array(step.length)
  for (let at = 0; at < step.length; at += V) logSoftmaxOf(step.subarray(at, at + V), out.subarray(at, at + V))
  return out
}
