// Texts end at a length.
import { whole } from '../values.ts'
import type { StoppingCriterion, StoppingInput } from './criterion.ts'

/** Ends all rows when prompt and answer have `max_length` tokens. */
export class MaxLengthCriteria implements StoppingCriterion {
  readonly max_length: number

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(max_length: number) {
    this.max_length = whole('max_length', max_length, 1)
  }

  stop({ ids }: StoppingInput): boolean {
    return ids[0]!.length >= this.max_length
  }
}
