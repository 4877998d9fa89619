// What a tokenizer can be told, and the files of a folder that tell it.
import { FileError } from '../errors.ts'
import type { AddedToken } from './addedTokens.ts'

export interface SpecialTokens {
  readonly unk_token?: string
  readonly sep_token?: string
  readonly pad_token?: string
  readonly cls_token?: string
  readonly mask_token?: string
  readonly bos_token?: string
  readonly eos_token?: string
}

export const specialNames = [
  ...(['unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token', 'bos_token', 'eos_token'] as const),
] as const

export interface BertTokenizerOptions extends SpecialTokens {
  /** Lower-case everything; true unless given. */
  readonly do_lower_case?: boolean
  /** Cut at white space and punctuation before words are cut into pieces; true unless given. Python's tokenizer only. */
  readonly do_basic_tokenize?: boolean
  /** Words that stay whole. Python's tokenizer only. */
  readonly never_split?: readonly string[]
  /** Make each Chinese character a word; true unless given. */
  readonly tokenize_chinese_chars?: boolean
  /** Drop accents; as do_lower_case unless given. */
  readonly strip_accents?: boolean
  /** The most tokens of the model; no limit unless given. */
  readonly model_max_length?: number
  readonly padding_side?: 'left' | 'right'
  readonly truncation_side?: 'left' | 'right'
  readonly clean_up_tokenization_spaces?: boolean
  /** Tokens beyond the special ones that are found in texts as they are. */
  readonly added_tokens?: readonly AddedToken[]
}

type Json = Readonly<Record<string, unknown>>

const flags = [
  'do_lower_case',
  'do_basic_tokenize',
  'tokenize_chinese_chars',
  'strip_accents',
  'clean_up_tokenization_spaces',
] as const
const sides = ['padding_side', 'truncation_side'] as const

/** Options of tokenizer_config.json, special_tokens_map.json and added_tokens.json. Throws FileError TOKENIZER_CONFIG. */
export function fromFiles(config: Json, specialMap: Json, addedIds: Json): BertTokenizerOptions {
  const options: Record<string, unknown> = {}
  for (const name of flags) put(options, name, config[name], value => typeof value === 'boolean')
  for (const name of sides) put(options, name, config[name], value => value === 'left' || value === 'right')
  for (const name of specialNames) {
    put(options, name, contentOf(config[name] ?? specialMap[name]), value => typeof value === 'string' && value !== '')
  }
  put(options, 'never_split', config.never_split, isTexts)
  const most = config.model_max_length
  put(options, 'model_max_length', most, value => typeof value === 'number' && value > 0)
  return { ...options, added_tokens: addedTokens(config.added_tokens_decoder, addedIds) }
}

function put(options: Record<string, unknown>, name: string, value: unknown, fits: (value: unknown) => boolean): void {
  if (value === undefined || value === null) return
  if (!fits(value))
    throw new FileError('TOKENIZER_CONFIG', `tokenizer_config.json: ${name} cannot be ${JSON.stringify(value)}`, {
      name,
    })
  options[name] = value
}

/** A token is written as its text, or as an object with its flags. */
function contentOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'content' in value ? value.content : value
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}

function addedTokens(decoder: unknown, addedIds: Json): AddedToken[] {
  const entries = typeof decoder === 'object' && decoder !== null ? Object.entries(decoder) : []
  const flagged = entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => fromJson(value))
  const plain = Object.entries(addedIds)
    .sort(([, a], [, b]) => Number(a) - Number(b))
    .map(
      ([content]): AddedToken => ({
        content,
        special: false,
        lstrip: false,
        rstrip: false,
        single_word: false,
        normalized: true,
      }),
    )
  const known = new Set(flagged.map(({ content }) => content))
  return [...flagged, ...plain.filter(({ content }) => !known.has(content))]
}

function fromJson(value: unknown): AddedToken {
  if (typeof value !== 'object' || value === null || !('content' in value) || typeof value.content !== 'string') {
    throw new FileError('TOKENIZER_CONFIG', 'tokenizer_config.json: an entry of added_tokens_decoder has no content')
  }
  const flag = (name: string, otherwise: boolean): boolean => {
    const set: unknown = Reflect.get(value, name)
    return typeof set === 'boolean' ? set : otherwise
  }
  const special = flag('special', false)
  return {
    content: value.content,
    special,
    lstrip: flag('lstrip', false),
    rstrip: flag('rstrip', false),
    single_word: flag('single_word', false),
    normalized: flag('normalized', !special),
  }
}
