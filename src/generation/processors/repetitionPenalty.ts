// Repetition penalty (CTRL, Keskar et al. 2019).
import type { LogitsProcessor, ProcessorInput } from './processor.ts'

/** Divides positive scores of the tokens that are already there by `penalty`, and multiplies negative ones. */
export class RepetitionPenaltyLogitsProcessor implements LogitsProcessor {
  readonly penalty: number

  /** Above 1 discourages repetition, below 1 rewards it. */
  constructor(penalty: number) {
    this.penalty = penalty
  }

  process({ ids, logits }: ProcessorInput): void {
    for (const id of new Set(ids)) {
      const score = logits[id]!
      logits[id] = score < 0 ? score * this.penalty : score / this.penalty
    }
  }
}
