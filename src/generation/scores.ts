// Scores of the next token as plain numbers: the best one, probabilities, log-probabilities.
import { InputError } from '../errors.ts'

/**
 * The place of the highest of the first `count` scores, the first of equals; NaN counts as the highest, as in PyTorch.
 */
export function argmaxOf(scores: Float32Array, count = scores.length): number {
  let best = 0
  let highest = scores[0]!
  for (let i = 1; i < count; i++) {
    if (scores[i]! <= highest) continue
    highest = scores[i]!
    best = i
    if (Number.isNaN(highest)) return best
  }
  return best
}

/**
 * Probabilities of the first `count` scores, e^(x - max) / sum, written into `out`, which may be `scores`. Returns
 * `out`.
 */
export function softmaxOf(
  scores: Float32Array,
  out: Float32Array = new Float32Array(scores.length),
  count = scores.length,
): Float32Array {
  const max = scores[argmaxOf(scores, count)]!
  let sum = 0
  for (let i = 0; i < count; i++) sum += out[i] = exponential(scores[i]! - max)
  const factor = 1 / sum
  for (let i = 0; i < count; i++) out[i]! *= factor
  return out
}

/** Logarithms of the softmax of the first `count` scores, written into `out`, which may be `scores`. Returns `out`. */
export function logSoftmaxOf(
  scores: Float32Array,
  out: Float32Array = new Float32Array(scores.length),
  count = scores.length,
): Float32Array {
  const max = scores[argmaxOf(scores, count)]!
  let sum = 0
  for (let i = 0; i < count; i++) sum += exponential(scores[i]! - max)
  const log = Math.log(sum)
  for (let i = 0; i < count; i++) out[i] = scores[i]! - max - log
  return out
}

/** The mean surprise, -sum p log p, of log-probabilities. */
export function entropyOf(logs: Float32Array, count = logs.length): number {
  let sum = 0
  for (let i = 0; i < count; i++) if (logs[i] !== -Infinity) sum -= logs[i]! * exponential(logs[i]!)
  return sum
}

/** 2^(i / 16), from 2^-1100 to 2^100. */
const steps = 16
const lowest = 1100
const powers = Float64Array.from({ length: steps * (lowest + 101) }, (_, i) => 2 ** (i / steps - lowest))
const stepsInOne = steps * Math.LOG2E
const step = Math.LN2 / steps
/** The place of 2^0, and a half, to round. */
const middle = steps * lowest + 0.5

/**
 * e^x for x up to 69, with a relative error below 1e-10: a power of 2 times a polynomial of the rest. Four times as fast as
 * Math.exp, which matters where the vocabulary is the loop.
 */
function exponential(x: number): number {
  if (x < -700) return 0
  const i = (x * stepsInOne + middle) | 0
  const f = x - (i - steps * lowest) * step
  return powers[i]! * (1 + f * (1 + f * (1 / 2 + f * (1 / 6 + f * (1 / 24)))))
}

/** Throws InputError NAN_LOGITS when the best of a row's scores is NaN, which is where any of them is. */
export function checkNumbers(best: number, row: number, step: number): void {
  if (!Number.isNaN(best)) return
  const message = `generate: scores are NaN (row ${row}, step ${step}): weights, inputs or a logits_processor are broken`
  throw new InputError('NAN_LOGITS', message, { row, step })
}

/** Throws InputError NOTHING_ALLOWED when the best of a row's scores is -Infinity. */
export function checkAllowed(best: number, row: number, step: number): void {
  if (best !== -Infinity) return
  throw new InputError('NOTHING_ALLOWED', `generate: every token is forbidden (row ${row}, step ${step})`, {
    row,
    step,
    hint: 'options that forbid tokens leave none: bad_words_ids, suppress_tokens, prefix_allowed_tokens_fn, logits_processor',
  })
}
