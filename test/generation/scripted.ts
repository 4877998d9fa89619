// A model whose scores are written down: what generation does with them shows without any arithmetic.
import type { CausalModel, StepCache, StepInput } from '../../src/generation/model.ts'

/** Gives the scores of `script` step by step, the same for each row, and remembers what it was asked. */
export class ScriptedModel implements CausalModel {
  readonly vocabularySize: number
  readonly maxLength: number
  readonly asked: StepInput[] = []
  disposed = 0

  readonly #script: readonly (readonly number[])[]

  constructor(script: readonly (readonly number[])[], maxLength = 64) {
    this.#script = script
    this.vocabularySize = script[0]!.length
    this.maxLength = maxLength
  }

  newCache(): StepCache {
    return { dispose: () => this.disposed++ }
  }

  nextLogits(input: StepInput): Float32Array {
    const scores = this.#script[Math.min(this.asked.length, this.#script.length - 1)]!
    this.asked.push(input)
    return Float32Array.from({ length: input.rows * this.vocabularySize }, (_, i) => scores[i % this.vocabularySize]!)
  }
}
