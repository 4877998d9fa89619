// pad(): rows that were encoded before, filled up to one length.
import type { Backend } from '../../backend.ts'
import { sharedBackend } from '../../backends/index.ts'
import { InputError } from '../../errors.ts'
import type { PreTrainedTokenizer } from '../base.ts'
import { BatchEncoding, type Fields, tensorFields } from './batchEncoding.ts'
import { checkNames, type EncodeOptions, lengthSettings } from './callOptions.ts'
import { tensorKind } from './encode.ts'

/** What a call gave: one row, a list of rows by field, or a list of rows. */
export type PadInputs = object | readonly object[]

export interface PadOptions {
  /** true (unless given), 'longest', 'max_length', false or 'do_not_pad'. */
  padding?: EncodeOptions['padding']
  max_length?: number | null
  pad_to_multiple_of?: number | null
  padding_side?: 'left' | 'right' | null
  return_attention_mask?: boolean | null
  return_tensors?: EncodeOptions['return_tensors']
  /** Where the tensors are made. */
  backend?: Backend
  verbose?: boolean
}

const optionNames = [
  ...(['padding', 'max_length', 'pad_to_multiple_of', 'padding_side', 'return_attention_mask'] as const),
  ...(['return_tensors', 'backend', 'verbose'] as const),
]

/** Fields with a number for each token; others are left as they are. */
const padded = ['input_ids', 'token_type_ids', 'attention_mask', 'special_tokens_mask']

/** Throws InputError PAD_INPUTS for what has no input_ids, and what lengthSettings throws. */
export function padFields(tokenizer: PreTrainedTokenizer, inputs: PadInputs, options: PadOptions): BatchEncoding {
  checkNames(options, optionNames, 'pad')
  const fields = fieldsOf(inputs)
  const ids: unknown = fields.input_ids
  if (!Array.isArray(ids)) {
    throw new InputError('PAD_INPUTS', `pad: wanted input_ids, got ${Object.keys(fields).join(', ') || 'nothing'}`)
  }
  if (ids.length === 0) {
    return new BatchEncoding(
      [],
      { ...fields, ...(options.return_attention_mask && { attention_mask: [] }) },
      tokenizer.is_fast,
    )
  }
  const isBatch = Array.isArray(ids[0])
  const rows = (isBatch ? ids : [ids]) as number[][]
  const wantsMask = options.return_attention_mask ?? tokenizer.model_input_names.includes('attention_mask')
  const listed = Object.entries(fields).map(([name, value]) => [name, isBatch ? value : [value]] as const)
  const all = new Map<string, unknown>(listed)
  if (wantsMask && !all.has('attention_mask'))
    all.set(
      'attention_mask',
      rows.map(row => row.map(() => 1)),
    )
  if (!wantsMask) all.delete('attention_mask')
  const fill = filler(tokenizer, rows, options)
  const out = [...all].map(([name, values]) => {
    return [name, padded.includes(name) ? (values as number[][]).map(row => fill(name, row)) : values] as const
  })
  if (tensorKind(options.return_tensors)) {
    const numbers = out as (readonly [string, number[][]])[]
    return new BatchEncoding([], tensorFields(numbers, options.backend ?? sharedBackend()), tokenizer.is_fast)
  }
  const flat = out.map(([name, values]) => [name, isBatch ? values : (values as unknown[])[0]])
  return new BatchEncoding([], Object.fromEntries(flat), tokenizer.is_fast)
}

/** A list of rows as lists by field. */
function fieldsOf(inputs: PadInputs): Fields {
  if (!Array.isArray(inputs)) return { ...inputs }
  const [first] = inputs as readonly Fields[]
  const names = Object.keys(first ?? {})
  return Object.fromEntries(names.map(name => [name, (inputs as readonly Fields[]).map(row => row[name])]))
}

/** Fills up a row of a field. */
function filler(
  tokenizer: PreTrainedTokenizer,
  rows: readonly number[][],
  options: PadOptions,
): (name: string, row: readonly number[]) => number[] {
  const { padding: wanted = true, max_length: most, pad_to_multiple_of, padding_side: side } = options
  // A length without a word about truncation cuts nothing here, so it needs no warning.
  const silent = { truncation: false, verbose: false }
  const given = { padding: wanted, max_length: most ?? null, pad_to_multiple_of: pad_to_multiple_of ?? null }
  const settings = lengthSettings(tokenizer, { ...silent, ...given, padding_side: side ?? null })
  const { padding, max_length = 0, multiple, padding_side } = settings
  if (padding === 'do_not_pad') return (_, row) => [...row]
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const length = Math.ceil((padding === 'longest' ? longest : max_length) / multiple) * multiple
  const values: Readonly<Record<string, number>> = {
    input_ids: tokenizer.checkCanPad().id,
    token_type_ids: tokenizer.pad_token_type_id,
    attention_mask: 0,
    special_tokens_mask: 1,
  }
  return (name, row) => {
    const more = new Array<number>(Math.max(length - row.length, 0)).fill(values[name]!)
    return padding_side === 'left' ? [...more, ...row] : [...row, ...more]
  }
}
