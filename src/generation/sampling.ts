// Choosing a token from scores, on plain arrays.
import type { Random } from '../random.ts'

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

/** A token drawn with the probabilities of the scores. */
export function sampleFrom(logits: Float32Array, random: Random): number {
  const probs = softmaxOf(logits)
  let rest = random.uniform()
  let last = 0
  for (let i = 0; i < probs.length; i++) {
    if (probs[i]! === 0) continue
    rest -= probs[i]!
    last = i
    if (rest < 0) break
  }
  return last
}
