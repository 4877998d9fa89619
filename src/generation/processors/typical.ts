// Locally typical sampling (Meister et al. 2022).
import type { Candidates } from '../candidates.ts'
import { entropyOf } from '../scores.ts'
import { kthLargest, massBar } from '../selection.ts'
import { between } from '../values.ts'
import { LogitsWarper, type WarperOptions } from './warper.ts'

/** Keeps the tokens whose surprise is nearest to the mean surprise, until their probabilities sum to `mass`. */
export class TypicalLogitsWarper extends LogitsWarper {
  readonly mass: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(mass = 0.9, options: WarperOptions = {}) {
    super(options)
    this.mass = between('typical_p', mass, 0, 1)
  }

  override warp(candidates: Candidates): void {
    const { count } = candidates
    const mass = Math.fround(this.mass)
    const logs = candidates.logProbabilities()
    const entropy = entropyOf(logs, count)
    const distance = new Float32Array(count)
    const nearness = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      distance[i] = Math.abs(-logs[i]! - entropy)
      nearness[i] = -distance[i]!
    }
    // The token that reaches the mass stays, and all that are as near as it.
    const { bar } = massBar(distance, candidates.probabilities(), count, sum => Math.fround(sum) < mass)
    const least = kthLargest(nearness, Math.min(this.min_tokens_to_keep, count))
    candidates.keepFrom(Math.min(-bar, least), nearness)
  }
}
