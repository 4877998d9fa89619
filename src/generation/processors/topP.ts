// Nucleus sampling (Holtzman et al. 2019).
import type { Candidates } from '../candidates.ts'
import { massBar } from '../selection.ts'
import { within } from '../values.ts'
import { LogitsWarper, spareBest, spared, type WarperOptions } from './warper.ts'

/** Forbids the least likely tokens whose probabilities sum to no more than 1 - p; of equal ones the last. */
export class TopPLogitsWarper extends LogitsWarper {
  readonly top_p: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(top_p: number, options: WarperOptions = {}) {
    super(options)
    this.top_p = within('top_p', top_p, 0, 1)
  }

  override warp(candidates: Candidates): void {
    const { count } = candidates
    const probs = candidates.probabilities()
    const most = Math.fround(1 - this.top_p)
    const fits = (sum: number) => Math.fround(sum) <= most
    const { bar, below } = massBar(probs, probs, count, fits)
    spareBest(candidates, this.min_tokens_to_keep, probs)
    dropLast(probs, count, bar, timesThatFit(below, bar, fits))
    candidates.keepFrom(Math.min(bar, spared), probs)
  }
}

/** How often a probability can be added to a sum that still fits. */
function timesThatFit(sum: number, probability: number, fits: (sum: number) => boolean): number {
  let times = 0
  while (fits(sum + (times + 1) * probability)) times++
  return times
}

/** Takes the last `n` tokens of a probability away. */
function dropLast(probs: Float32Array, count: number, probability: number, n: number): void {
  let left = n
  for (let i = count - 1; i >= 0 && left > 0; i--) {
    if (probs[i] !== probability) continue
    probs[i] = -1
    left--
  }
}
