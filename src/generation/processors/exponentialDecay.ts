// Texts whose end becomes likelier with every token.
import { finite, tokenIds, valueFault, whole } from '../values.ts'
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

/**
 * From the `start`-th new token on adds |score| (factor^n - 1) to the tokens that end a text, n counting the tokens
 * since.
 */
export class ExponentialDecayLengthPenalty extends LogitsProcessor {
  readonly #start: number
  readonly #factor: number
  readonly #ends: readonly number[]

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(
    penalty: readonly [start: number, factor: number],
    eos_token_id: number | readonly number[],
    prompt: number,
  ) {
    super()
    const name = 'exponential_decay_length_penalty'
    if (!Array.isArray(penalty) || penalty.length !== 2) throw valueFault(name, penalty, 'a pair: start and factor')
    this.#start = whole(name, penalty[0], 0) + prompt
    this.#factor = finite(name, penalty[1])
    this.#ends = [...new Set(tokenIds('eos_token_id', eos_token_id))]
  }

  override process({ ids, logits }: ProcessorInput): void {
    const since = ids.length - this.#start
    if (since <= 0) return
    // What is forbidden stays so; in Hugging Face it becomes NaN, which its argmax then takes.
    for (const id of this.#ends) {
      if (logits[id] !== -Infinity) logits[id]! += Math.abs(logits[id]!) * (this.#factor ** since - 1)
    }
  }
}
