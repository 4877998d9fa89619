// The texts of a batch as generation keeps them: rows of ids with their masks and places, growing by a token each step.
import { sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { HeadMask, StepInput } from './model.ts'

export interface Prompt {
  readonly rows: number
  /** Ids in each row; 0 when there are only embeddings. */
  readonly length: number
  /** (rows, length) */
  readonly ids: Int32Array
  /** (rows, tokens) of 0 and 1; guessed from the padding token unless given. */
  readonly mask?: Int32Array | undefined
  readonly types?: Int32Array | undefined
  /** (rows, tokens): each token's place, counted by the mask unless given. */
  readonly places?: Int32Array | undefined
  readonly heads?: HeadMask | undefined
  readonly embeds?: PromptEmbeds | undefined
}

/** Embeddings that are read in the place of the prompt's ids. */
export interface PromptEmbeds {
  /** Tokens in each row. */
  readonly length: number
  /** The embeddings (rows * copies, length, C) with each row `copies` times. */
  spread(copies: number): Tensor
}

/** What a step is to give besides the scores of the last token. */
export interface StepWishes {
  readonly keep?: number
  readonly into?: Float32Array | undefined
  readonly output_hidden_states?: boolean
  readonly output_attentions?: boolean
}

/** Rows of tokens with room for `capacity` each. */
export class Rows {
  readonly count: number
  readonly capacity: number
  /** Tokens that were read as embeddings and have no id: they stand before the ids. */
  readonly lead: number
  readonly #ids: Int32Array
  readonly #mask: Int32Array
  readonly #places: Int32Array
  readonly #types: Int32Array | undefined
  /** Places that the caller gave; tokens behind the prompt take the last one, as in Hugging Face. */
  readonly #given: Int32Array | undefined
  readonly #heads: HeadMask | undefined
  readonly #embeds: Tensor | undefined
  /** Tokens of each row that are no padding. */
  readonly #seen: Int32Array
  #length: number

  /** Each prompt `copies` times, one after the other; `mask` is the prompt's. */
  constructor(prompt: Prompt, copies: number, capacity: number, mask: Int32Array) {
    this.count = prompt.rows * copies
    this.capacity = capacity
    this.#length = prompt.length
    this.lead = prompt.embeds ? prompt.embeds.length - prompt.length : 0
    const width = this.lead + capacity
    this.#ids = spread(prompt.ids, prompt.rows, copies, capacity)
    this.#mask = spread(mask, prompt.rows, copies, width)
    this.#types = prompt.types && spread(prompt.types, prompt.rows, copies, capacity)
    this.#given = prompt.places && spread(prompt.places, prompt.rows, copies, this.lead + prompt.length)
    this.#heads = prompt.heads && spreadHeads(prompt.heads, prompt.rows, copies)
    this.#embeds = prompt.embeds?.spread(copies)
    this.#seen = new Int32Array(this.count)
    this.#places = new Int32Array(this.#mask.length)
    for (let row = 0; row < this.count; row++) {
      for (let t = 0; t < this.lead + prompt.length; t++) this.#place(row, t)
    }
  }

  /** A token's place is the number of tokens before it; padding gets place 1, as in Hugging Face. */
  #place(row: number, t: number): void {
    const at = row * (this.lead + this.capacity) + t
    const counted = this.#mask[at] === 1 ? this.#seen[row]!++ : 1
    this.#places[at] = this.#given ? givenPlace(this.#given, row, t, this.count) : counted
  }

  /** Ids in each row. */
  get length(): number {
    return this.#length
  }

  /** Tokens in each row, embedded ones included: what a cache holds when all are read. */
  get tokens(): number {
    return this.lead + this.#length
  }

  /** The ids of one row so far. */
  row(row: number): Int32Array {
    return this.#ids.subarray(row * this.capacity, row * this.capacity + this.#length)
  }

  /** 1 for each token of a row, 0 for padding. */
  mask(row: number): Int32Array {
    const start = row * (this.lead + this.capacity)
    return this.#mask.subarray(start, start + this.tokens)
  }

  /** The ids of each row so far. */
  all(): Int32Array[] {
    return Array.from({ length: this.count }, (_, row) => this.row(row))
  }

  /** Puts one token behind each row. */
  append(tokens: ArrayLike<number>): void {
    const at = this.#length++
    const width = this.lead + this.capacity
    for (let row = 0; row < this.count; row++) {
      const id = row * this.capacity + at
      const token = row * width + this.lead + at
      this.#ids[id] = tokens[row]!
      this.#mask[token] = 1
      this.#place(row, this.lead + at)
      if (this.#types) this.#types[id] = at === 0 ? 0 : this.#types[id - 1]!
    }
  }

  /** Takes back the tokens from `length` on, which were appended. */
  crop(length: number): void {
    for (let row = 0; row < this.count; row++) this.#seen[row]! -= this.#length - length
    this.#length = length
  }

  /** Row i becomes what row `sources[i]` was. */
  reorder(sources: ArrayLike<number>): void {
    const [ids, mask, places, seen] = [this.#ids, this.#mask, this.#places, this.#seen].map(values => values.slice())
    const width = this.lead + this.capacity
    for (let row = 0; row < this.count; row++) {
      const from = sources[row]!
      this.#ids.set(ids!.subarray(from * this.capacity, from * this.capacity + this.#length), row * this.capacity)
      this.#mask.set(mask!.subarray(from * width, from * width + this.tokens), row * width)
      this.#places.set(places!.subarray(from * width, from * width + this.tokens), row * width)
      this.#seen[row] = seen![from]!
    }
  }

  /** The input of a step that reads the tokens from `start` on, with the mask of all. */
  stepInput(start: number, wishes: StepWishes = {}): StepInput {
    const { keep = 1, into, output_hidden_states = false, output_attentions = false } = wishes
    const width = this.lead + this.capacity
    const firstId = Math.max(start - this.lead, 0)
    return {
      rows: this.count,
      input_ids: this.#cut(this.#ids, this.capacity, firstId, this.#length),
      inputs_embeds: start === 0 ? this.#embeds : undefined,
      attention_mask: this.#cut(this.#mask, width, 0, this.tokens),
      position_ids: this.#cut(this.#places, width, start, this.tokens),
      token_type_ids: this.#types && this.#cut(this.#types, this.capacity, firstId, this.#length),
      head_mask: this.#heads,
      keep,
      into,
      output_hidden_states,
      output_attentions,
    }
  }

  /** The input of a step that reads only the tokens from `start` up to `end`. */
  part(start: number, end: number): StepInput {
    const width = this.lead + this.capacity
    return {
      ...this.stepInput(start),
      input_ids: this.#cut(this.#ids, this.capacity, start, end),
      attention_mask: this.#cut(this.#mask, width, 0, end),
      position_ids: this.#cut(this.#places, width, start, end),
      token_type_ids: this.#types && this.#cut(this.#types, this.capacity, start, end),
    }
  }

  #cut(values: Int32Array, width: number, start: number, end: number): Int32Array {
    if (this.count === 1) return values.subarray(start, end)
    const out = new Int32Array(this.count * (end - start))
    for (let row = 0; row < this.count; row++) {
      out.set(values.subarray(row * width + start, row * width + end), row * (end - start))
    }
    return out
  }

  /** A copy of all ids: (count, length). */
  flat(): Int32Array {
    return this.#cut(this.#ids, this.capacity, 0, this.#length).slice()
  }

  dispose(): void {
    this.#embeds?.dispose()
  }
}

function givenPlace(places: Int32Array, row: number, t: number, rows: number): number {
  const n = places.length / rows
  return places[row * n + Math.min(t, n - 1)]!
}

/** Factors of each row `copies` times; those for all rows as they are. */
function spreadHeads(heads: HeadMask, rows: number, copies: number): HeadMask {
  const [L = 1, B = 1, ...inner] = heads.shape
  if (copies === 1 || heads.shape.length < 5 || B !== rows) return heads
  const size = sizeOf(inner)
  const values = new Float32Array(heads.values.length * copies)
  for (let i = 0; i < L * B * copies; i++) {
    const from = Math.floor(i / copies) * size
    values.set(heads.values.subarray(from, from + size), i * size)
  }
  return { values, shape: [L, B * copies, ...inner] }
}

/** (rows, n) values as (rows * copies, width), each row `copies` times, filled up with 0. */
function spread(values: Int32Array, rows: number, copies: number, width: number): Int32Array {
  const n = values.length / rows
  const out = new Int32Array(rows * copies * width)
  for (let row = 0; row < rows * copies; row++) {
    const from = Math.floor(row / copies) * n
    out.set(values.subarray(from, from + n), row * width)
  }
  return out
}
