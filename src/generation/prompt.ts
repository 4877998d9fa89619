// The prompts of a batch as generation keeps them: rows of ids with their masks, growing by a token each step.
import { InputError } from '../errors.ts'
import type { StepInput } from './model.ts'

export interface Prompt {
  readonly rows: number
  readonly length: number
  /** (rows, length) */
  readonly ids: Int32Array
  /** (rows, length) of 0 and 1; guessed from the padding token unless given. */
  readonly mask?: Int32Array | undefined
  readonly types?: Int32Array | undefined
}

/** Rows of tokens with room for `capacity` each. */
export class Rows {
  readonly count: number
  readonly capacity: number
  #length: number
  readonly #ids: Int32Array
  readonly #mask: Int32Array
  readonly #types: Int32Array | undefined

  /** Each prompt `copies` times, one after the other. */
  constructor(prompt: Prompt, copies: number, capacity: number, mask: Int32Array) {
    this.count = prompt.rows * copies
    this.capacity = capacity
    this.#length = prompt.length
    const spread = (values: Int32Array): Int32Array => {
      const out = new Int32Array(this.count * capacity)
      for (let row = 0; row < this.count; row++) {
        const from = Math.floor(row / copies) * prompt.length
        out.set(values.subarray(from, from + prompt.length), row * capacity)
      }
      return out
    }
    this.#ids = spread(prompt.ids)
    this.#mask = spread(mask)
    this.#types = prompt.types && spread(prompt.types)
  }

  get length(): number {
    return this.#length
  }

  /** The tokens of one row so far. */
  row(row: number): Int32Array {
    return this.#ids.subarray(row * this.capacity, row * this.capacity + this.#length)
  }

  /** Puts one token behind each row. */
  append(tokens: readonly number[]): void {
    for (const [row, token] of tokens.entries()) {
      const at = row * this.capacity + this.#length
      this.#ids[at] = token
      this.#mask[at] = 1
      if (this.#types) this.#types[at] = this.#types[at - 1]!
    }
    this.#length++
  }

  /** Tokens from `start` on, with the mask of all; places count the tokens that are no padding, as in Hugging Face. */
  stepInput(start: number): StepInput {
    return {
      rows: this.count,
      input_ids: this.#cut(this.#ids, start),
      attention_mask: this.#cut(this.#mask, 0),
      position_ids: this.#places(start),
      token_type_ids: this.#types && this.#cut(this.#types, start),
    }
  }

  /** All tokens: (rows, length). */
  all(): Int32Array {
    return this.#cut(this.#ids, 0)
  }

  #cut(values: Int32Array, start: number): Int32Array {
    const width = this.#length - start
    const out = new Int32Array(this.count * width)
    for (let row = 0; row < this.count; row++) {
      const from = row * this.capacity
      out.set(values.subarray(from + start, from + this.#length), row * width)
    }
    return out
  }

  /** A token's place is the number of tokens before it; padding gets place 1. */
  #places(start: number): Int32Array {
    const width = this.#length - start
    const out = new Int32Array(this.count * width)
    for (let row = 0; row < this.count; row++) {
      let seen = 0
      for (let t = 0; t < this.#length; t++) {
        const isToken = this.#mask[row * this.capacity + t] === 1
        if (t >= start) out[row * width + t - start] = isToken ? seen : 1
        if (isToken) seen++
      }
    }
    return out
  }
}

/** The mask of a prompt that came without one: padding tokens do not count, unless the padding token also ends texts. */
export function guessMask({ ids, mask }: Prompt, pad: number | undefined, eos: ReadonlySet<number>): Int32Array {
  if (mask) return mask
  const hidesPadding = pad !== undefined && !eos.has(pad) && ids.includes(pad)
  return hidesPadding ? ids.map(id => (id === pad ? 0 : 1)) : ids.map(() => 1)
}

/** Throws InputError NAN_LOGITS when a model gave scores that are no numbers. */
export function checkScores(logits: Float32Array, row: number, step: number): void {
  if (!logits.some(Number.isNaN)) return
  const message = `generate: the model gave scores that are NaN (row ${row}, step ${step}): its weights or inputs are broken`
  throw new InputError('NAN_LOGITS', message, { row, step })
}
