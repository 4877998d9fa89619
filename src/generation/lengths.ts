// How long a text may become and must become.
import { ConfigError, InputError } from '../errors.ts'
import { warnOnce } from '../warnings.ts'
import type { GenerationConfig } from './config.ts'
import { defaultParameters } from './parameters.ts'

export interface Lengths {
  /** The most tokens in a row. */
  readonly most: number
  /** The same as it was asked for, where the model has fewer places. */
  readonly asked: number
  /** The least tokens in a row. */
  readonly least: number
}

/** How many tokens a prompt has, and what the call says about length. */
export interface PromptLength {
  /** Those with ids. */
  readonly ids: number
  /** Those without: embeddings that no ids stand beside. */
  readonly lead: number
  /** Whether the call itself says max_length. */
  readonly isSet: boolean
}

/**
 * `places` is what the model has; the last token of a text needs none, so a text may have one more. Throws InputError
 * TOO_LONG when there is no room for an answer, ConfigError GENERATION_VALUE when a text would have to be longer than
 * it may.
 */
export function lengthsOf(config: GenerationConfig, { ids, lead, isSet }: PromptLength, places: number): Lengths {
  if (ids + lead > places) {
    throw new InputError('TOO_LONG', `generate: the prompt has ${ids + lead} tokens, the model has ${places} places`, {
      tokens: ids + lead,
      places,
    })
  }
  if (isSet && config.max_new_tokens !== null) {
    const { max_new_tokens: tokens, max_length } = config
    const message = `generate: max_new_tokens (${tokens}) and max_length (${max_length}) are both set, and the first counts: for max_length set max_new_tokens to null.`
    warnOnce('MAX_LENGTH_UNUSED', message)
  }
  const asked = mostOf(config, { ids, lead, isSet }, places)
  if (ids >= asked) {
    const message = `generate: the prompt has ${ids} tokens, and max_length is ${asked}`
    throw new InputError('TOO_LONG', message, { hint: 'give max_new_tokens, or a larger max_length' })
  }
  const { min_length, min_new_tokens } = config
  const least = min_new_tokens === null ? Math.max((min_length ?? 0) - lead, 0) : ids + min_new_tokens
  if (least > asked) {
    const name = min_new_tokens === null ? 'min_length' : 'min_new_tokens'
    throw new ConfigError('GENERATION_VALUE', `generate: ${name} asks for ${least} tokens, and ${asked} are the most`, {
      option: name,
    })
  }
  return { most: Math.min(asked, places + 1 - lead), asked, least }
}

function mostOf(
  { max_new_tokens, max_length }: GenerationConfig,
  { ids, lead, isSet }: PromptLength,
  places: number,
): number {
  if (max_new_tokens !== null) return ids + max_new_tokens
  const limit = max_length ?? defaultParameters.max_length!
  if (lead > 0 || isSet || limit !== defaultParameters.max_length) return limit - lead
  // Nobody set it: so many new tokens, as far as there are places.
  return Math.min(ids + limit, places)
}
