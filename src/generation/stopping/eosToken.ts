// Texts end with a token.
import { tokenIds } from '../values.ts'
import { type EndOfText, StoppingCriteria, type StoppingInput } from './criterion.ts'

/** Ends the rows whose last token is one of `eos_token_id`. */
export class EosTokenCriteria extends StoppingCriteria implements EndOfText {
  readonly eos_token_id: readonly number[]

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(eos_token_id: number | readonly number[]) {
    super()
    this.eos_token_id = tokenIds('eos_token_id', eos_token_id)
  }

  override stop({ ids }: StoppingInput): boolean[] {
    return ids.map(row => this.eos_token_id.includes(row[row.length - 1]!))
  }
}
