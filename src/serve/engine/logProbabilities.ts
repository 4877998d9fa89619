// The log-probabilities of the tokens that a generation takes, read from the scores before temperature and cutoffs.
import { LogitsProcessor, type ProcessorInput } from '../../generation/processors/processor.ts'
import { placesOfBest } from '../../generation/selection.ts'

/** A token and the logarithm of its probability. */
export interface TokenLogProbability {
  readonly id: number
  readonly logprob: number
}

/** A processor that changes nothing and remembers the scores of the step for each row. */
export class LogProbabilities extends LogitsProcessor {
  readonly #logits = new Map<number, Float32Array>()

  override process({ row, logits }: ProcessorInput): void {
    const kept = this.#logits.get(row)
    if (kept) kept.set(logits)
    else this.#logits.set(row, logits.slice())
  }

  /** That of a token in the step that was just made. */
  of(row: number, id: number): number {
    const logits = this.#logits.get(row)!
    return logits[id]! - logSum(logits)
  }

  /** The `count` likeliest tokens of that step, likely ones first. */
  best(row: number, count: number): TokenLogProbability[] {
    return bestOf(this.#logits.get(row)!, count)
  }
}

/** The `count` likeliest tokens under some scores, likely ones first. */
export function bestOf(logits: Float32Array, count: number): TokenLogProbability[] {
  if (count === 0) return []
  const sum = logSum(logits)
  const places = placesOfBest(logits, count, logits.length)
  const ordered = Array.from(places).sort((a, b) => logits[b]! - logits[a]! || a - b)
  return ordered.slice(0, count).map(id => ({ id, logprob: logits[id]! - sum }))
}

/** log(sum(e^x)) */
export function logSum(logits: Float32Array): number {
  let max = -Infinity
  for (const x of logits) if (x > max) max = x
  let sum = 0
  for (const x of logits) sum += Math.exp(x - max)
  return max + Math.log(sum)
}
