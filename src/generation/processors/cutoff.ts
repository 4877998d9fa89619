// Cutoffs: tokens below a probability are forbidden, a fixed one (epsilon) or one that sinks where the distribution is
// flat (eta).
import type { Candidates } from '../candidates.ts'
import { entropyOf } from '../scores.ts'
import { kthLargest } from '../selection.ts'
import { between } from '../values.ts'
import { LogitsWarper, type WarperOptions } from './warper.ts'

abstract class CutoffLogitsWarper extends LogitsWarper {
  readonly epsilon: number

  constructor(name: string, epsilon: number, options: WarperOptions) {
    super(options)
    this.epsilon = between(name, epsilon, 0, 1)
  }

  /** The lowest probability that stays. */
  protected abstract bar(candidates: Candidates): number

  override warp(candidates: Candidates): void {
    const { scores, count } = candidates
    const bar = Math.fround(this.bar(candidates))
    const best = kthLargest(scores, Math.min(this.min_tokens_to_keep, count), count)
    const probs = candidates.probabilities()
    for (let i = 0; i < count; i++) if (scores[i]! >= best) probs[i] = 1
    candidates.keepFrom(bar, probs)
  }
}

/** Forbids tokens with a probability below `epsilon` (Hewitt et al. 2022). */
export class EpsilonLogitsWarper extends CutoffLogitsWarper {
  /** Throws ConfigError GENERATION_VALUE. */
  constructor(epsilon: number, options: WarperOptions = {}) {
    super('epsilon_cutoff', epsilon, options)
  }

  protected override bar(): number {
    return this.epsilon
  }
}

/** Forbids tokens with a probability below min(epsilon, sqrt(epsilon) e^-entropy) (Hewitt et al. 2022). */
export class EtaLogitsWarper extends CutoffLogitsWarper {
  /** Throws ConfigError GENERATION_VALUE. */
  constructor(epsilon: number, options: WarperOptions = {}) {
    super('eta_cutoff', epsilon, options)
  }

  protected override bar(candidates: Candidates): number {
    const entropy = entropyOf(candidates.logProbabilities(), candidates.count)
    return Math.min(this.epsilon, Math.sqrt(this.epsilon) * Math.exp(-entropy))
  }
}
