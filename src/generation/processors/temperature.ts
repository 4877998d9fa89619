// Temperature: how much the scores differ.
import type { Candidates } from '../candidates.ts'
import { above } from '../values.ts'
import { LogitsWarper } from './warper.ts'

/** Divides all scores by `temperature`. */
export class TemperatureLogitsWarper extends LogitsWarper {
  readonly temperature: number

  /** Below 1 the likely tokens become likelier, above 1 all come closer. Throws ConfigError GENERATION_VALUE. */
  constructor(temperature: number) {
    super()
    const wanted = 'a number above 0: for the most likely token use do_sample: false'
    this.temperature = above('temperature', temperature, 0, wanted)
  }

  override warp(candidates: Candidates): void {
    candidates.divide(this.temperature)
  }
}
