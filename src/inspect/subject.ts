// What is profiled: a model and its inputs, made ready so that it can be run again and again with the same work each time.
import { BertForMultipleChoice } from '../../models/bertHeads.ts'
import type { IdsLike } from '../../models/inputs.ts'
import { itemsOf } from '../../models/inputs.ts'
import { PreTrainedModel } from '../../models/pretrained.ts'
import { ConfigError, InputError, valueText } from '../errors.ts'
import { DynamicCache } from '../nn/cache.ts'

/** What `forward` of a model takes. */
export type InputsOf<M extends PreTrainedModel> = M extends { forward(inputs: infer Inputs): unknown }
  ? [Inputs] extends [never]
    ? object
    : Inputs & object
  : object

export interface SubjectOptions {
  /** Tokens that each text has in the cache before: one new token behind them is a step of generate(). */
  past?: number
  /** New tokens of one text, when no inputs are given: 1 with `past`, else 128 or as many as the model has places for. */
  T?: number
}

type Run = PreTrainedModel & { forward(inputs: object): unknown }

export class Subject {
  readonly model: PreTrainedModel
  /** '1 x 128 tokens', '1 x 1 token behind 64' */
  readonly title: string
  readonly #inputs: object
  readonly #cache: DynamicCache | undefined
  readonly #past: number
  readonly #ownsCache: boolean

  /** Throws ConfigError BAD_TYPE, OPTION_VALUE, and what the model's forward throws. */
  constructor(model: PreTrainedModel, given: object | undefined, { past = 0, T }: SubjectOptions) {
    if (!(model instanceof PreTrainedModel)) {
      throw new ConfigError('BAD_TYPE', `profile: expected a model, got ${valueText(model)}`)
    }
    if (given && T !== undefined) {
      throw new ConfigError('OPTION_VALUE', 'profile: T is the length of inputs that are made up, and there are inputs')
    }
    this.model = model
    const inputs: Record<string, unknown> = { ...(given ?? madeUp(model, past, T)) }
    const shape = shapeOf(inputs)
    const theirs = inputs.past_key_values instanceof DynamicCache ? inputs.past_key_values : undefined
    this.#ownsCache = past > 0
    if (past > 0) {
      if (inputs.past_key_values !== undefined) {
        throw new ConfigError('OPTION_VALUE', 'profile: past and past_key_values exclude each other')
      }
      this.#cache = filledCache(model, shape.rows, past, past + shape.tokens)
    } else this.#cache = theirs
    this.#past = this.#cache?.get_seq_length() ?? 0
    this.#inputs = this.#cache ? { ...inputs, past_key_values: this.#cache } : inputs
    const tokens = `${shape.rows} x ${shape.tokens} ${shape.tokens === 1 ? 'token' : 'tokens'}`
    this.title = this.#past > 0 ? `${tokens} behind ${this.#past}` : tokens
  }

  /** One forward; everything it makes is freed, and the cache is as it was. */
  run(): void {
    this.model.backend.scope(() => {
      const output = (this.model as Run).forward(this.#inputs)
      if (typeof output !== 'object' || output === null) return
      for (const value of Object.values(output)) {
        if (value instanceof DynamicCache && value !== this.#cache) value.dispose()
      }
    })
    this.#cache?.crop(this.#past)
  }

  dispose(): void {
    if (this.#ownsCache) this.#cache?.dispose()
  }
}

/** Ids of one text, or of one question with two choices. */
function madeUp(model: PreTrainedModel, past: number, T: number | undefined): object {
  const places = model.config.max_position_embeddings - past
  const length = T ?? (past > 0 ? 1 : Math.min(128, places))
  const ids = idsOf(model, 1, length)
  return { input_ids: model instanceof BertForMultipleChoice ? [[ids[0]!, ids[0]!]] : ids }
}

function idsOf(model: PreTrainedModel, rows: number, length: number): number[][] {
  const V = model.config.vocab_size
  return Array.from({ length: rows }, (_, row) => Array.from({ length }, (_, t) => (row + 7 * t + 3) % V))
}

/** How many rows of how many tokens, choices being rows. */
function shapeOf(inputs: { input_ids?: unknown; inputs_embeds?: unknown }): { rows: number; tokens: number } {
  const { input_ids, inputs_embeds } = inputs
  const { shape } = itemsOf(input_ids ?? inputs_embeds, 'input_ids', 'ID_TYPE')
  const rows = input_ids === undefined ? shape.slice(0, -1) : shape
  const [tokens = 1, ...outer] = [...rows].reverse()
  return { rows: outer.reduce((product, n) => product * n, 1), tokens }
}

function filledCache(model: PreTrainedModel, rows: number, past: number, reserve: number): DynamicCache {
  const cache = new DynamicCache({ reserve })
  try {
    const input_ids: IdsLike = idsOf(model, rows, past)
    model.backend.scope(() => {
      ;(model as Run).forward({ input_ids, past_key_values: cache })
    })
    if (cache.get_seq_length() === past) return cache
    const hint = 'past is for models that generate'
    throw new InputError('NO_CACHE', `profile: ${model.constructor.name} keeps no keys and values`, { hint })
  } catch (error) {
    cache.dispose()
    throw error
  }
}
