// What a model says without the prompt: the other branch of classifier-free guidance.
import { InputError } from '../errors.ts'
import type { CausalModel, StepCache } from './model.ts'
import { type Prompt, Rows } from './rows.ts'

export class Unconditional {
  readonly #model: CausalModel
  readonly #rows: Rows
  readonly #cache: StepCache | undefined
  readonly #newest: () => number[]
  #scores: Float32Array = new Float32Array(0)
  #step = -1

  /**
   * Begins with `prompt`, each row `copies` times, and goes on with the tokens that `newest` gives for each row, `most`
   * at most. Throws InputError TOO_LONG when they do not fit into the model.
   */
  constructor(
    model: CausalModel,
    prompt: Prompt,
    { copies, most, use_cache, newest }: { copies: number; most: number; use_cache: boolean; newest: () => number[] },
  ) {
    const length = prompt.length + most
    if (length - 1 > model.maxLength) {
      const message = `generate: negative_prompt_ids and the answer are ${length} tokens, the model has ${model.maxLength} places`
      throw new InputError('TOO_LONG', message, { tokens: length, places: model.maxLength })
    }
    this.#model = model
    this.#rows = new Rows(prompt, copies, length, prompt.mask ?? prompt.ids.map(() => 1))
    this.#cache = use_cache ? model.newCache(length) : undefined
    this.#newest = newest
  }

  /** Scores (V) of a row's next token; all rows are read at the first call of a step. */
  scores(row: number, step: number): Float32Array {
    if (step !== this.#step) this.#read(step)
    const V = this.#model.vocabularySize
    return this.#scores.subarray(row * V, (row + 1) * V)
  }

  #read(step: number): void {
    if (step > 0) this.#rows.append(this.#newest())
    this.#step = step
    const start = this.#cache?.get_seq_length() ?? 0
    const input = this.#rows.stepInput(start)
    // As in Hugging Face, places count padding too in this branch.
    const width = this.#rows.length - start
    const position_ids = Int32Array.from({ length: this.#rows.count * width }, (_, i) => start + (i % width))
    this.#scores = this.#model.step({ ...input, position_ids }, this.#cache).logits
  }

  dispose(): void {
    this.#cache?.dispose()
  }
}
