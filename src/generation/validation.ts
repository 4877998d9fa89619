// Checks of the parameters: what cannot be is refused, what has no effect is listed.
import { ConfigError } from '../errors.ts'
import { isConstraint } from './constraints/constraint.ts'
import type { GenerationMode } from './mode.ts'
import { modeOf } from './mode.ts'
import { defaultParameters, type GenerationParameters, type ParameterName } from './parameters.ts'
import { above, finite, tokenIds, valueFault, whole, within } from './values.ts'

/** A parameter that has no effect, and under which condition. */
export interface Issue {
  readonly parameter: ParameterName
  readonly when: string
}

/** Throws ConfigError GENERATION_VALUE for a value that cannot be, alone or with the others. */
export function checkParameters(parameters: GenerationParameters): void {
  checkFlags(parameters)
  checkLengths(parameters)
  checkScores(parameters)
  checkTokens(parameters)
  checkSearch(parameters, modeOf(parameters))
}

const flags = [
  ...(['do_sample', 'use_cache', 'renormalize_logits', 'remove_invalid_values', 'return_dict_in_generate'] as const),
  ...(['output_attentions', 'output_hidden_states', 'output_scores', 'output_logits'] as const),
]

function checkFlags(parameters: GenerationParameters): void {
  for (const name of flags) {
    const value = parameters[name]
    if (typeof value !== 'boolean' && !(name === 'output_logits' && value === null)) {
      throw valueFault(name, value, 'true or false')
    }
  }
}

/** Runs a check unless the parameter is null. */
function checked(
  parameters: GenerationParameters,
  names: readonly ParameterName[],
  check: (name: string, value: unknown) => void,
): void {
  for (const name of names) if (parameters[name] !== null) check(name, parameters[name])
}

function checkLengths(parameters: GenerationParameters): void {
  const fromOne = ['max_length', 'max_new_tokens', 'prefill_chunk_size', 'num_return_sequences', 'num_beams'] as const
  checked(parameters, fromOne, (name, value) => whole(name, value, 1))
  const fromZero = ['min_length', 'min_new_tokens', 'no_repeat_ngram_size', 'encoder_no_repeat_ngram_size'] as const
  checked(parameters, fromZero, (name, value) => whole(name, value, 0))
  checked(parameters, ['max_time'], (name, value) => within(name, value, 0, Infinity))
  const guesses = ['num_assistant_tokens', 'prompt_lookup_num_tokens', 'max_matching_ngram_size'] as const
  checked(parameters, guesses, (name, value) => whole(name, value, 1))
  const { min_new_tokens: least, max_new_tokens: most } = parameters
  if (least !== null && most !== null && least > most) {
    throw valueFault('min_new_tokens', least, `at most max_new_tokens, ${most}`)
  }
}

function checkScores(parameters: GenerationParameters): void {
  checked(parameters, ['temperature'], (name, value) => {
    // Hugging Face takes 0 as long as nothing is drawn.
    if (value === 0 && !parameters.do_sample) return
    if (finite(name, value) > 0) return
    throw valueFault(name, value, 'a number above 0: for the most likely token use do_sample: false')
  })
  checked(parameters, ['top_k'], (name, value) => whole(name, value, 0))
  const shares = [
    'top_p',
    'min_p',
    'typical_p',
    'epsilon_cutoff',
    'eta_cutoff',
    'assistant_confidence_threshold',
  ] as const
  checked(parameters, shares, (name, value) => within(name, value, 0, 1))
  checked(parameters, ['typical_p'], (name, value) => above(name, value, 0, 'a number above 0, at most 1'))
  checked(parameters, ['top_h', 'penalty_alpha'], (name, value) => within(name, value, 0, 1))
  checked(parameters, ['repetition_penalty', 'encoder_repetition_penalty'], (name, value) => above(name, value, 0))
  checked(parameters, ['diversity_penalty'], (name, value) => within(name, value, 0, Infinity))
  checked(parameters, ['length_penalty', 'guidance_scale'], finite)
}

function checkTokens(parameters: GenerationParameters): void {
  const { suppress_tokens } = parameters
  const lists = ['eos_token_id', 'forced_eos_token_id', 'suppress_tokens', 'begin_suppress_tokens'] as const
  checked(parameters, lists, (name, value) => tokenIds(name, value))
  checked(parameters, ['bos_token_id', 'forced_bos_token_id'], (name, value) => whole(name, value, 0))
  checked(parameters, ['pad_token_id'], (name, value) => whole(name, value, -1))
  checked(parameters, ['constraints'], (name, value) => {
    if (Array.isArray(value) && value.length > 0 && value.every(isConstraint)) return
    throw valueFault(name, value, 'a list, not empty, of constraints, such as PhrasalConstraint')
  })
  for (const name of ['forced_bos_token_id', 'forced_eos_token_id'] as const) {
    const forced = parameters[name] === null ? [] : tokenIds(name, parameters[name])
    if (forced.length === 0 || !forced.every(id => suppress_tokens?.includes(id))) continue
    throw valueFault(name, parameters[name], 'a token that suppress_tokens does not forbid')
  }
}

function checkSearch(parameters: GenerationParameters, mode: GenerationMode): void {
  const { early_stopping, num_return_sequences: answers, num_beams, num_beam_groups: groups, do_sample } = parameters
  if (typeof early_stopping !== 'boolean' && early_stopping !== 'never') {
    throw valueFault('early_stopping', early_stopping, "true, false or 'never'")
  }
  if (num_beams > 1 && answers > num_beams) {
    throw valueFault('num_return_sequences', answers, `at most num_beams, ${num_beams}`)
  }
  if (num_beams === 1 && !do_sample && answers > 1) {
    throw valueFault(
      'num_return_sequences',
      answers,
      '1 without do_sample or beams, because all answers would be the same',
    )
  }
  whole('num_beam_groups', groups, 1)
  if (mode === 'group_beam_search') {
    if (num_beams % groups !== 0) throw valueFault('num_beam_groups', groups, `a divisor of num_beams, ${num_beams}`)
    above('diversity_penalty', parameters.diversity_penalty, 0, 'above 0 with groups: they would all be the same')
    if (do_sample) throw together('num_beam_groups', 'do_sample')
  }
  if (mode === 'constrained_beam_search') {
    const name = parameters.constraints === null ? 'force_words_ids' : 'constraints'
    if (num_beams === 1)
      throw new ConfigError('GENERATION_VALUE', `generate: ${name} needs num_beams above 1`, { option: name })
    if (do_sample) throw together(name, 'do_sample')
    if (groups > 1) throw together(name, 'num_beam_groups')
  }
  checkNames(parameters)
}

function together(one: string, other: string): ConfigError {
  return new ConfigError('GENERATION_VALUE', `generate: ${one} and ${other} do not go together`, { option: one })
}

const caches = ['dynamic', 'dynamic_full']
const otherCaches = [
  ...['static', 'offloaded_static', 'sliding_window', 'hybrid', 'hybrid_chunked', 'offloaded_hybrid'],
  ...['offloaded_hybrid_chunked', 'offloaded', 'quantized'],
]
const schedules = ['constant', 'heuristic', 'heuristic_transient']

function checkNames({ cache_implementation, num_assistant_tokens_schedule, dola_layers }: GenerationParameters): void {
  if (cache_implementation !== null && ![...caches, ...otherCaches].includes(cache_implementation)) {
    throw valueFault('cache_implementation', cache_implementation, `one of ${[...caches, ...otherCaches].join(', ')}`)
  }
  if (!schedules.includes(num_assistant_tokens_schedule)) {
    throw valueFault('num_assistant_tokens_schedule', num_assistant_tokens_schedule, `one of ${schedules.join(', ')}`)
  }
  if (dola_layers !== null && dola_layers !== 'low' && dola_layers !== 'high') {
    if (!Array.isArray(dola_layers) || dola_layers.length === 0) {
      throw valueFault('dola_layers', dola_layers, "'low', 'high' or a list of layers")
    }
    for (const layer of dola_layers) whole('dola_layers', layer, 0)
  }
}

const onlySampling = [
  ...(['temperature', 'top_p', 'min_p', 'top_h', 'typical_p', 'top_k', 'epsilon_cutoff', 'eta_cutoff'] as const),
]
const onlyBeams = ['early_stopping', 'length_penalty', 'num_beam_groups', 'diversity_penalty'] as const
const onlyDictionary = ['output_attentions', 'output_hidden_states', 'output_scores', 'output_logits'] as const

/** Parameters that differ from their defaults and have no effect beside the others. */
export function issuesOf(parameters: GenerationParameters): Issue[] {
  const mode = modeOf(parameters)
  const isSet = (name: ParameterName) => parameters[name] !== null && parameters[name] !== defaultParameters[name]
  const without = (names: readonly ParameterName[], when: string): Issue[] =>
    names.filter(isSet).map(parameter => ({ parameter, when }))
  const counting = onlySampling.filter(name => name !== 'top_k' || mode !== 'contrastive_search')
  return [
    ...((parameters.pad_token_id ?? 0) < 0 ? without(['pad_token_id'], 'below 0') : []),
    ...(parameters.do_sample ? [] : without(counting, 'without do_sample: true')),
    ...(parameters.num_beams === 1 ? without(onlyBeams, 'without num_beams') : []),
    ...(parameters.use_cache ? [] : without(['cache_implementation'], 'with use_cache: false')),
    ...(parameters.return_dict_in_generate ? [] : without(onlyDictionary, 'without return_dict_in_generate: true')),
  ]
}

/** The issues as one sentence for each reason. */
export function describeIssues(issues: readonly Issue[]): string {
  const reasons = new Map<string, string[]>()
  for (const { parameter, when } of issues) reasons.set(when, [...(reasons.get(when) ?? []), parameter])
  return Array.from(reasons, ([when, names]) => {
    return `${names.join(', ')} ${names.length > 1 ? 'have' : 'has'} no effect ${when}.`
  }).join(' ')
}
