// Repetition penalty (CTRL, Keskar et al. 2019), and its counterpart for the tokens of another text.
import { above, whole } from '../values.ts'
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

/** Changes the score of each token of `ids` once. `seen` has a place for each token, all 0 before and after. */
function penalize(logits: Float32Array, ids: ArrayLike<number>, penalty: number, seen: Uint8Array): void {
  for (let t = 0; t < ids.length; t++) {
    const id = ids[t]!
    if (seen[id] === 1) continue
    seen[id] = 1
    const score = logits[id]!
    logits[id] = score < 0 ? score * penalty : score / penalty
  }
  for (let t = 0; t < ids.length; t++) seen[ids[t]!] = 0
}

export interface RepetitionPenaltyOptions {
  /** So many tokens at the beginning do not count: of all rows, or of each. */
  prompt_ignore_length?: number | readonly number[]
}

/** Divides positive scores of the tokens that are already there by `penalty`, and multiplies negative ones. */
export class RepetitionPenaltyLogitsProcessor extends LogitsProcessor {
  readonly penalty: number
  readonly prompt_ignore_length: number | readonly number[]
  #seen = new Uint8Array(0)

  /** Above 1 discourages repetition, below 1 rewards it. Throws ConfigError GENERATION_VALUE. */
  constructor(penalty: number, { prompt_ignore_length = 0 }: RepetitionPenaltyOptions = {}) {
    super()
    this.penalty = above('repetition_penalty', penalty, 0)
    if (typeof prompt_ignore_length === 'number') whole('prompt_ignore_length', prompt_ignore_length, 0)
    this.prompt_ignore_length = prompt_ignore_length
  }

  override process({ ids, logits, row }: ProcessorInput): void {
    const { prompt_ignore_length: ignored } = this
    if (this.#seen.length !== logits.length) this.#seen = new Uint8Array(logits.length)
    const first = typeof ignored === 'number' ? ignored : ignored[row]!
    penalize(logits, ids.subarray(first), this.penalty, this.#seen)
  }
}

/** Makes the tokens of another text likelier: those of `encoder_input_ids`, one list for each row or text. */
export class EncoderRepetitionPenaltyLogitsProcessor extends LogitsProcessor {
  readonly penalty: number
  readonly encoder_input_ids: readonly ArrayLike<number>[]
  readonly #rowsOfText: number
  #seen = new Uint8Array(0)

  /** `rowsOfText` rows belong to each text. Throws ConfigError GENERATION_VALUE. */
  constructor(penalty: number, encoder_input_ids: readonly ArrayLike<number>[], rowsOfText = 1) {
    super()
    this.penalty = 1 / above('encoder_repetition_penalty', penalty, 0)
    this.encoder_input_ids = encoder_input_ids
    this.#rowsOfText = rowsOfText
  }

  override process({ logits, row }: ProcessorInput): void {
    if (this.#seen.length !== logits.length) this.#seen = new Uint8Array(logits.length)
    penalize(logits, this.encoder_input_ids[Math.floor(row / this.#rowsOfText)]!, this.penalty, this.#seen)
  }
}
