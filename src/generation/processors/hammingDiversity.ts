// Groups of beams that keep away from each other (diverse beam search, Vijayakumar et al. 2016).
import { above } from '../values.ts'
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

/** Lowers the score of a token for each beam of an earlier group that took it in this step. */
export class HammingDiversityLogitsProcessor extends LogitsProcessor {
  readonly diversity_penalty: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(diversity_penalty: number) {
    super()
    this.diversity_penalty = above('diversity_penalty', diversity_penalty, 0)
  }

  override process({ logits, taken = [] }: ProcessorInput): void {
    for (const id of taken) logits[id]! -= this.diversity_penalty
  }
}
