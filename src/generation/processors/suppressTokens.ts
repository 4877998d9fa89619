// Tokens that never come, or not as the first of an answer.
import { tokenIds } from '../values.ts'
import { checkVocabulary, LogitsProcessor, type ProcessorInput } from './processor.ts'

/** Forbids tokens. */
export class SuppressTokensLogitsProcessor extends LogitsProcessor {
  readonly suppress_tokens: readonly number[]

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(suppress_tokens: readonly number[], name = 'suppress_tokens') {
    super()
    this.suppress_tokens = tokenIds(name, suppress_tokens)
  }

  override process({ logits }: ProcessorInput): void {
    checkVocabulary('suppress_tokens', this.suppress_tokens, logits.length)
    for (const id of this.suppress_tokens) logits[id] = -Infinity
  }
}

/** Forbids tokens where a text has `begin_index` tokens. */
export class SuppressTokensAtBeginLogitsProcessor extends SuppressTokensLogitsProcessor {
  readonly begin_index: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(begin_suppress_tokens: readonly number[], begin_index: number) {
    super(begin_suppress_tokens, 'begin_suppress_tokens')
    this.begin_index = begin_index
  }

  override process(input: ProcessorInput): void {
    if (input.ids.length === this.begin_index) super.process(input)
  }
}
