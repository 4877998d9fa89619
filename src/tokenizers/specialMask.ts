// The arguments of get_special_tokens_mask(), which stand one after the other or in one object.
import { InputError } from '../errors.ts'
import { checkNames } from './call/callOptions.ts'

/** What get_special_tokens_mask takes behind the ids. */
export interface SpecialMaskOptions {
  /** The ids of the second text of a pair. */
  readonly token_ids_1?: readonly number[] | null | undefined
  /** The ids are those of a text with the tokens around it. */
  readonly already_has_special_tokens?: boolean
}

/** The second text's ids, and whether the ids are whole. Throws InputError OPTION_VALUE for both at once, and UNKNOWN_OPTION. */
export function maskArguments(
  second: readonly number[] | SpecialMaskOptions | null | undefined,
  already: boolean,
): { pair: readonly number[] | undefined; isWhole: boolean } {
  const {
    token_ids_1,
    already_has_special_tokens = already,
    ...others
  } = isOptions(second) ? second : { token_ids_1: second }
  checkNames(others, ['token_ids_1', 'already_has_special_tokens'], 'get_special_tokens_mask')
  const pair = token_ids_1 ?? undefined
  if (pair && already_has_special_tokens) {
    const message = 'get_special_tokens_mask: ids with special tokens in them are one list'
    throw new InputError('OPTION_VALUE', message, { hint: 'leave the second list out' })
  }
  return { pair, isWhole: already_has_special_tokens }
}

function isOptions(second: unknown): second is SpecialMaskOptions {
  return typeof second === 'object' && second !== null && !Array.isArray(second)
}
