// OpenAI's penalties: what a token loses for standing in the answer already, once and for each time.
import type { LogitsProcessor, ProcessorInput } from '../../generation/processors/processor.ts'

export class AnswerPenalties implements LogitsProcessor {
  readonly #presence: number
  readonly #frequency: number
  readonly #promptLength: number

  constructor(presence: number, frequency: number, promptLength: number) {
    this.#presence = presence
    this.#frequency = frequency
    this.#promptLength = promptLength
  }

  process({ ids, logits }: ProcessorInput): void {
    const counts = new Map<number, number>()
    for (const id of ids.subarray(this.#promptLength)) counts.set(id, (counts.get(id) ?? 0) + 1)
    for (const [id, count] of counts) logits[id]! -= this.#presence + this.#frequency * count
  }
}
