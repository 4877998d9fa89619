// Scores as log-probabilities.
import { logSoftmaxOf } from '../scores.ts'
import type { LogitsProcessor, ProcessorInput } from './processor.ts'

/** Log-softmax: the exponentials of the scores sum to 1. */
export class LogitNormalization implements LogitsProcessor {
  process({ logits }: ProcessorInput): void {
    logSoftmaxOf(logits, logits)
  }
}
