// What a tokenizer gives back: Hugging Face's fields as plain arrays or tensors, and where each token came from.
import type { Backend } from '../../backend.ts'
import { InputError } from '../../errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Encoding, Span } from './encoding.ts'

export type Fields = Record<string, unknown>

/**
 * The result of calling a tokenizer. One text gives flat arrays, a list of texts one array for each. Further fields are there
 * on request; the methods tell where tokens came from. Where they take `batch, place`, one number alone is the place in row 0.
 */
export class BatchEncoding<Numbers extends number[] | number[][] | Tensor = number[] | number[][]> {
  declare input_ids: Numbers
  declare token_type_ids: Numbers
  declare attention_mask: Numbers
  /** The ids of text_target. */
  declare labels: Numbers
  /** 1 for [CLS], [SEP] and padding. */
  declare special_tokens_mask: Numbers
  /** Start and end of each token in its text, in code points. */
  declare offset_mapping: Numbers extends number[] ? [number, number][] : [number, number][][]
  /** Number of tokens; of one text by BertTokenizer a number, else a list. */
  declare length: number | number[]
  /** Fast tokenizers: for each row the text it is of. */
  declare overflow_to_sample_mapping: number[]
  /** Python's tokenizers: ids that were cut off, with `stride` of those before. */
  declare overflowing_tokens: Numbers extends number[][] ? number[][] : number[]
  declare num_truncated_tokens: Numbers extends number[][] ? number[] : number
  /** What is known of the tokens of a row, where it was not made by pad(). */
  readonly [row: number]: Encoding
  readonly #rows: readonly Encoding[]
  readonly #isFast: boolean

  /** @internal */
  constructor(rows: readonly Encoding[], fields: Readonly<Fields>, isFast: boolean) {
    this.#rows = rows
    this.#isFast = isFast
    for (const [name, value] of Object.entries(fields)) {
      Object.defineProperty(this, name, { value, enumerable: true, writable: true, configurable: true })
    }
    // Not enumerable: `model(encoding)` reads the fields.
    for (const [row, value] of rows.entries()) Object.defineProperty(this, row, { value })
  }

  /** The fields as a plain object. */
  get data(): Fields {
    return Object.fromEntries(this.items())
  }

  /** The names of the fields. */
  keys(): string[] {
    return Object.keys(this)
  }

  /** The fields. */
  values(): unknown[] {
    return Object.values(this)
  }

  /** Names and fields. */
  items(): [name: string, value: unknown][] {
    return Object.entries(this)
  }

  /** Whether a fast tokenizer made it. */
  get is_fast(): boolean {
    return this.#isFast
  }

  /** 1 for texts alone, 2 for pairs; undefined for what pad() gives. */
  get n_sequences(): number | undefined {
    return this.#rows[0]?.n_sequences
  }

  /** The rows with all that is known of their tokens. */
  get encodings(): readonly Encoding[] {
    return this.#rows
  }

  #row(index: number): Encoding {
    const row = this.#rows.at(index)
    if (row) return row
    throw new InputError('ROW', `there is no row ${index} in this encoding of ${this.#rows.length}`, {
      hint: this.#rows.length === 0 ? 'what pad() gives no longer knows where tokens came from' : '',
    })
  }

  /** The tokens of a row. Throws InputError ROW, as the other methods do. */
  tokens(batch = 0): string[] {
    return [...this.#row(batch).tokens]
  }

  /** For each token the number of its word in its text; null for tokens around it. */
  word_ids(batch = 0): (number | null)[] {
    return [...this.#row(batch).word_ids]
  }

  /** For each token 0 or 1: the first or the second text of a pair; null for tokens around them. */
  sequence_ids(batch = 0): (number | null)[] {
    return [...this.#row(batch).sequence_ids]
  }

  /** Start and end of a token in its text, in code points; undefined for tokens around it. */
  token_to_chars(batch_or_token: number, token?: number): Span | undefined {
    const [row, place] = this.#at(batch_or_token, token)
    return row.token_to_chars(place)
  }

  /** 0 or 1, the text that a token is of; undefined for tokens around. */
  token_to_sequence(batch_or_token: number, token?: number): number | undefined {
    const [row, place] = this.#at(batch_or_token, token)
    return row.token_to_sequence(place)
  }

  /** The number of the word that a token is of. */
  token_to_word(batch_or_token: number, token?: number): number | undefined {
    const [row, place] = this.#at(batch_or_token, token)
    return row.token_to_word(place)
  }

  /** The tokens of a word: first, and behind the last; undefined when it has none. */
  word_to_tokens(batch_or_word: number, word?: number, sequence = 0): Span | undefined {
    const [row, place] = this.#at(batch_or_word, word)
    return row.word_to_tokens(place, sequence)
  }

  /** Start and end of a word in its text, in code points. */
  word_to_chars(batch_or_word: number, word?: number, sequence = 0): Span | undefined {
    const [row, place] = this.#at(batch_or_word, word)
    return row.word_to_chars(place, sequence)
  }

  /** The token that covers a code point of a text; undefined for white space and the like. */
  char_to_token(batch_or_char: number, char?: number, sequence = 0): number | undefined {
    const [row, place] = this.#at(batch_or_char, char)
    return row.char_to_token(place, sequence)
  }

  /** The number of the word that covers a code point of a text. */
  char_to_word(batch_or_char: number, char?: number, sequence = 0): number | undefined {
    const [row, place] = this.#at(batch_or_char, char)
    return row.char_to_word(place, sequence)
  }

  /** `batch, place`, or a place in the first row. */
  #at(batchOrPlace: number, place: number | undefined): [Encoding, number] {
    return place === undefined ? [this.#row(0), batchOrPlace] : [this.#row(batchOrPlace), place]
  }
}

/** Each field as an int32 tensor (rows, tokens). Throws InputError RAGGED when the rows differ in length. */
export function tensorFields(
  fields: readonly (readonly [name: string, rows: readonly (readonly number[])[]])[],
  backend: Backend,
): Fields {
  return Object.fromEntries(
    fields.map(([name, rows]) => {
      const length = rows[0]?.length ?? 0
      if (rows.some(row => row.length !== length)) {
        throw new InputError('RAGGED', 'tokenizer: texts of different lengths make no tensor', {
          hint: 'pass { padding: true }, and truncation: true for texts that are too long',
        })
      }
      return [name, backend.tensor(rows.flat(), { shape: [rows.length, length], dtype: 'int32' })]
    }),
  )
}
