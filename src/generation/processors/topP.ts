// Nucleus sampling (Holtzman et al. 2019).
import { softmaxOf } from '../sampling.ts'
import type { LogitsProcessor, ProcessorInput } from './processor.ts'

/** Forbids the least likely tokens whose probabilities sum to no more than 1 - p; the most likely one always stays. */
export class TopPLogitsWarper implements LogitsProcessor {
  readonly p: number

  constructor(p: number) {
    this.p = p
  }

  process({ logits }: ProcessorInput): void {
    const probs = softmaxOf(logits)
    const possible: number[] = []
    for (let i = 0; i < logits.length; i++)
      if (probs[i]! > 0) possible.push(i)
      else logits[i] = -Infinity
    const order = Int32Array.from(possible).sort((a, b) => logits[a]! - logits[b]! || a - b)
    let sum = 0
    for (const i of order.subarray(0, -1)) {
      sum = Math.fround(sum + probs[i]!)
      if (sum > Math.fround(1 - this.p)) return
      logits[i] = -Infinity
    }
  }
}
