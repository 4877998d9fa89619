// The call of a tokenizer: texts and options in, rows of ids of the wanted length out.
import { sharedBackend } from '../../backends/index.ts'
import { InputError } from '../../errors.ts'
import type { PreTrainedTokenizer } from '../base.ts'
import type { Dialect } from '../text/characters.ts'
import { BatchEncoding, type Fields, tensorFields } from './batchEncoding.ts'
import { type EncodeOptions, type LengthSettings, lengthSettings, type Text, wholeNumber } from './callOptions.ts'
import type { Encoding } from './encoding.ts'
import { addedCount, assembled } from './postProcessor.ts'
import { TokenList } from './tokenList.ts'
import { cut, pieces, type Texts } from './truncate.ts'

/** What became of one text: its row, or rows when it was too long; and Python's account of what was cut off. */
interface Encoded {
  readonly rows: readonly Encoding[]
  readonly overflow: readonly number[]
  /** How many tokens the text has more than it may; negative when it has fewer. */
  readonly excess: number
}

/** Encodes one text or a list of them. Throws InputError for options and texts that cannot be. */
export function encodeTexts(
  tokenizer: PreTrainedTokenizer,
  text: Text | readonly Text[],
  text_pair: Text | readonly Text[] | null | undefined,
  options: EncodeOptions,
): BatchEncoding {
  const isWords = options.is_split_into_words ?? false
  const isBatch = Array.isArray(text) && (!isWords || Array.isArray(text[0]))
  const texts = isBatch ? (text as readonly Text[]) : [text as Text]
  if (texts.length === 0) throw new InputError('TEXT_TYPE', 'tokenizer: a list of texts must have one at least')
  const pairs = pairsOf(text_pair, isBatch, texts.length, tokenizer.is_fast)
  const lists = texts.map((item, i) => textsOf(tokenizer, item, pairs?.[i], options))
  return encodeLists(tokenizer, lists, isBatch, options)
}

function pairsOf(
  pair: Text | readonly Text[] | null | undefined,
  isBatch: boolean,
  count: number,
  isFast: boolean,
): readonly Text[] | undefined {
  if (pair === undefined || pair === null) return undefined
  // transformers asks whether the second text of one pair is true, and an empty one is not.
  if (!isBatch) return isFast && pair.length === 0 ? undefined : [pair as Text]
  if (Array.isArray(pair) && pair.length === count) return pair as readonly Text[]
  throw new InputError('TEXT_PAIR', `tokenizer: ${count} texts need a list of ${count} text_pairs`)
}

/** The tokens of a text or pair. */
function textsOf(tokenizer: PreTrainedTokenizer, text: Text, pair: Text | undefined, options: EncodeOptions): Texts {
  const isPair = Array.isArray(text) && (!options.is_split_into_words || text.some(Array.isArray))
  const [one, two] = isPair ? asPair(text, options) : [text, pair]
  const first = listOf(tokenizer, one, options)
  return two === undefined ? [first] : [first, listOf(tokenizer, two, options)]
}

function asPair(text: readonly unknown[], { is_split_into_words }: EncodeOptions): readonly [Text, Text] {
  const isText = (item: unknown): item is Text => (is_split_into_words ? Array.isArray(item) : typeof item === 'string')
  const [one, two] = text
  if (text.length === 2 && isText(one) && isText(two)) return [one, two]
  const message = 'tokenizer: a text must be a string, or a pair of strings; for words use is_split_into_words'
  throw new InputError('TEXT_TYPE', message)
}

/** The tokens of a text, or of a list of words, which give them their numbers. */
function listOf(tokenizer: PreTrainedTokenizer, text: Text, options: EncodeOptions): TokenList {
  if (typeof text === 'string') return tokenizer.tokensOf(text, options)
  if (!Array.isArray(text) || text.some(word => typeof word !== 'string')) {
    throw new InputError('TEXT_TYPE', `tokenizer: a text must be a string, got ${text === null ? 'null' : typeof text}`)
  }
  const list = new TokenList()
  for (const [word, item] of text.entries()) list.pushAll(tokenizer.tokensOf(item, options), word)
  return list
}

/** Cuts, puts tokens around, pads, and gives what was asked for. `dialect`: who refuses and pads, Rust or Python. */
export function encodeLists(
  tokenizer: PreTrainedTokenizer,
  lists: readonly Texts[],
  isBatch: boolean,
  options: EncodeOptions,
  dialect: Dialect = tokenizer.dialect,
): BatchEncoding {
  if (options.return_token_type_ids && options.add_special_tokens === false && dialect === 'slow') {
    const message = 'tokenizer: return_token_type_ids has no meaning without special tokens'
    throw new InputError('OPTION_VALUE', message, { hint: 'leave it out, or use a fast tokenizer' })
  }
  const lengths = lengthSettings(tokenizer, options)
  const texts = lists.map(list => encodeOne(tokenizer, list, options, lengths))
  const rows = texts.flatMap(text => text.rows)
  const sizes = rows.map(row => row.length)
  const longest = Math.max(...sizes)
  if (lengths.max_length === undefined && longest > tokenizer.model_max_length && (options.verbose ?? true)) {
    const message = `a text has ${longest} tokens, more than the ${tokenizer.model_max_length} of the model: use truncation: true.`
    tokenizer.warn('TEXT_TOO_LONG', message)
  }
  // To Python a row without any token is no row, and stays as it is.
  if (isBatch || dialect === 'fast' || longest > 0) padAll(tokenizer, texts, lengths)
  // Rust's rows of one long text stay a list, even when there is only one.
  const hasRows = isBatch || (tokenizer.is_fast && (options.return_overflowing_tokens ?? false))
  const fields = fieldsOf(tokenizer, rows, hasRows, options)
  if (options.return_overflowing_tokens) Object.assign(fields, overflowFields(tokenizer, texts, isBatch))
  if (options.return_length) {
    // Python's tokenizer counts a list before it pads it, and gives one number for one text.
    const counts = isBatch && !tokenizer.is_fast ? sizes : rows.map(row => row.length)
    fields.length = isBatch || tokenizer.is_fast ? counts : counts[0]
  }
  return new BatchEncoding(rows, fields, tokenizer.is_fast)
}

function encodeOne(
  tokenizer: PreTrainedTokenizer,
  texts: Texts,
  options: EncodeOptions,
  { truncation: how, max_length }: LengthSettings,
): Encoded {
  const withSpecial = options.add_special_tokens ?? true
  const processor = tokenizer.postProcessor(withSpecial)
  const around = withSpecial ? addedCount(texts[1] ? processor.pair : processor.single) : 0
  const total = texts.reduce((sum, list) => sum + (list?.length ?? 0), around)
  const stride = wholeNumber('stride', options.stride) ?? 0
  const row = (part: Texts): Encoding => assembled(processor, part, withSpecial)
  const excess = max_length === undefined ? 0 : total - max_length
  if (how === 'do_not_truncate' || max_length === undefined) return { rows: [row(texts)], overflow: [], excess }
  const settings = {
    how,
    room: max_length - around,
    stride,
    side: tokenizer.truncation_side,
    dialect: tokenizer.dialect,
  }
  if (!tokenizer.is_fast) {
    // To Python a length of 0 is none.
    if (max_length === 0) return { rows: [row(texts)], overflow: [], excess }
    if (options.return_overflowing_tokens && how === 'longest_first' && texts[1]) {
      throw new InputError('OPTION_VALUE', 'tokenizer: pairs cut longest_first have no overflowing tokens', {
        hint: "truncation: 'only_first' or 'only_second', or a fast tokenizer",
      })
    }
    const { texts: kept, overflow } = cut(texts, settings)
    return { rows: [row(kept)], overflow, excess }
  }
  checkStride(stride, max_length - (withSpecial ? addedCount(processor.single) : 0))
  const parts = pieces(texts, settings)
  return { rows: (options.return_overflowing_tokens ? parts : parts.slice(0, 1)).map(row), overflow: [], excess }
}

/** As the Rust library, also for texts that are short enough. */
function checkStride(stride: number, room: number): void {
  if (stride <= Math.max(room, 0)) return
  throw new InputError('OPTION_VALUE', `tokenizer: stride ${stride} must be less than the ${room} tokens of a piece`, {
    hint: 'give a larger max_length or a smaller stride',
  })
}

/** Pads to the longest first row of the texts, or to max_length. */
function padAll(tokenizer: PreTrainedTokenizer, texts: readonly Encoded[], lengths: LengthSettings): void {
  const { padding, max_length = 0, multiple, padding_side } = lengths
  if (padding === 'do_not_pad') return
  const longest = Math.max(...texts.map(({ rows }) => rows[0]!.length))
  const length = Math.ceil((padding === 'max_length' ? max_length : longest) / multiple) * multiple
  const { id, token } = tokenizer.checkCanPad()
  for (const row of texts.flatMap(({ rows }) => rows))
    row.pad(length, padding_side, id, token, tokenizer.pad_token_type_id)
}

/** The fields that were asked for, of one row flat, or of all. */
function fieldsOf(
  tokenizer: PreTrainedTokenizer,
  rows: readonly Encoding[],
  hasRows: boolean,
  options: EncodeOptions,
): Fields {
  const names = tokenizer.model_input_names
  const wanted: readonly (readonly [name: string, isWanted: boolean, of: (row: Encoding) => number[]])[] = [
    ['input_ids', true, row => row.ids],
    ['token_type_ids', options.return_token_type_ids ?? names.includes('token_type_ids'), row => row.type_ids],
    ['attention_mask', options.return_attention_mask ?? names.includes('attention_mask'), row => row.attention_mask],
    ['special_tokens_mask', options.return_special_tokens_mask ?? false, row => row.special_tokens_mask],
  ]
  const given = wanted.filter(([, isWanted]) => isWanted).map(([name, , of]) => [name, rows.map(of)] as const)
  const kind = tensorKind(options.return_tensors)
  const numbers = kind
    ? tensorFields(given, options.backend ?? sharedBackend())
    : Object.fromEntries(given.map(([name, values]) => [name, hasRows ? values : values[0]]))
  if (!options.return_offsets_mapping) return numbers
  const offsets = rows.map(row => row.offsets)
  return { ...numbers, offset_mapping: hasRows ? offsets : offsets[0] }
}

/** Whether tensors are wanted. Throws InputError OPTION_VALUE for a library that there is not. */
export function tensorKind(value: EncodeOptions['return_tensors']): boolean {
  if (typeof value === 'boolean' || value === undefined || value === null) return value ?? false
  const known: readonly string[] = ['pt', 'np', 'tf', 'jax', 'mlx']
  if (known.includes(value)) return true
  throw new InputError('OPTION_VALUE', `return_tensors: there is no '${String(value)}'`, {
    hint: `true, or one of ${known.join(', ')}: all give tensors of this library`,
  })
}

function overflowFields(tokenizer: PreTrainedTokenizer, texts: readonly Encoded[], isBatch: boolean): Fields {
  if (tokenizer.is_fast) return { overflow_to_sample_mapping: texts.flatMap(({ rows }, i) => rows.map(() => i)) }
  const overflowing_tokens = texts.map(({ overflow }) => overflow)
  const num_truncated_tokens = texts.map(({ excess }) => excess)
  if (isBatch) return { overflowing_tokens, num_truncated_tokens }
  return { overflowing_tokens: overflowing_tokens[0], num_truncated_tokens: num_truncated_tokens[0] }
}
