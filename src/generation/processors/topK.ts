// Top-k sampling (Fan et al. 2018).
import type { Candidates } from '../candidates.ts'
import { whole } from '../values.ts'
import { LogitsWarper, type WarperOptions } from './warper.ts'

/** Forbids all tokens but the k of the highest score, and those that equal the last of them. */
export class TopKLogitsWarper extends LogitsWarper {
  readonly top_k: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(top_k: number, options: WarperOptions = {}) {
    super(options)
    this.top_k = Math.max(whole('top_k', top_k, 1), this.min_tokens_to_keep)
  }

  override warp(candidates: Candidates): void {
    candidates.keepBest(this.top_k)
  }
}
