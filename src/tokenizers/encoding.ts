// What a tokenizer gives back: Hugging Face's fields as plain arrays, and where each token came from.
import { InputError } from '../errors.ts'

/** One token and where it came from. */
export interface TokenPlace {
  readonly id: number
  readonly token: string
  /** Start and end in its text, in code points; both 0 for tokens that are put around it. */
  readonly start: number
  readonly end: number
  /** Number of its word in the text; null for tokens around it. */
  readonly word: number | null
  /** 0 for the first text, 1 for the second; null for tokens around them. */
  readonly sequence: number | null
  readonly type: number
  /** 0 for padding. */
  readonly mask: 0 | 1
}

/** The tokens of one text or pair. */
export type Row = readonly TokenPlace[]

/**
 * The result of calling a tokenizer. One text gives flat arrays, a list of texts one array for each. Further fields are there
 * on request; the methods tell where tokens came from.
 */
export class BatchEncoding<Numbers extends number[] | number[][] = number[] | number[][]> {
  declare input_ids: Numbers
  declare token_type_ids: Numbers
  declare attention_mask: Numbers
  /** 1 for [CLS], [SEP] and padding. */
  declare special_tokens_mask: Numbers
  /** Start and end of each token in its text, in code points. */
  declare offset_mapping: Numbers extends number[][] ? [number, number][][] : [number, number][]
  /** Number of tokens; of one text by BertTokenizer a number, else a list. */
  declare length: number | number[]
  readonly #rows: readonly Row[]

  /** @internal */
  constructor(rows: readonly Row[], fields: Readonly<Record<string, unknown>>) {
    this.#rows = rows
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined)
        Object.defineProperty(this, name, { value, enumerable: true, writable: true, configurable: true })
    }
  }

  #row(index: number): Row {
    const row = this.#rows[index]
    if (row) return row
    throw new InputError('ROW', `there is no text ${index} in this encoding of ${this.#rows.length}`)
  }

  /** The tokens of a text. Throws InputError ROW. */
  tokens(index = 0): string[] {
    return this.#row(index).map(({ token }) => token)
  }

  /** For each token the number of its word in its text; null for tokens around it. */
  word_ids(index = 0): (number | null)[] {
    return this.#row(index).map(({ word }) => word)
  }

  /** For each token 0 or 1: the first or the second text of a pair; null for tokens around them. */
  sequence_ids(index = 0): (number | null)[] {
    return this.#row(index).map(({ sequence }) => sequence)
  }

  /** Start and end of a token in its text, in code points; undefined for tokens around it. */
  token_to_chars(token: number, index = 0): { start: number; end: number } | undefined {
    const place = this.#row(index)[token]
    return place === undefined || place.sequence === null ? undefined : { start: place.start, end: place.end }
  }

  /** The token that covers a code point of a text; undefined for white space and the like. */
  char_to_token(char: number, index = 0, sequence = 0): number | undefined {
    const found = this.#row(index).findIndex(
      place => place.sequence === sequence && place.start <= char && char < place.end,
    )
    return found === -1 ? undefined : found
  }
}

/** The row with `filler` on one side until it has `length` tokens. */
export function padded(row: Row, length: number, side: 'left' | 'right', filler: TokenPlace): Row {
  const more = new Array<TokenPlace>(Math.max(length - row.length, 0)).fill(filler)
  return side === 'left' ? [...more, ...row] : [...row, ...more]
}
