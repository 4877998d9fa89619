// The call of a tokenizer: texts and options in, rows of ids of the wanted length out.
import type { Backend } from '../backend.ts'
import { sharedBackend } from '../backends/index.ts'
import { InputError, nearestName } from '../errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { warnOnce } from '../warnings.ts'
import type { BertTokenizer } from './bert.ts'
import { BatchEncoding, padded, type Row, type TokenPlace } from './encoding.ts'
import { type Truncation, truncatedLengths, truncationOf } from './truncate.ts'

/** A text, a pair of texts, or the words of a text with is_split_into_words. */
export type Text = string | readonly string[]

export interface EncodeOptions {
  /** The second text of a pair, or one for each text of a list. */
  text_pair?: Text | readonly Text[]
  /** Put [CLS] and [SEP] around; true unless given. */
  add_special_tokens?: boolean
  /** true or 'longest': as long as the longest of the list; 'max_length': max_length; false or 'do_not_pad': not at all. */
  padding?: boolean | 'longest' | 'max_length' | 'do_not_pad' | (string & {})
  /** true or 'longest_first', 'only_first', 'only_second': cut down to max_length; false or 'do_not_truncate': not at all. */
  truncation?: boolean | Truncation | (string & {})
  /** The most tokens, those around included; the model's unless given. */
  max_length?: number
  /** The text is a list of words. */
  is_split_into_words?: boolean
  /** Pad to a multiple of this. */
  pad_to_multiple_of?: number
  padding_side?: 'left' | 'right'
  return_token_type_ids?: boolean
  return_attention_mask?: boolean
  /** Adds special_tokens_mask: 1 for [CLS], [SEP] and padding. */
  return_special_tokens_mask?: boolean
  /** Adds offset_mapping: start and end of each token in its text, counted in code points. */
  return_offsets_mapping?: boolean
  /** Adds length: the number of tokens. */
  return_length?: boolean
  /** Tensors (texts, tokens) in the place of arrays; the value names the library in Hugging Face and does not matter here. */
  return_tensors?: string | boolean | null
  /** Where the tensors are made. */
  backend?: Backend
}

const known = [
  ...[
    'text_pair',
    'add_special_tokens',
    'padding',
    'truncation',
    'max_length',
    'is_split_into_words',
    'pad_to_multiple_of',
  ],
  ...[
    'padding_side',
    'return_token_type_ids',
    'return_attention_mask',
    'return_special_tokens_mask',
    'return_offsets_mapping',
  ],
  ...['return_length', 'return_tensors', 'backend'],
]
/** Hugging Face's options that are refused by name unless they are off. */
const unsupported: Readonly<Record<string, unknown>> = { stride: 0, return_overflowing_tokens: false, verbose: true }

/** Encodes one text or a list of them. Throws InputError for options and texts that cannot be. */
export function encodeBatch(
  tokenizer: BertTokenizer,
  text: Text | readonly Text[],
  options: EncodeOptions,
): BatchEncoding {
  checkNames(options)
  const isWords = options.is_split_into_words ?? false
  const isBatch = Array.isArray(text) && (!isWords || text.some(item => Array.isArray(item)))
  const texts = isBatch ? (text as readonly Text[]) : [text as Text]
  const pairs = pairsOf(options.text_pair, isBatch, texts.length)
  checkMaxLength(options)
  const how = truncationFor(options)
  const limit = how === 'do_not_truncate' ? Infinity : (options.max_length ?? tokenizer.model_max_length)
  const rows = texts.map((item, i) => encodeOne(tokenizer, item, pairs?.[i], options, how, limit))
  return finish(tokenizer, rows, options, isBatch)
}

function checkNames(options: EncodeOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (known.includes(name)) continue
    if (Object.hasOwn(unsupported, name)) {
      if (value === unsupported[name] || value === undefined || value === null) continue
      throw new InputError('UNSUPPORTED_OPTION', `tokenizer: the option ${name} is not supported yet`, { option: name })
    }
    const near = nearestName(name, known)
    throw new InputError('UNKNOWN_OPTION', `tokenizer: there is no option ${name}`, {
      option: name,
      hint: near ? `did you mean ${near}?` : `known: ${known.join(', ')}`,
    })
  }
}

function pairsOf(
  pair: Text | readonly Text[] | undefined,
  isBatch: boolean,
  count: number,
): readonly Text[] | undefined {
  if (pair === undefined) return undefined
  if (!isBatch) return [pair as Text]
  if (Array.isArray(pair) && pair.length === count) return pair as readonly Text[]
  throw new InputError('TEXT_PAIR', `tokenizer: ${count} texts need a list of ${count} text_pairs`)
}

/** max_length alone means truncation too, as in Hugging Face, which says so. */
function truncationFor({ truncation, max_length, padding }: EncodeOptions): Truncation {
  if (truncation !== undefined || max_length === undefined || padding) return truncationOf(truncation)
  warnOnce(
    'TRUNCATION_IMPLIED',
    'max_length was given without truncation: longer texts are cut. Say truncation: true to be clear.',
  )
  return 'longest_first'
}

function checkMaxLength({ max_length }: EncodeOptions): void {
  if (max_length === undefined || (Number.isInteger(max_length) && max_length >= 0)) return
  throw new InputError('OPTION_VALUE', `tokenizer: max_length must be a whole number from 0 on, got ${max_length}`)
}

function encodeOne(
  tokenizer: BertTokenizer,
  text: Text,
  pair: Text | undefined,
  options: EncodeOptions,
  how: Truncation,
  limit: number,
): Row {
  const [one, two] = !options.is_split_into_words && Array.isArray(text) ? asPair(text) : [text, pair]
  const first = rowOf(tokenizer, one, 0)
  const second = two === undefined ? undefined : rowOf(tokenizer, two, 1)
  const isWrapped = options.add_special_tokens ?? true
  const around = isWrapped ? tokenizer.num_special_tokens_to_add(second !== undefined) : 0
  const total = first.length + (second?.length ?? 0) + around
  if (limit === Infinity && total > tokenizer.model_max_length) {
    const message = `a text has ${total} tokens, more than the ${tokenizer.model_max_length} of the model: use truncation: true.`
    warnOnce('TEXT_TOO_LONG', message)
  }
  const lengths = truncatedLengths(first.length, second?.length ?? 0, limit - around, how, tokenizer.dialect)
  const shortened = (row: Row, length: number): Row => {
    if (length >= row.length) return row
    return tokenizer.truncation_side === 'right' ? row.slice(0, length) : row.slice(row.length - length)
  }
  const a = shortened(first, lengths[0])
  const b = second && shortened(second, lengths[1])
  if (isWrapped) return tokenizer.assembled(a, b)
  // Without [SEP] Python's tokenizer does not tell the texts apart, Rust's does.
  return [...a, ...(b ?? []).map(place => (tokenizer.dialect === 'slow' ? { ...place, type: 0 } : place))]
}

function asPair(text: readonly string[]): readonly [string, string] {
  const [one, two] = text
  if (text.length === 2 && typeof one === 'string' && typeof two === 'string') return [one, two]
  const message = 'tokenizer: a text must be a string, or a pair of strings; for words use is_split_into_words'
  throw new InputError('TEXT_TYPE', message)
}

/** The tokens of a text, or of a list of words, which give them their numbers. */
function rowOf(tokenizer: BertTokenizer, text: Text, sequence: number): Row {
  if (typeof text === 'string') return tokenizer.row(text, sequence)
  if (!Array.isArray(text) || text.some(word => typeof word !== 'string')) {
    throw new InputError('TEXT_TYPE', `tokenizer: a text must be a string, got ${text === null ? 'null' : typeof text}`)
  }
  return text.flatMap((item: string, word) => tokenizer.row(item, sequence).map(place => ({ ...place, word })))
}

/** Pads the rows and turns them into the fields that were asked for. */
function finish(
  tokenizer: BertTokenizer,
  rows: readonly Row[],
  options: EncodeOptions,
  isBatch: boolean,
): BatchEncoding {
  const all = padRows(tokenizer, rows, options)
  const field = <T>(of: (place: TokenPlace) => T, isWanted: boolean): T[] | T[][] | undefined => {
    if (!isWanted) return undefined
    const values = all.map(row => row.map(of))
    return isBatch ? values : values[0]
  }
  const numbers = {
    input_ids: field(({ id }) => id, true),
    token_type_ids: field(({ type }) => type, options.return_token_type_ids ?? true),
    attention_mask: field(({ mask }) => mask, options.return_attention_mask ?? true),
    special_tokens_mask: field(
      ({ sequence }) => Number(sequence === null),
      options.return_special_tokens_mask ?? false,
    ),
  }
  const others = {
    offset_mapping: field(({ start, end }) => [start, end] as const, options.return_offsets_mapping ?? false),
    length: options.return_length ? lengthsOf(all, isBatch || tokenizer.dialect === 'fast') : undefined,
  }
  const fields = options.return_tensors ? asTensors(all, numbers, options.backend ?? sharedBackend()) : numbers
  return new BatchEncoding(all, { ...fields, ...others })
}

/** Python's tokenizer gives one number for one text, Rust's a list. */
function lengthsOf(rows: readonly Row[], isList: boolean): number | number[] | undefined {
  const lengths = rows.map(row => row.length)
  return isList ? lengths : lengths[0]
}

function padRows(tokenizer: BertTokenizer, rows: readonly Row[], options: EncodeOptions): readonly Row[] {
  const { padding, max_length, pad_to_multiple_of: multiple = 1, padding_side = tokenizer.padding_side } = options
  if (!padding || padding === 'do_not_pad') return rows
  if (padding !== true && padding !== 'longest' && padding !== 'max_length') {
    throw new InputError('OPTION_VALUE', `padding: there is no '${padding}'`, {
      hint: 'true, false, longest or max_length',
    })
  }
  const longest = Math.max(0, ...rows.map(row => row.length))
  const fixed = max_length ?? tokenizer.model_max_length
  const length = padding === 'max_length' && fixed !== Infinity ? fixed : longest
  const filler = tokenizer.filler()
  return rows.map(row => padded(row, Math.ceil(length / multiple) * multiple, padding_side, filler))
}

/** Each field as an int32 tensor (texts, tokens). Throws InputError RAGGED when the texts differ in length. */
function asTensors(
  rows: readonly Row[],
  fields: Readonly<Record<string, unknown>>,
  backend: Backend,
): Record<string, Tensor> {
  const length = rows[0]?.length ?? 0
  if (rows.some(row => row.length !== length)) {
    throw new InputError('RAGGED', 'tokenizer: texts of different lengths make no tensor', {
      hint: 'pass { padding: true }',
    })
  }
  const given = Object.entries(fields).filter(([, values]) => values !== undefined)
  return Object.fromEntries(
    given.map(([name, values]) => {
      const flat = (values as number[] | number[][]).flat()
      return [name, backend.tensor(flat, { shape: [rows.length, length], dtype: 'int32' })]
    }),
  )
}
