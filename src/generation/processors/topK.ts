// Top-k sampling (Fan et al. 2018).
import { kthLargest } from '../sampling.ts'
import type { LogitsProcessor, ProcessorInput } from './processor.ts'

/** Forbids all tokens but the k of the highest score, and those that equal the last of them. */
export class TopKLogitsWarper implements LogitsProcessor {
  readonly k: number

  constructor(k: number) {
    this.k = k
  }

  process({ logits }: ProcessorInput): void {
    if (this.k >= logits.length) return
    const least = kthLargest(logits, this.k)
    for (let i = 0; i < logits.length; i++) if (logits[i]! < least) logits[i] = -Infinity
  }
}
