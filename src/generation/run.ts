// Everything that a search works with: the model and its cache, the rows, the processors, the conditions, the record.

import { InputError } from '../errors.ts'
import type { Generator } from '../random/generator.ts'
import { nextTurn } from '../turns.ts'
import { warnOnce } from '../warnings.ts'
import type { GenerationConfig } from './config.ts'
import type { Lengths } from './lengths.ts'
import type { GenerationMode } from './mode.ts'
import type { CausalModel, StepCache, StepOutput } from './model.ts'
import type { GenerationOptions } from './options.ts'
import { dispose, type Generated, Recorder } from './outputs.ts'
import type { ProcessorChain } from './processors/chain.ts'
import { type Prompt, Rows } from './rows.ts'
import { type StoppingCriterion, verdictOf } from './stopping/criterion.ts'

export interface RunParts<Cache extends StepCache> {
  readonly model: CausalModel<Cache>
  readonly config: GenerationConfig
  readonly options: GenerationOptions
  readonly mode: GenerationMode
  readonly lengths: Lengths
  readonly prompt: Prompt
  /** (rows, tokens) of the prompt. */
  readonly mask: Int32Array
  readonly rows: Rows
  readonly chain: ProcessorChain
  readonly criteria: readonly StoppingCriterion[]
  /** Tokens that end a text. */
  readonly eos: readonly number[]
  /** The token that fills up rows that have ended. */
  readonly pad: number | undefined
  /** Whether rows that have ended are filled up; else they go on until all have. */
  readonly fillsUp: boolean
  /** Where every draw comes from. */
  readonly generator: Generator
  /** The caller's cache, which stays the caller's. */
  readonly given: Cache | undefined
  /** Frees what processors hold. */
  readonly cleanUp: () => void
}

interface ForwardWishes {
  keep?: number
  hidden?: boolean
  into?: Float32Array
}

export class Run<Cache extends StepCache = StepCache> {
  readonly parts: RunParts<Cache>
  readonly config: GenerationConfig
  readonly rows: Rows
  readonly vocabulary: number
  readonly record: Recorder
  readonly cache: Cache | undefined
  /** Outputs of the last steps: what a failure leaves of them is freed. */
  readonly #held: StepOutput[] = []
  #isReturned = false

  constructor(parts: RunParts<Cache>) {
    const { model, config, rows, lengths, given } = parts
    this.parts = parts
    this.config = config
    this.rows = rows
    this.vocabulary = model.vocabularySize
    this.record = new Recorder(config)
    if (given) busy.add(given)
    this.cache = given ?? (config.use_cache ? model.newCache(lengths.most + rows.lead) : undefined)
  }

  /** Lets other work have its turn. Throws the reason of `signal`. */
  async turn(): Promise<void> {
    await nextTurn()
    this.parts.options.signal?.throwIfAborted()
  }

  /**
   * Reads the tokens of the rows that are not in the cache yet; scores come for the last `keep` ones, in an array of
   * their own, or in `into`.
   */
  async forward(rows = this.rows, { keep = 1, hidden = false, into }: ForwardWishes = {}): Promise<StepOutput> {
    await this.turn()
    const { output_attentions, output_hidden_states } = this.config
    const wishes = { keep, into, output_attentions, output_hidden_states: output_hidden_states || hidden }
    const start = this.cache?.get_seq_length() ?? 0
    return this.hold(this.parts.model.step(rows.stepInput(start, wishes), this.cache))
  }

  /** Takes care of the tensors of an output, should the search fail. */
  hold(output: StepOutput): StepOutput {
    this.#held.push(output)
    if (this.#held.length > 3) this.#held.shift()
    return output
  }

  /**
   * Reads all of the prompt but its last token into the cache where that pays: each prompt once, however many rows go
   * on from it, or in pieces of prefill_chunk_size tokens with turns between them.
   */
  async prefill(): Promise<void> {
    const { model, prompt, mask, given } = this.parts
    const { prefill_chunk_size, output_hidden_states, output_attentions } = this.config
    const isShared = this.rows.count > prompt.rows && !given && !output_hidden_states && !output_attentions
    if (!this.cache || prompt.embeds || !(isShared || prefill_chunk_size !== null)) return
    const rows = isShared ? new Rows(prompt, 1, prompt.length, mask) : this.rows
    const last = rows.tokens - 1
    for (let start = this.cache.get_seq_length(); start < last; start = this.cache.get_seq_length()) {
      await this.turn()
      const output = model.step(rows.part(start, Math.min(start + (prefill_chunk_size ?? last), last)), this.cache)
      dispose(output.hidden_states)
      dispose(output.attentions)
    }
    if (isShared && last > 0) this.cache.reorder_cache(repeated(prompt.rows, this.rows.count / prompt.rows))
  }

  /** Which of the texts have ended after so many steps. Throws ConfigError STOPPING for an answer that is none. */
  ended(ids: readonly Int32Array[], step: number): boolean[] {
    const ended = new Array<boolean>(ids.length).fill(false)
    const input = { ids, step, scores: this.record.scores }
    for (const criterion of this.parts.criteria) {
      const verdict = verdictOf(criterion.stop(input), ids.length)
      for (let row = 0; row < ended.length; row++) ended[row] ||= verdict[row]!
    }
    return ended
  }

  /** The end of a search over the rows themselves. */
  result(): Generated<Cache> {
    return this.resultOf({ rows: this.rows.count, length: this.rows.length, ids: this.rows.flat() })
  }

  /** The end of a search, with what was recorded. */
  resultOf(found: Pick<Generated, 'rows' | 'length' | 'ids' | 'sequences_scores' | 'beam_indices'>): Generated<Cache> {
    this.#warnOfLength(found.length)
    if (!this.config.return_dict_in_generate)
      return { isRich: false, rows: found.rows, length: found.length, ids: found.ids }
    const { scores, logits, attentions, hidden_states } = this.record
    this.#isReturned = true
    return { isRich: true, ...found, scores, logits, attentions, hidden_states, past_key_values: this.cache }
  }

  #warnOfLength(length: number): void {
    const { most, asked } = this.parts.lengths
    if (most === asked || length < most) return
    const message = `generation stopped after ${most} tokens, prompt included: the model has no more places (${asked} were asked for).`
    warnOnce('GENERATION_LENGTH', message)
  }

  /** Frees what is neither the caller's nor returned. */
  dispose(): void {
    if (this.parts.given) busy.delete(this.parts.given)
    this.rows.dispose()
    this.parts.cleanUp()
    if (this.#isReturned) return
    this.record.discard()
    for (const { hidden_states, attentions } of this.#held) {
      dispose(hidden_states)
      dispose(attentions)
    }
    if (!this.parts.given) this.cache?.dispose()
  }
}

/** Each row `copies` times: 0, 0, 1, 1, 2, 2. */
export function repeated(rows: number, copies: number): number[] {
  return Array.from({ length: rows * copies }, (_, i) => Math.floor(i / copies))
}

/** Caches of callers with which a generation is under way. */
const busy = new WeakSet<StepCache>()

/** Throws InputError CACHE_LENGTH when it does not fit in front of the rows, CACHE_BUSY while another run has it. */
export function checkCache(cache: StepCache, rows: Rows): void {
  if (busy.has(cache)) {
    throw new InputError('CACHE_BUSY', 'generate: another generation is under way with these past_key_values', {
      hint: 'await it first, or give each its own cache',
    })
  }
  const cached = cache.get_seq_length()
  if (cached < rows.tokens) return
  throw new InputError(
    'CACHE_LENGTH',
    `generate: past_key_values holds ${cached} tokens, and the text has ${rows.tokens}`,
    {
      hint: 'hand in the whole text, of which past_key_values holds the beginning',
    },
  )
}
