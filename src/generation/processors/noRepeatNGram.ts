// Runs of tokens that must not come twice (Paulus et al. 2017).
import { whole } from '../values.ts'
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

/** Forbids each token that would make the last `size` tokens a run that `text` has. */
function forbidRepeats(logits: Float32Array, ids: ArrayLike<number>, text: ArrayLike<number>, size: number): void {
  const begin = ids.length + 1 - size
  if (begin < 0) return
  for (let at = 0; at + size <= text.length; at++) {
    let same = 0
    while (same < size - 1 && text[at + same] === ids[begin + same]) same++
    if (same === size - 1) logits[text[at + same]!] = -Infinity
  }
}

/** Every run of `ngram_size` tokens comes at most once, the prompt included. */
export class NoRepeatNGramLogitsProcessor extends LogitsProcessor {
  readonly ngram_size: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(ngram_size: number) {
    super()
    this.ngram_size = whole('no_repeat_ngram_size', ngram_size, 1)
  }

  override process({ ids, logits }: ProcessorInput): void {
    forbidRepeats(logits, ids, ids, this.ngram_size)
  }
}

/**
 * No run of `encoder_ngram_size` tokens of another text comes: of `encoder_input_ids`, one list for each row or text.
 */
export class EncoderNoRepeatNGramLogitsProcessor extends LogitsProcessor {
  readonly ngram_size: number
  readonly encoder_input_ids: readonly ArrayLike<number>[]
  readonly #rowsOfText: number

  /** `rowsOfText` rows belong to each text. Throws ConfigError GENERATION_VALUE. */
  constructor(encoder_ngram_size: number, encoder_input_ids: readonly ArrayLike<number>[], rowsOfText = 1) {
    super()
    this.ngram_size = whole('encoder_no_repeat_ngram_size', encoder_ngram_size, 1)
    this.encoder_input_ids = encoder_input_ids
    this.#rowsOfText = rowsOfText
  }

  override process({ ids, logits, row }: ProcessorInput): void {
    forbidRepeats(logits, ids, this.encoder_input_ids[Math.floor(row / this.#rowsOfText)]!, this.ngram_size)
  }
}
