// What a call of a tokenizer can be told, checked and filled in as transformers does it.
import type { Backend } from '../../backend.ts'
import { InputError, nearestName, type VitrineError, valueText } from '../../errors.ts'
import type { PreTrainedTokenizer } from '../base.ts'
import { type Truncation, truncationOf } from './truncate.ts'

/** A text, a pair of texts, or the words of a text with is_split_into_words. */
export type Text = string | readonly string[]

export interface EncodeOptions {
  /** The second text of a pair, or one for each text of a list. */
  text_pair?: Text | readonly Text[] | null
  /** Texts whose ids become `labels`; without a text they are encoded in its place. */
  text_target?: Text | readonly Text[] | null
  text_pair_target?: Text | readonly Text[] | null
  /** Put [CLS] and [SEP] around; true unless given. */
  add_special_tokens?: boolean
  /** true or 'longest': as long as the longest of the list; 'max_length': max_length; false or 'do_not_pad': not at all. */
  padding?: boolean | 'longest' | 'max_length' | 'do_not_pad' | (string & {})
  /** true or 'longest_first', 'only_first', 'only_second': cut down to max_length; false or 'do_not_truncate': not at all. */
  truncation?: boolean | Truncation | (string & {}) | null
  /** The most tokens, those around included; the model's unless given. */
  max_length?: number | null
  /** How many tokens the pieces of a long text share, with return_overflowing_tokens; 0 unless given. */
  stride?: number
  /** The text is a list of words. */
  is_split_into_words?: boolean
  /** Pad to a multiple of this. */
  pad_to_multiple_of?: number | null
  padding_side?: 'left' | 'right' | null
  /** Python's tokenizers: not without special tokens. */
  return_token_type_ids?: boolean | null
  return_attention_mask?: boolean | null
  /**
   * Fast tokenizers: a long text gives several rows, and overflow_to_sample_mapping says of which text. Python's: adds
   * overflowing_tokens, the ids that were cut off, and num_truncated_tokens.
   */
  return_overflowing_tokens?: boolean
  /** Adds special_tokens_mask: 1 for [CLS], [SEP] and padding. */
  return_special_tokens_mask?: boolean
  /** Adds offset_mapping: start and end of each token in its text, counted in code points (as Python counts). */
  return_offsets_mapping?: boolean
  /** Adds length: the number of tokens. */
  return_length?: boolean
  /** Tensors (texts, tokens) in the place of arrays; the value names the library in Hugging Face and does not matter here. */
  return_tensors?: 'pt' | 'np' | 'tf' | 'jax' | 'mlx' | boolean | null
  /** Where the tensors are made. */
  backend?: Backend
  /**
   * Special tokens in a text are text; Python's tokenizers: all tokens that were added. Holds for lists too, where Hugging Face's
   * Python tokenizers forget it.
   */
  split_special_tokens?: boolean
  /** GPT2Tokenizer only: begin the text with a blank. */
  add_prefix_space?: boolean
  /** Whether to warn; true unless given. */
  verbose?: boolean
}

export const encodeOptionNames = [
  ...(['text_pair', 'text_target', 'text_pair_target', 'add_special_tokens', 'padding', 'truncation'] as const),
  ...(['max_length', 'stride', 'is_split_into_words', 'pad_to_multiple_of', 'padding_side'] as const),
  ...(['return_token_type_ids', 'return_attention_mask', 'return_overflowing_tokens'] as const),
  ...(['return_special_tokens_mask', 'return_offsets_mapping', 'return_length', 'return_tensors'] as const),
  ...(['backend', 'split_special_tokens', 'verbose'] as const),
] as const

/** Throws UNKNOWN_OPTION, an InputError unless told otherwise, for a name that is not in `known`. */
export function checkNames(
  options: object,
  known: readonly string[],
  who: string,
  Refusal: typeof VitrineError = InputError,
): void {
  const unknown = Object.keys(options).find(name => !known.includes(name))
  if (unknown === undefined) return
  const near = nearestName(unknown, known)
  throw new Refusal('UNKNOWN_OPTION', `${who}: there is no option ${unknown}`, {
    option: unknown,
    hint: near ? `did you mean ${near}?` : `known: ${known.join(', ')}`,
  })
}

export type Padding = 'longest' | 'max_length' | 'do_not_pad'

/** How long rows become. */
export interface LengthSettings {
  readonly padding: Padding
  readonly truncation: Truncation
  /** The most tokens of a row, and the length of padding to max_length. */
  readonly max_length: number | undefined
  readonly multiple: number
  readonly padding_side: 'left' | 'right'
}

/**
 * The lengths that options ask for; the model's limit stands in for max_length where it is needed. Warns where transformers does.
 * Throws InputError OPTION_VALUE, and NO_SPECIAL_TOKEN when there is no token to pad with.
 */
export function lengthSettings(tokenizer: PreTrainedTokenizer, options: EncodeOptions): LengthSettings {
  const given = wholeNumber('max_length', options.max_length)
  const multiple = wholeNumber('pad_to_multiple_of', options.pad_to_multiple_of) || 1
  const warn = (code: string, message: string): void => {
    if (options.verbose ?? true) tokenizer.warn(code, message)
  }
  let padding = paddingOf(options.padding)
  let truncation = truncationOf(options.truncation)
  if (given !== undefined && (options.padding ?? false) === false && (options.truncation ?? undefined) === undefined) {
    warn(
      'TRUNCATION_IMPLIED',
      'max_length was given without truncation: longer texts are cut. Say truncation: true to be clear.',
    )
    truncation = 'longest_first'
  }
  if (padding === 'longest' && given !== undefined && truncation === 'do_not_truncate') {
    warn(
      'MAX_LENGTH_IGNORED',
      "max_length has no effect with padding: true and no truncation; padding: 'max_length' pads to it.",
    )
  }
  const limit = given ?? (tokenizer.model_max_length === Infinity ? undefined : tokenizer.model_max_length)
  if (limit === undefined && padding === 'max_length') {
    warn(
      'NO_MAX_LENGTH',
      "padding: 'max_length' has no effect: no max_length was given, and the model states no limit.",
    )
    padding = 'do_not_pad'
  }
  if (limit === undefined && truncation !== 'do_not_truncate') {
    warn('NO_LIMIT', 'truncation has no effect: no max_length was given, and the model states no limit.')
    truncation = 'do_not_truncate'
  }
  const needsLimit = padding === 'max_length' || truncation !== 'do_not_truncate'
  const max_length = given ?? (needsLimit ? limit : undefined)
  if (padding !== 'do_not_pad') tokenizer.checkCanPad()
  if (truncation !== 'do_not_truncate' && padding !== 'do_not_pad' && (max_length ?? 0) % multiple !== 0) {
    const message = `tokenizer: max_length ${max_length} is no multiple of pad_to_multiple_of ${multiple}`
    throw new InputError('OPTION_VALUE', message, { hint: 'texts that are cut to it could not be padded' })
  }
  return {
    padding,
    truncation,
    max_length,
    multiple,
    padding_side: checkedSide('padding_side', options.padding_side ?? tokenizer.padding_side),
  }
}

function paddingOf(value: EncodeOptions['padding']): Padding {
  if (value === true || value === 'longest') return 'longest'
  if (value === false || value === undefined || value === 'do_not_pad') return 'do_not_pad'
  if (value === 'max_length') return 'max_length'
  throw new InputError('OPTION_VALUE', `padding: there is no '${value}'`, {
    hint: 'true, false, longest, max_length or do_not_pad',
  })
}

/** Throws InputError OPTION_VALUE for what is no side, of the tokenizer's field or the option `name`. */
export function checkedSide(name: string, value: unknown): 'left' | 'right' {
  if (value === 'left' || value === 'right') return value
  throw new InputError('OPTION_VALUE', `tokenizer: ${name} must be 'left' or 'right', got ${valueText(value)}`)
}

/** Throws InputError OPTION_VALUE for what is neither left out nor a whole number from 0 on. */
export function wholeNumber(name: string, value: number | null | undefined): number | undefined {
  if (value === undefined || value === null) return undefined
  if (Number.isInteger(value) && value >= 0) return value
  throw new InputError('OPTION_VALUE', `tokenizer: ${name} must be a whole number from 0 on, got ${value}`)
}
