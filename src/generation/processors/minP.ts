// Min-p sampling (Nguyen et al. 2024): a bar that is high where the model is sure.
import type { Candidates } from '../candidates.ts'
import { argmaxOf } from '../scores.ts'
import { within } from '../values.ts'
import { LogitsWarper, spareBest, type WarperOptions } from './warper.ts'

/** Forbids tokens less likely than `min_p` times the likeliest one. */
export class MinPLogitsWarper extends LogitsWarper {
  readonly min_p: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(min_p: number, options: WarperOptions = {}) {
    super(options)
    this.min_p = within('min_p', min_p, 0, 1)
  }

  override warp(candidates: Candidates): void {
    const { count } = candidates
    const probs = candidates.probabilities()
    const bar = Math.fround(this.min_p * probs[argmaxOf(probs, count)]!)
    spareBest(candidates, this.min_tokens_to_keep, probs)
    candidates.keepFrom(bar, probs)
  }
}
