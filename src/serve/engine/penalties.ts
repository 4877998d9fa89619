// OpenAI's penalties: what a token loses for standing in the answer already, once and for each time.
import { LogitsProcessor, type ProcessorInput } from '../../generation/processors/processor.ts'

export class AnswerPenalties extends LogitsProcessor {
  readonly #presence: number
  readonly #frequency: number
  readonly #promptLength: number

  constructor(presence: number, frequency: number, promptLength: number) {
    super()
    this.#presence = presence
    this.#frequency = frequency
    this.#promptLength = promptLength
  }

  override process({ ids, logits }: ProcessorInput): void {
    const counts = new Map<number, number>()
    for (const id of ids.subarray(this.#promptLength)) counts.set(id, (counts.get(id) ?? 0) + 1)
    for (const [id, count] of counts) logits[id]! -= this.#presence + this.#frequency * count
  }
}
