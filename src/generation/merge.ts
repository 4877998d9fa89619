// The parameters of one call: its options, before those of its generation_config, before the model's, before the
// defaults.
import { ConfigError } from '../errors.ts'
import { warnOnce } from '../warnings.ts'
import { GenerationConfig } from './config.ts'
import { checkOptionNames, type GenerationOptions } from './options.ts'
import {
  assignParameters,
  defaultParameters,
  isParameterName,
  type ParameterName,
  parameterNames,
} from './parameters.ts'
import { checkParameters, describeIssues, issuesOf } from './validation.ts'

/** Special tokens come from the model even where its other defaults do not. */
const specialTokens = ['bos_token_id', 'eos_token_id', 'pad_token_id'] as const

/**
 * The merged parameters, checked. A warning names those among the call's own that have no effect. Throws ConfigError
 * UNKNOWN_OPTION, UNSUPPORTED_OPTION or GENERATION_VALUE.
 */
export function mergeParameters(options: GenerationOptions, ofModel: GenerationConfig): GenerationConfig {
  checkOptionNames(options)
  const { generation_config: given } = options
  if (given !== undefined && given !== null && !(given instanceof GenerationConfig)) {
    throw new ConfigError('GENERATION_VALUE', 'generate: generation_config must be a GenerationConfig', {
      option: 'generation_config',
      hint: 'make one: new GenerationConfig({ ... })',
    })
  }
  const merged = (given ?? ofModel).copy()
  if (given) fillFromModel(merged, ofModel, options.use_model_defaults ?? isRecent(ofModel))
  assignParameters(merged, { ...options })
  checkParameters(merged)
  const own = ownNames(options, given ?? undefined)
  // Processors of the caller see inner values also where they are not returned.
  const seen: readonly string[] = options.logits_processor ? ['output_hidden_states', 'output_attentions'] : []
  const issues = issuesOf(merged).filter(({ parameter }) => own.has(parameter) && !seen.includes(parameter))
  if (issues.length > 0) warnOnce('GENERATION_FLAGS', `generate: ${describeIssues(issues)}`)
  return merged
}

/**
 * A model's defaults stand behind those of a `generation_config`, if its file was written by transformers 4.50 or
 * later.
 */
function isRecent({ transformers_version: version }: GenerationConfig): boolean {
  const [major = 0, minor = 0] = (version ?? '5').split('.').map(Number)
  return major > 4 || (major === 4 && minor >= 50)
}

function fillFromModel(merged: GenerationConfig, ofModel: GenerationConfig, all: boolean): void {
  for (const name of parameterNames) {
    if (name === 'transformers_version') continue
    const isOpen = all || (specialTokens as readonly string[]).includes(name)
    const isUnset = merged[name] === defaultParameters[name]
    if (isOpen && isUnset) assignParameters(merged, { [name]: ofModel[name] })
  }
  if (all && merged.temperature === 0) merged.do_sample = false
}

/** Parameters that the caller set, not the model's file. */
function ownNames(options: GenerationOptions, given: GenerationConfig | undefined): Set<ParameterName> {
  const own = new Set(Object.keys(options).filter(isParameterName))
  if (given) for (const name of parameterNames) if (given[name] !== defaultParameters[name]) own.add(name)
  return own
}
