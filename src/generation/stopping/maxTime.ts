// Texts end at a time.
import { within } from '../values.ts'
import { StoppingCriteria } from './criterion.ts'

/** Ends all rows when more than `max_time` seconds have passed since it was made. */
export class MaxTimeCriteria extends StoppingCriteria {
  readonly max_time: number
  readonly #start: number

  /**
   * `initial_timestamp` is the beginning, in milliseconds as of performance.now(). Throws ConfigError GENERATION_VALUE.
   */
  constructor(max_time: number, initial_timestamp = performance.now()) {
    super()
    this.max_time = within('max_time', max_time, 0, Infinity)
    this.#start = initial_timestamp
  }

  override stop(): boolean {
    return performance.now() - this.#start > this.max_time * 1000
  }
}
