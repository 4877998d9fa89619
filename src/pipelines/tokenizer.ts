// What pipelines need of a tokenizer; every tokenizer of this library has it, and a user's own may.
import { ConfigError, InputError } from '../errors.ts'

type Options = Readonly<Record<string, unknown>>

export interface PipelineTokenizer {
  (text: string, options?: Options): object
  decode(ids: readonly number[], options?: Options): string
  readonly padding_side: string
  readonly pad_token_id: number | undefined
  readonly sep_token_id: number | undefined
  readonly cls_token_id?: number | undefined
  readonly unk_token_id?: number | undefined
  readonly mask_token?: string | undefined
  readonly mask_token_id?: number | undefined
  readonly model_max_length?: number
  /** Whether its lines are those of the Rust library; Python's tokenizers give no offsets to pipelines. */
  readonly is_fast?: boolean
  readonly all_special_ids?: readonly number[]
  get_vocab?(): ReadonlyMap<string, number>
  convert_ids_to_tokens?(id: number): string
  convert_tokens_to_string?(tokens: readonly string[]): string
}

/** A tokenizer with all that tasks about tokens need. */
export type TokenTokenizer = PipelineTokenizer &
  Required<Pick<PipelineTokenizer, 'convert_ids_to_tokens' | 'convert_tokens_to_string'>>

/** Throws ConfigError TOKENIZER when a user's own tokenizer lacks a method. */
export function withTokens(tokenizer: PipelineTokenizer, task: string): TokenTokenizer {
  const { convert_ids_to_tokens, convert_tokens_to_string } = tokenizer
  if (convert_ids_to_tokens && convert_tokens_to_string) return tokenizer as TokenTokenizer
  throw new ConfigError('TOKENIZER', `${task}: the tokenizer has no convert_ids_to_tokens and convert_tokens_to_string`)
}

/** The most tokens that the tokenizer makes of a text when it is to truncate; Infinity when it does not say. */
export function limitOf({ model_max_length = Infinity }: PipelineTokenizer): number {
  // Files that know no limit say 1e30.
  return model_max_length > 1e9 ? Infinity : model_max_length
}

/** Options of a tokenizer's call that a pipeline hands on. */
export interface TokenizerOptions {
  /** Put the model's special tokens around the text; true unless given. */
  add_special_tokens?: boolean
  /** Cut what is too long: true, or how a pair is cut. */
  truncation?: boolean | string
  /** The most tokens; the tokenizer's model_max_length unless given. */
  max_length?: number
  /** Fill up: 'max_length' to max_length; batches are filled up anyway. */
  padding?: boolean | string
  pad_to_multiple_of?: number
  padding_side?: 'left' | 'right'
  /** false leaves token_type_ids out; GPT-2 wants none. */
  return_token_type_ids?: boolean
}

export const tokenizerOptions = [
  ...(['add_special_tokens', 'truncation', 'max_length', 'padding', 'pad_to_multiple_of'] as const),
  ...(['padding_side', 'return_token_type_ids'] as const),
]

/** One text, or one piece of a long one, as a model takes it. */
export interface EncodedRow {
  readonly input_ids: readonly number[]
  readonly attention_mask: readonly number[]
  readonly token_type_ids?: readonly number[]
}

/** Encodes one text; the mask is all ones when the tokenizer gives none. Throws InputError TEXT_TYPE. */
export function encodeText(tokenizer: PipelineTokenizer, text: string, options: Options, task: string): EncodedRow {
  checkText(text, task)
  const encoded = tokenizer(text, options) as Partial<EncodedRow> & Pick<EncodedRow, 'input_ids'>
  const { input_ids, attention_mask = input_ids.map(() => 1), token_type_ids } = encoded
  return { input_ids, attention_mask, ...(token_type_ids && { token_type_ids }) }
}

/** Throws InputError TEXT_TYPE for anything but a string. */
export function checkText(text: unknown, task: string, hint?: string): asserts text is string {
  if (typeof text === 'string') return
  const got = text === null ? 'null' : Array.isArray(text) ? 'a list' : `a value of type ${typeof text}`
  throw new InputError('TEXT_TYPE', `${task}: expected a text, got ${got}`, { ...(hint !== undefined && { hint }) })
}
