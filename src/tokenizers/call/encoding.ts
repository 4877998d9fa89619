// One row for a model: the tokens of one text or pair, those around them, padding, and where each came from.
import type { TokenList } from './tokenList.ts'

/** Start, and end behind the last, of characters or tokens. */
export interface Span {
  readonly start: number
  readonly end: number
}

export class Encoding {
  readonly ids: number[] = []
  readonly type_ids: number[] = []
  readonly tokens: string[] = []
  /** Start and end of each token in its text, in code points; both 0 for tokens that are put around it. */
  readonly offsets: [start: number, end: number][] = []
  /** Number of the word in its text; null for tokens around it. */
  readonly word_ids: (number | null)[] = []
  /** 0 for the first text, 1 for the second; null for tokens around them. */
  readonly sequence_ids: (number | null)[] = []
  /** 0 for padding. */
  readonly attention_mask: (0 | 1)[] = []
  #texts = 0

  get length(): number {
    return this.ids.length
  }

  /** 1 for tokens that were put around the texts, and for padding. */
  get special_tokens_mask(): (0 | 1)[] {
    return this.sequence_ids.map(sequence => (sequence === null ? 1 : 0))
  }

  /** 1 for a text alone, 2 for a pair. */
  get n_sequences(): number {
    return this.#texts
  }

  /** Adds the tokens of a text. */
  pushText(list: TokenList, sequence: number, type_id: number): void {
    this.#texts++
    for (let i = 0; i < list.length; i++) {
      this.#push(list.ids[i]!, type_id, list.tokens[i]!, [list.starts[i]!, list.ends[i]!], list.words[i]!, sequence)
    }
  }

  /** Adds a token that is in no text. */
  pushSpecial(id: number, token: string, type_id: number): void {
    this.#push(id, type_id, token, [0, 0], null, null)
  }

  #push(
    id: number,
    type_id: number,
    token: string,
    offsets: [number, number],
    word: number | null,
    sequence: number | null,
  ): void {
    this.ids.push(id)
    this.type_ids.push(type_id)
    this.tokens.push(token)
    this.offsets.push(offsets)
    this.word_ids.push(word)
    this.sequence_ids.push(sequence)
    this.attention_mask.push(1)
  }

  /** Fills up with a token until there are `length`. */
  pad(length: number, side: 'left' | 'right', id: number, token: string, type_id: number): void {
    const missing = length - this.length
    if (missing <= 0) return
    const fill = <T>(column: T[], value: T): void => {
      const filled = column.length
      column.length += missing
      if (side === 'left') column.copyWithin(missing, 0, filled).fill(value, 0, missing)
      else column.fill(value, filled)
    }
    fill(this.ids, id)
    fill(this.type_ids, type_id)
    fill(this.tokens, token)
    fill(this.offsets, [0, 0])
    fill<number | null>(this.word_ids, null)
    fill<number | null>(this.sequence_ids, null)
    fill<0 | 1>(this.attention_mask, 0)
  }

  /** Where a token stands in its text, in code points; undefined for one around the texts. */
  token_to_chars(token: number): Span | undefined {
    const place = this.offsets[token]
    return place && this.token_to_sequence(token) !== undefined ? { start: place[0], end: place[1] } : undefined
  }

  /** The text that a token belongs to. */
  token_to_sequence(token: number): number | undefined {
    return this.sequence_ids[token] ?? undefined
  }

  /** The word that a token belongs to. */
  token_to_word(token: number): number | undefined {
    return this.word_ids[token] ?? undefined
  }

  /** The tokens of a word. */
  word_to_tokens(word: number, sequence: number): Span | undefined {
    const isIn = (token: number): boolean => this.word_ids[token] === word && this.#isOf(token, sequence)
    const start = this.ids.findIndex((_, token) => isIn(token))
    return start === -1 ? undefined : { start, end: this.ids.findLastIndex((_, token) => isIn(token)) + 1 }
  }

  /** Whether a token is of a text. As in the Rust library, a second text that is not there is the first. */
  #isOf(token: number, sequence: number): boolean {
    return sequence < this.#texts ? this.sequence_ids[token] === sequence : this.sequence_ids[token] !== null
  }

  /** Where a word stands in its text, in code points. */
  word_to_chars(word: number, sequence: number): Span | undefined {
    const span = this.word_to_tokens(word, sequence)
    return span && { start: this.offsets[span.start]![0], end: this.offsets[span.end - 1]![1] }
  }

  /** The first token that covers a code point; undefined for white space and the like. */
  char_to_token(char: number, sequence: number): number | undefined {
    const covers = ([start, end]: readonly [number, number], token: number): boolean =>
      this.#isOf(token, sequence) && start <= char && char < end
    const token = this.offsets.findIndex(covers)
    return token === -1 ? undefined : token
  }

  /** The word that covers a code point. */
  char_to_word(char: number, sequence: number): number | undefined {
    const token = this.char_to_token(char, sequence)
    return token === undefined ? undefined : this.token_to_word(token)
  }
}
