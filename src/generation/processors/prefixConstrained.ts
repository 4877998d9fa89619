// Tokens that a function of the user allows (De Cao et al. 2020).
import { InputError } from '../../errors.ts'
import { checkVocabulary, LogitsProcessor, type ProcessorInput } from './processor.ts'

/** Lists what may follow the tokens of a text: its number in the batch, its tokens so far. */
export type PrefixAllowedTokens = (batch: number, ids: number[]) => readonly number[]

/** Forbids all tokens but those that the function lists. */
export class PrefixConstrainedLogitsProcessor extends LogitsProcessor {
  readonly #allowed: PrefixAllowedTokens
  readonly #beams: number

  /** `num_beams` rows belong to each text. */
  constructor(prefix_allowed_tokens_fn: PrefixAllowedTokens, num_beams = 1) {
    super()
    this.#allowed = prefix_allowed_tokens_fn
    this.#beams = num_beams
  }

  /** Throws InputError NOTHING_ALLOWED for an empty list. */
  override process({ ids, logits, row }: ProcessorInput): void {
    const text = Math.floor(row / this.#beams)
    const allowed = new Set(this.#allowed(text, Array.from(ids)))
    if (allowed.size === 0) {
      throw new InputError('NOTHING_ALLOWED', `generate: prefix_allowed_tokens_fn lists no token for text ${text}`)
    }
    checkVocabulary('prefix_allowed_tokens_fn', allowed, logits.length)
    const kept = Array.from(allowed, id => [id, logits[id]!] as const)
    logits.fill(-Infinity)
    for (const [id, score] of kept) logits[id] = score
  }
}
