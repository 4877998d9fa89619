// Assisted decoding (transformers/generation/utils.py, _assisted_decoding): others guess tokens, the model checks them
// in one pass. What comes out is what it would have said itself: the same text, or when drawing the same distribution.
import { Candidates } from '../candidates.ts'
import { AssistantModel } from '../guesses/assistant.ts'
import type { Guess, Guesser } from '../guesses/guess.ts'
import { PromptLookup } from '../guesses/promptLookup.ts'
import type { StepCache, StepOutput } from '../model.ts'
import { dispose, type Generated, type GenerationStep } from '../outputs.ts'
import type { Run } from '../run.ts'
import { checkAllowed } from '../scores.ts'

export async function* assisted<C extends StepCache>(run: Run<C>): AsyncGenerator<GenerationStep, Generated<C>> {
  const { rows, parts } = run
  const guesser = guesserOf(run)
  try {
    for (let step = 0, isEnd = false; !isEnd; ) {
      const { length } = rows
      const guess = guesser.guess(rows.row(0), parts.lengths.most - length - 1)
      for (const token of guess.tokens) rows.append([token])
      const output = await run.forward(rows, { keep: guess.tokens.length + 1 })
      const judge = new Judge(run, guess, output, step)
      rows.crop(length)
      let taken = 0
      for (let isRight = true; isRight && !isEnd; taken++) {
        const token = judge.token(taken)
        isRight = token === guess.tokens[taken]
        rows.append([token])
        isEnd = run.ended(rows.all(), ++step)[0]!
        yield { step: step - 1, tokens: [token], ended: [isEnd] }
      }
      judge.record(taken)
      guesser.learn(taken - 1)
      run.cache!.crop(rows.tokens - 1)
    }
  } finally {
    guesser.dispose()
  }
  return run.result()
}

function guesserOf(run: Run): Guesser {
  const { assistant_model } = run.parts.options
  if (assistant_model) return new AssistantModel(assistant_model, run)
  const { prompt_lookup_num_tokens, max_matching_ngram_size } = run.config
  return new PromptLookup(prompt_lookup_num_tokens!, max_matching_ngram_size ?? 2, run.parts.eos)
}

/** What the model itself says at each guessed place, and at the one behind them. */
class Judge {
  readonly #run: Run
  readonly #guess: Guess
  readonly #output: StepOutput
  readonly #first: number
  /** Scores as they came, when they are to be recorded. */
  readonly #raw: Float32Array | undefined
  readonly #best: number[] = []
  /** When drawing: the probabilities (places, V), and draws from them. */
  readonly #probabilities: Float32Array
  readonly #drawn: Int32Array | undefined
  /** Even numbers that decide about guesses with probabilities. */
  readonly #chances: Float32Array

  /** `run.rows` must have the guess behind it. */
  constructor(run: Run, guess: Guess, output: StepOutput, step: number) {
    this.#run = run
    this.#guess = guess
    this.#output = output
    this.#first = step
    this.#raw = run.record.logits && output.logits.slice()
    const places = guess.tokens.length + 1
    this.#probabilities = new Float32Array(run.config.do_sample ? places * run.vocabulary : 0)
    this.#process(places)
    this.#chances = run.parts.generator.uniform(new Float32Array(guess.probabilities?.length ?? 0))
    // Guesses without probabilities are right where a draw gives the same.
    const isPlain = run.config.do_sample && !guess.probabilities
    this.#drawn = isPlain ? run.parts.generator.multinomial(this.#probabilities, 1, { rows: places }) : undefined
  }

  #process(places: number): void {
    const { rows, parts, vocabulary: V, config, record } = this.#run
    const ids = rows.row(0)
    const candidates = new Candidates(config.do_sample ? V : 0)
    for (let i = 0; i < places; i++) {
      const logits = this.#at(this.#output.logits, i)
      const input = { ids: ids.subarray(0, ids.length - places + 1 + i), logits, step: this.#first + i, row: 0 }
      if (!config.do_sample) {
        this.#best.push(parts.chain.apply({ ...input, outputs: this.#output }))
        continue
      }
      parts.chain.narrow({ ...input, outputs: this.#output }, candidates)
      candidates.writeProbabilities(this.#at(this.#probabilities, i))
      if (record.scores) candidates.writeTo(logits)
    }
  }

  #at(values: Float32Array, place: number): Float32Array {
    return values.subarray(place * this.#run.vocabulary, (place + 1) * this.#run.vocabulary)
  }

  /** The token at a place, given that all guesses before it were right. */
  token(place: number): number {
    if (this.#drawn) return this.#drawn[place]!
    if (this.#run.config.do_sample) return this.#speculated(place)
    const best = this.#best[place]!
    checkAllowed(this.#at(this.#output.logits, place)[best]!, 0, this.#first + place)
    return best
  }

  /**
   * The guess with the probability p / q; else a draw from what p has more than q (Leviathan et al. 2022, algorithm 1).
   */
  #speculated(place: number): number {
    const { generator } = this.#run.parts
    const p = this.#at(this.#probabilities, place)
    const guessed = this.#guess.tokens[place]
    const q = this.#guess.probabilities?.[place]
    if (guessed === undefined || !q) return generator.multinomial(p)[0]!
    if (this.#chances[place]! <= p[guessed]! / q[guessed]!) return guessed
    const more = p.map((value, i) => Math.max(value - q[i]!, 0))
    return generator.multinomial(more.some(value => value > 0) ? more : p)[0]!
  }

  /** Records the first places as if each had been a step of its own. */
  record(places: number): void {
    const { record } = this.#run
    for (let i = 0; i < places; i++) {
      if (this.#raw) record.addLogits(this.#at(this.#raw, i))
      record.addScores(this.#at(this.#output.logits, i))
    }
    const guesses = this.#guess.tokens.length
    for (const part of partsOf(this.#output, guesses, record.isDeep ? places : 0)) record.addInner(part)
  }
}

/** The inner values of the first places, one after the other; what was read before them belongs to the first. */
function partsOf(
  output: StepOutput,
  guesses: number,
  places: number,
): Pick<StepOutput, 'hidden_states' | 'attentions'>[] {
  const { hidden_states, attentions } = output
  if (guesses === 0 && places > 0) return [output]
  const parts = Array.from({ length: places }, (_, i) => ({
    ...(hidden_states && {
      hidden_states: hidden_states.map(layer => {
        const end = layer.shape[1]! - guesses + i
        return layer.slice(1, i === 0 ? 0 : end - 1, end)
      }),
    }),
    ...(attentions && {
      attentions: attentions.map(layer => {
        const [, , T, S] = layer.dims4()
        const end = T - guesses + i
        return layer.slice(2, i === 0 ? 0 : end - 1, end).slice(3, 0, S - T + end)
      }),
    }),
  }))
  dispose(hidden_states)
  dispose(attentions)
  return parts
}
