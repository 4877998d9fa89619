// What `forward` of every model takes beside its inputs, and the check of what it is given.
import { InputError, nearestName, valueText } from '../src/errors.ts'
import type { DynamicCache, LegacyCache } from '../src/nn/cache.ts'
import { Tensor } from '../src/tensor/tensor.ts'

/** What every `forward` takes beside its inputs. */
export interface ForwardOptions {
  /** Keys and values of the tokens before, a DynamicCache or pairs of tensors; the new ones are put behind them. */
  past_key_values?: DynamicCache | LegacyCache
  /** Make a cache and give it back. Unlike Hugging Face only when asked, because its memory is yours to free. */
  use_cache?: boolean
  output_hidden_states?: boolean
  output_attentions?: boolean
  /** false: the fields of the output as a plain array. */
  return_dict?: boolean
}

/** Inputs as `forward` takes them: null, which is Hugging Face's None, asks for nothing. */
export type Given<Inputs> = { [Name in keyof Inputs]: Inputs[Name] | null }

/** The same where what was null is left out. */
export type WithoutNull<Inputs> = { [Name in keyof Inputs]: Exclude<Inputs[Name], null> }

export const forwardOptions: readonly string[] = [
  ...['past_key_values', 'use_cache', 'output_hidden_states', 'output_attentions', 'return_dict'],
]

/**
 * The inputs that ask for something. Throws InputError INPUT_CHOICE for what is no object of inputs, UNKNOWN_INPUT for a name
 * that is not among the `known`; `owner` is named in both.
 */
export function checkedInputs<Inputs extends object>(
  given: Inputs,
  known: readonly string[],
  owner: string,
): WithoutNull<Inputs> {
  const isIds = Array.isArray(given) || ArrayBuffer.isView(given) || given instanceof Tensor
  if (typeof given !== 'object' || given === null || isIds) {
    throw new InputError('INPUT_CHOICE', `${owner}: expected an object of inputs, got ${valueText(given)}`, {
      hint: '{ input_ids } or what a tokenizer gives',
    })
  }
  const unknown = Object.keys(given).find(name => !known.includes(name))
  if (unknown === undefined) {
    const there = Object.entries(given).filter(([, value]) => value !== null)
    return Object.fromEntries(there) as WithoutNull<Inputs>
  }
  const near = nearestName(unknown, known)
  throw new InputError('UNKNOWN_INPUT', `${owner}: there is no input '${unknown}'`, {
    hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
  })
}
