// What a tokenizer can be told when it is made.
import type { DecodeErrors } from './model/byteLevel.ts'
import { type SpecialTokenOptions, specialNames } from './specialTokens.ts'

/** Options of every tokenizer. */
export interface TokenizerOptions extends SpecialTokenOptions {
  /** The most tokens of the model; no limit unless given. */
  readonly model_max_length?: number | null
  readonly padding_side?: 'left' | 'right'
  readonly truncation_side?: 'left' | 'right'
  /** Whether decode() removes the spaces before English punctuation; BERT's habit and not GPT-2's. */
  readonly clean_up_tokenization_spaces?: boolean
  /** The fields that a call gives. */
  readonly model_input_names?: readonly string[]
  /** Special tokens in a text are text. */
  readonly split_special_tokens?: boolean
  /** The folder, for the printed summary. */
  readonly name_or_path?: string
}

export interface BertTokenizerOptions extends TokenizerOptions {
  /** Lower-case everything; true unless given. */
  readonly do_lower_case?: boolean
  /** Cut at white space and punctuation before words are cut into pieces; true unless given. Python's tokenizer only. */
  readonly do_basic_tokenize?: boolean
  /** Words that stay whole. Python's tokenizer only. */
  readonly never_split?: readonly string[] | null
  /** Make each Chinese character a word; true unless given. */
  readonly tokenize_chinese_chars?: boolean
  /** Drop accents; as do_lower_case unless given. */
  readonly strip_accents?: boolean | null
}

export interface GPT2TokenizerOptions extends TokenizerOptions {
  /** What decode() does with bytes that are no text: 'replace' (U+FFFD; unless given), 'ignore', or 'strict' (an error). */
  readonly errors?: DecodeErrors
  /** Begin every text with a blank, so that its first word is one like the others; false unless given. */
  readonly add_prefix_space?: boolean
  /** Put bos_token in front; false unless given. */
  readonly add_bos_token?: boolean
}

const shared = [
  ...specialNames,
  ...(['additional_special_tokens', 'added_tokens_decoder', 'model_max_length', 'padding_side'] as const),
  ...(['truncation_side', 'clean_up_tokenization_spaces', 'model_input_names', 'split_special_tokens'] as const),
  'name_or_path',
] as const

/** Names of the options that are the kind's own, and so are saved with it. */
export const bertOnly = [
  ...(['do_lower_case', 'do_basic_tokenize', 'never_split', 'tokenize_chinese_chars', 'strip_accents'] as const),
] as const
export const gpt2Only = ['errors', 'add_prefix_space', 'add_bos_token'] as const

export const bertOptionNames: readonly string[] = [...shared, ...bertOnly]
export const gpt2OptionNames: readonly string[] = [...shared, ...gpt2Only]
