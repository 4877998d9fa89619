// Scores that are no numbers.
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

const largest = 3.4028234663852886e38

/** NaN becomes 0, infinite scores become the largest and the lowest float32. */
export class InfNanRemoveLogitsProcessor extends LogitsProcessor {
  override process({ logits }: ProcessorInput): void {
    for (let i = 0; i < logits.length; i++) {
      const score = logits[i]!
      logits[i] = Number.isNaN(score) ? 0 : Math.min(Math.max(score, -largest), largest)
    }
  }
}
