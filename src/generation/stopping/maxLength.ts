// Texts end at a length.
import { whole } from '../values.ts'
import { StoppingCriteria, type StoppingInput } from './criterion.ts'

/** Ends all rows when prompt and answer have `max_length` tokens. */
export class MaxLengthCriteria extends StoppingCriteria {
  readonly max_length: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(max_length: number) {
    super()
    this.max_length = whole('max_length', max_length, 1)
  }

  override stop({ ids }: StoppingInput): boolean {
    return ids[0]!.length >= this.max_length
  }
}
