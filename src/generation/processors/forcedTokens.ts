// Tokens that come at a place whatever the model says.
import { tokenIds, whole } from '../values.ts'
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

function force(logits: Float32Array, ids: readonly number[]): void {
  logits.fill(-Infinity)
  for (const id of ids) logits[id] = 0
}

/** The second token of a text, where the prompt is a single one. */
export class ForcedBOSTokenLogitsProcessor extends LogitsProcessor {
  readonly bos_token_id: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(bos_token_id: number) {
    super()
    this.bos_token_id = whole('forced_bos_token_id', bos_token_id, 0)
  }

  override process({ ids, logits }: ProcessorInput): void {
    if (ids.length === 1) force(logits, [this.bos_token_id])
  }
}

/** The last token, or one of several, when `max_length` is reached. */
export class ForcedEOSTokenLogitsProcessor extends LogitsProcessor {
  readonly max_length: number
  readonly eos_token_id: readonly number[]

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(max_length: number, eos_token_id: number | readonly number[]) {
    super()
    this.max_length = max_length
    this.eos_token_id = tokenIds('forced_eos_token_id', eos_token_id)
  }

  override process({ ids, logits }: ProcessorInput): void {
    if (ids.length === this.max_length - 1) force(logits, this.eos_token_id)
  }
}
