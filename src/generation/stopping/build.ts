// Which conditions end the texts (transformers/generation/utils.py, _get_stopping_criteria).
import { ConfigError } from '../../errors.ts'
import type { GenerationConfig } from '../config.ts'
import type { GenerationOptions } from '../options.ts'
import { asCriterion, type StoppingCriterion, type StoppingCriterionLike } from './criterion.ts'
import { EosTokenCriteria } from './eosToken.ts'
import { MaxLengthCriteria } from './maxLength.ts'
import { MaxTimeCriteria } from './maxTime.ts'
import { StopStringCriteria, type TokenTexts } from './stopString.ts'

/**
 * Those that the parameters ask for, then the caller's own, of which one of the same class takes the other's place.
 * `most` is the length of the longest text. Throws ConfigError GENERATION_VALUE, and TOKENIZER_MISSING for stop_strings
 * without a tokenizer.
 */
export function buildCriteria(
  config: GenerationConfig,
  { stopping_criteria, tokenizer }: Pick<GenerationOptions, 'stopping_criteria' | 'tokenizer'>,
  eos: readonly number[],
  most: number,
): StoppingCriterion[] {
  const { max_time, stop_strings } = config
  const usual: StoppingCriterion[] = [
    new MaxLengthCriteria(most),
    ...(max_time === null ? [] : [new MaxTimeCriteria(max_time)]),
    ...(stop_strings === null ? [] : [new StopStringCriteria(needed(tokenizer), stop_strings)]),
    ...(eos.length === 0 ? [] : [new EosTokenCriteria(eos)]),
  ]
  const own = listOf(stopping_criteria).map(asCriterion)
  const merged = usual.map(
    criterion => own.find(candidate => candidate.constructor === criterion.constructor) ?? criterion,
  )
  return [...merged, ...own.filter(criterion => !merged.includes(criterion))]
}

function needed(tokenizer: TokenTexts | null | undefined): TokenTexts {
  if (tokenizer) return tokenizer
  throw new ConfigError('TOKENIZER_MISSING', 'generate: stop_strings needs the tokenizer', {
    option: 'tokenizer',
    hint: 'pass { tokenizer } beside it',
  })
}

function listOf(given: GenerationOptions['stopping_criteria']): readonly StoppingCriterionLike[] {
  if (given === null || given === undefined) return []
  return isList(given) ? given : [given]
}

function isList(
  given: StoppingCriterionLike | readonly StoppingCriterionLike[],
): given is readonly StoppingCriterionLike[] {
  return Array.isArray(given)
}
