// Texts that must not end before they have a length.
import { tokenIds, whole } from '../values.ts'
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

abstract class NotBefore extends LogitsProcessor {
  readonly #length: number
  readonly #ends: readonly number[]

  constructor(length: number, eos_token_id: number | readonly number[]) {
    super()
    this.#length = length
    this.#ends = tokenIds('eos_token_id', eos_token_id)
  }

  override process({ ids, logits }: ProcessorInput): void {
    if (ids.length < this.#length) for (const id of this.#ends) logits[id] = -Infinity
  }
}

/** Forbids the tokens that end a text until prompt and answer have `min_length` tokens. */
export class MinLengthLogitsProcessor extends NotBefore {
  /** Throws ConfigError GENERATION_VALUE. */
  constructor(min_length: number, eos_token_id: number | readonly number[]) {
    super(whole('min_length', min_length, 0), eos_token_id)
  }
}

/** Forbids the tokens that end a text until the answer has `min_new_tokens` tokens. */
export class MinNewTokensLengthLogitsProcessor extends NotBefore {
  /** Throws ConfigError GENERATION_VALUE. */
  constructor(prompt_length_to_skip: number, min_new_tokens: number, eos_token_id: number | readonly number[]) {
    super(prompt_length_to_skip + whole('min_new_tokens', min_new_tokens, 0), eos_token_id)
  }
}
