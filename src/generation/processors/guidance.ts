// Classifier-free guidance for texts (Sanchez et al. 2023): away from what the model says without the prompt.
import { logSoftmaxOf } from '../scores.ts'
import { finite } from '../values.ts'
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

/** Gives the scores (V) of a row's next token without the prompt, or after a negative one. */
export type UnconditionalScores = (row: number, step: number) => Float32Array

/** Moves log-probabilities away from those without the prompt: without + scale * (with - without). */
export class UnbatchedClassifierFreeGuidanceLogitsProcessor extends LogitsProcessor {
  readonly guidance_scale: number
  readonly #without: UnconditionalScores

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(guidance_scale: number, without: UnconditionalScores) {
    super()
    this.guidance_scale = finite('guidance_scale', guidance_scale)
    this.#without = without
  }

  override process({ logits, row, step }: ProcessorInput): void {
    const given = logSoftmaxOf(logits)
    if (this.guidance_scale === 1) {
      logits.set(given)
      return
    }
    const without = logSoftmaxOf(this.#without(row, step))
    for (let i = 0; i < logits.length; i++) {
      logits[i] = Math.fround(this.guidance_scale * Math.fround(given[i]! - without[i]!)) + without[i]!
    }
  }
}
