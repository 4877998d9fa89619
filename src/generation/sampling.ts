// Choosing a token from scores, on plain arrays.
import type { Generator } from '../random/generator.ts'

/** The place of the highest score, the first of equals. */
export function argmaxOf(logits: Float32Array): number {
  let best = 0
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i
  return best
}

/** Probabilities of the scores: e^(x - max) / sum. */
export function softmaxOf(logits: Float32Array): Float32Array {
  const max = logits[argmaxOf(logits)]!
  const probs = logits.map(score => Math.exp(score - max))
  let sum = 0
  for (let i = 0; i < probs.length; i++) sum += probs[i]!
  for (let i = 0; i < probs.length; i++) probs[i]! /= sum
  return probs
}

/** The k-th largest score. 1 <= k <= length. */
export function kthLargest(logits: Float32Array, k: number): number {
  return logits.slice().sort()[logits.length - k]!
}

/**
 * A token for each row of scores (rows, V), drawn with their probabilities; all rows take part in the draw, those that
 * have ended too, as in Hugging Face.
 */
export function sampleRows(logits: Float32Array, rows: number, generator: Generator): Int32Array {
  const width = logits.length / rows
  const probs = new Float32Array(logits.length)
  for (let begin = 0; begin < logits.length; begin += width) {
    probs.set(softmaxOf(logits.subarray(begin, begin + width)), begin)
  }
  return generator.multinomial(probs, 1, { rows })
}
