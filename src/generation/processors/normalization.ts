// Scores as log-probabilities.
import { logSoftmaxOf } from '../scores.ts'
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

/** Log-softmax: the exponentials of the scores sum to 1. */
export class LogitNormalization extends LogitsProcessor {
  override process({ logits }: ProcessorInput): void {
    logSoftmaxOf(logits, logits)
  }
}
