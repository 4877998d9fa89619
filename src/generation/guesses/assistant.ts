// Guessing with a smaller model (Leviathan et al. 2022; candidate_generator.py, AssistedCandidateGenerator).
import { ConfigError } from '../../errors.ts'
import { Candidates } from '../candidates.ts'
import type { CausalModel, StepCache } from '../model.ts'
import { Rows } from '../rows.ts'
import type { Run } from '../run.ts'
import { softmaxOf } from '../scores.ts'
import type { Guess, Guesser } from './guess.ts'

/** With the schedule 'heuristic': how many tokens an assistant guesses, from one call of generate() to the next. */
const learned = new WeakMap<CausalModel, number>()

export class AssistantModel implements Guesser {
  readonly #model: CausalModel
  readonly #run: Run
  readonly #rows: Rows
  readonly #cache: StepCache
  readonly #candidates: Candidates
  #count: number
  #guessed = 0

  /** Throws ConfigError ASSISTANT_VOCABULARY when the two models do not have the same tokens. */
  constructor(model: CausalModel, run: Run) {
    if (model.vocabularySize !== run.vocabulary) {
      const message = `generate: assistant_model has ${model.vocabularySize} tokens, the model ${run.vocabulary}: they must be the same`
      throw new ConfigError('ASSISTANT_VOCABULARY', message, { option: 'assistant_model' })
    }
    const { prompt, mask } = run.parts
    const { num_assistant_tokens, num_assistant_tokens_schedule: schedule } = run.config
    this.#model = model
    this.#run = run
    // Another model may have other heads.
    this.#rows = new Rows({ ...prompt, heads: undefined }, 1, run.rows.capacity, mask)
    this.#cache = model.newCache(Math.min(run.rows.capacity, model.maxLength))
    this.#candidates = new Candidates(run.config.do_sample ? run.vocabulary : 0)
    this.#count = (schedule === 'heuristic' ? learned.get(model) : undefined) ?? num_assistant_tokens
  }

  guess(ids: Int32Array, most: number): Guess {
    this.#follow(ids)
    const count = Math.min(Math.floor(this.#count), most, this.#model.maxLength - ids.length)
    const tokens: number[] = []
    const probabilities: Float32Array[] = []
    while (tokens.length < count) {
      const { token, probability, distribution } = this.#next()
      tokens.push(token)
      if (distribution) probabilities.push(distribution)
      this.#rows.append([token])
      const isUnsure = probability < (this.#run.config.assistant_confidence_threshold ?? 0)
      if (isUnsure || this.#run.parts.eos.includes(token)) break
    }
    this.#guessed = tokens.length
    return probabilities.length > 0 ? { tokens, probabilities } : { tokens }
  }

  /** Takes back the guesses that were wrong, and takes over what came instead. */
  #follow(ids: Int32Array): void {
    const own = this.#rows.row(0)
    let same = 0
    while (same < own.length && same < ids.length && own[same] === ids[same]) same++
    this.#rows.crop(same)
    for (const id of ids.subarray(same)) this.#rows.append([id])
    this.#cache.crop(Math.min(same, ids.length - 1))
  }

  #next(): { token: number; probability: number; distribution?: Float32Array } {
    const input = this.#rows.stepInput(this.#cache.get_seq_length())
    const { logits } = this.#model.step(input, this.#cache)
    const { chain, prompt } = this.#run.parts
    const ids = this.#rows.row(0)
    const processing = { ids, logits, step: ids.length - prompt.length, row: 0 }
    if (!this.#run.config.do_sample) {
      const token = chain.apply(processing)
      return { token, probability: softmaxOf(logits)[token]! }
    }
    chain.narrow(processing, this.#candidates)
    const distribution = new Float32Array(logits.length)
    this.#candidates.writeProbabilities(distribution)
    const token = this.#run.parts.generator.multinomial(distribution)[0]!
    return { token, probability: distribution[token]!, distribution }
  }

  learn(right: number): void {
    const schedule = this.#run.config.num_assistant_tokens_schedule
    if (schedule === 'constant') return
    this.#count = right === this.#guessed ? this.#count + 2 : Math.max(1, this.#count - 1)
    if (schedule === 'heuristic') learned.set(this.#model, this.#count)
  }

  dispose(): void {
    this.#cache.dispose()
    this.#rows.dispose()
  }
}
