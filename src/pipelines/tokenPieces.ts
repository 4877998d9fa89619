// A text as the pieces that a model labels the tokens of: one, or several that overlap; with each token's place in the text.
import { checkText, type EncodedRow, limitOf, type PipelineTokenizer } from './tokenizer.ts'

/** Start and end in a text, in code points. */
export type Place = readonly [start: number, end: number]

/** One text, or the words of one. */
export type TextOrWords = string | readonly string[]

export interface PieceOptions {
  /** So many tokens in common; without it a text is one piece. */
  readonly stride?: number
  readonly is_split_into_words?: boolean
  readonly delimiter?: string
  readonly offset_mapping?: readonly Place[]
}

/** What the model takes, and where its tokens came from. */
export interface TokenPiece extends EncodedRow {
  /** 1 for tokens around the text. */
  readonly special: readonly number[]
  readonly places: readonly Place[] | undefined
}

/** What the tokenizer gives for a text: with overflow a list of rows for each field. */
interface Encoded {
  input_ids: number[] | number[][]
  attention_mask?: number[] | number[][]
  token_type_ids?: number[] | number[][]
  special_tokens_mask: number[] | number[][]
  offset_mapping?: Place[] | Place[][]
  word_ids(row?: number): (number | null)[]
}

/** The pieces of a text. Throws InputError TEXT_TYPE. */
export function tokenPieces(
  tokenizer: PipelineTokenizer,
  text: TextOrWords,
  { stride, is_split_into_words = false, delimiter = ' ', offset_mapping }: PieceOptions,
  task: string,
): TokenPiece[] {
  checkWords(text, is_split_into_words, task)
  const isLimited = Number.isFinite(limitOf(tokenizer))
  // A fast tokenizer takes a list of words too.
  const encoded = tokenizer(text as string, {
    return_special_tokens_mask: true,
    ...(isLimited && { truncation: true }),
    ...(tokenizer.is_fast && { return_offsets_mapping: true }),
    ...(is_split_into_words && { is_split_into_words }),
    ...(stride !== undefined && { return_overflowing_tokens: true, stride, padding: true }),
  }) as Encoded
  // With overflow every field has a row for each piece, without it is one row itself.
  const rowsOf = <T>(field: T[] | T[][]): T[][] => (stride === undefined ? [field as T[]] : (field as T[][]))
  const wordStarts = typeof text === 'string' ? undefined : startsOf(text, delimiter)
  return rowsOf(encoded.input_ids).map((input_ids, row) => {
    const types = encoded.token_type_ids && rowsOf(encoded.token_type_ids)[row]!
    const places = offset_mapping ?? (encoded.offset_mapping && rowsOf<Place>(encoded.offset_mapping)[row]!)
    return {
      input_ids,
      attention_mask: encoded.attention_mask ? rowsOf(encoded.attention_mask)[row]! : input_ids.map(() => 1),
      ...(types && { token_type_ids: types }),
      special: rowsOf(encoded.special_tokens_mask)[row]!,
      places: places && wordStarts ? movedBy(places, encoded.word_ids(row), wordStarts) : places,
    }
  })
}

/** Throws InputError TEXT_TYPE. */
function checkWords(text: unknown, is_split_into_words: boolean, task: string): void {
  const wanted = is_split_into_words ? 'with is_split_into_words a text is a list of words' : undefined
  const words: readonly unknown[] = is_split_into_words ? (Array.isArray(text) ? text : [undefined]) : [text]
  for (const word of words) checkText(word, task, wanted ?? 'a list of words needs is_split_into_words')
}

/** Where each word begins in the text that they make, in code points. */
function startsOf(words: readonly string[], delimiter: string): number[] {
  let at = 0
  return words.map(word => {
    const start = at
    at += [...word].length + [...delimiter].length
    return start
  })
}

/** Places within words as places within the whole text. */
function movedBy(places: readonly Place[], words: readonly (number | null)[], starts: readonly number[]): Place[] {
  return places.map(([start, end], i) => {
    const word = words[i]
    const by = word === null || word === undefined ? 0 : starts[word]!
    return [start + by, end + by]
  })
}
