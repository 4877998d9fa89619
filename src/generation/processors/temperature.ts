// Temperature: how much more likely the likely tokens are.
import type { LogitsProcessor, ProcessorInput } from './processor.ts'

/** Divides all scores by `temperature`: below 1 sharpens the distribution, above 1 flattens it. */
export class TemperatureLogitsWarper implements LogitsProcessor {
  readonly temperature: number

  constructor(temperature: number) {
    this.temperature = temperature
  }

  process({ logits }: ProcessorInput): void {
    for (let i = 0; i < logits.length; i++) logits[i]! /= this.temperature
  }
}
