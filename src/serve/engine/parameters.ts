// The parameters of an inference request as options of a pipeline: what the inference API presets, the names of
// text-generation-inference, and what cannot come over HTTP.
import { InputError } from '../../errors.ts'
import { defaultParameters } from '../../generation/parameters.ts'
import type { Task } from '../../pipelines/pipeline.ts'

export type Parameters = Readonly<Record<string, unknown>>

/** Options that hold objects of the program, or whose results are too large for an answer. */
const notOverHttp: readonly string[] = [
  ...(['generation_config', 'use_model_defaults', 'logits_processor', 'stopping_criteria'] as const),
  ...(['prefix_allowed_tokens_fn', 'assistant_model', 'streamer', 'tokenizer', 'signal', 'constraints'] as const),
  ...(['output_scores', 'output_logits', 'output_attentions', 'output_hidden_states'] as const),
  ...(['return_dict_in_generate', 'quantize'] as const),
]

/** Names of text-generation-inference that are taken as long as they ask for nothing. */
const onlyOff: Readonly<Record<string, string>> = {
  adapter_id: 'there are no adapters',
  best_of: 'ask for num_return_sequences',
  decoder_input_details: 'ask for logprobs and echo at /v1/completions',
  frequency_penalty: 'it is a parameter of /v1/completions; here is repetition_penalty',
  grammar: 'there are no grammars',
  truncate: "handle_long_generation: 'hole' makes room",
  watermark: 'there are no watermarks',
}

/** At most so many texts are generated at once. */
const mostRows = 128

/** Throws InputError PARAMETER. */
export function optionsOf(task: Task, parameters: Parameters): Parameters {
  const refused = Object.keys(parameters).find(name => notOverHttp.includes(name))
  if (refused !== undefined) throw parameterFault(refused, 'cannot be asked for over HTTP')
  if (task === 'text-generation') return generationOptions(parameters)
  if (task === 'feature-extraction') return featureOptions(parameters)
  if (task === 'text-classification') return { top_k: null, ...parameters }
  if (task === 'token-classification') return { aggregation_strategy: 'simple', ...parameters }
  return parameters
}

/** Throws for a value that asks for something. */
function isOff(name: string, value: unknown): boolean {
  if (!Object.hasOwn(onlyOff, name)) return false
  if (value === null || value === false) return true
  throw parameterFault(name, 'is not supported', onlyOff[name])
}

function generationOptions({ stop, ...parameters }: Parameters): Parameters {
  const given = Object.fromEntries(Object.entries(parameters).filter(([name, value]) => !isOff(name, value)))
  const { stop_strings, num_beams = 1, num_return_sequences = 1 } = given
  const names = ['num_beams', 'num_return_sequences'] as const
  const tooMany = names.find((_, i) => Number([num_beams, num_return_sequences][i]) > mostRows)
  if (tooMany) throw parameterFault(tooMany, `may be at most ${mostRows} over HTTP`)
  const stops = stop ?? stop_strings
  const known = Object.entries(given).filter(([name, value]) => value !== null || name in defaultParameters)
  return { ...Object.fromEntries(known), ...(!isEmpty(stops) && { stop_strings: stops }) }
}

function isEmpty(stops: unknown): boolean {
  return stops === undefined || stops === null || (Array.isArray(stops) && stops.length === 0)
}

/** The names of text-embeddings-inference too. */
function featureOptions({
  return_tensors,
  truncate,
  prompt_name,
  truncation_direction,
  ...given
}: Parameters): Parameters {
  if (return_tensors) throw parameterFault('return_tensors', 'cannot be asked for over HTTP')
  if (prompt_name != null)
    throw parameterFault('prompt_name', 'is not supported', 'put the prompt in front of the text')
  if (truncation_direction != null && String(truncation_direction).toLowerCase() !== 'right') {
    throw parameterFault('truncation_direction', "can only be 'Right'")
  }
  return { ...given, ...(truncate === true && { truncation: true }) }
}

/** An InputError PARAMETER. */
export function parameterFault(option: string, what: string, hint?: string): InputError {
  return new InputError('PARAMETER', `the parameter ${option} ${what}`, { option, ...(hint !== undefined && { hint }) })
}
