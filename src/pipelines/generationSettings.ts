// What a text-generation pipeline calls generate() with: its own defaults (Pipeline.__init__ of transformers/pipelines/base.py),
// and what it makes of a call's options (text_generation.py).
import type { CausalLM } from '../../models/causalLM.ts'
import { InputError } from '../errors.ts'
import { type GenerationOptions, isKnownOption } from '../generation/options.ts'
import { defaultParameters } from '../generation/parameters.ts'
import type { TokenTexts } from '../generation/stopping/stopString.ts'
import type { PipelineTokenizer } from './tokenizer.ts'

const { max_new_tokens, ...usual } = { max_new_tokens: 256, do_sample: true, temperature: 0.7 }

/**
 * Options of generate(), light ones first: Hugging Face's 256 new tokens drawn at temperature 0.7; task_specific_params of the
 * config; what the pipeline was made with. A max_length of the model or the caller takes the place of the 256, one of
 * task_specific_params does not, as in Hugging Face. All others come from the model's generation_config.
 */
export function generationDefaults(model: CausalLM, task: string, own: GenerationOptions): GenerationOptions {
  const max_length = own.max_length ?? model.generation_config.max_length
  const isUsual = max_length === null || max_length === defaultParameters.max_length
  const { prefix: _, ...params } = taskParams(model, task)
  const known = Object.fromEntries(Object.entries(params).filter(([name]) => isKnownOption(name)))
  return { ...usual, ...(isUsual && { max_new_tokens }), ...known, ...own }
}

/** What the settings of a call depend on. */
export interface Prompted {
  readonly model: CausalLM
  readonly tokenizer: PipelineTokenizer
  /** The pipeline's defaults. */
  readonly generation_config: GenerationOptions
  /** Tokens of each prompt, and those of its prefix. */
  readonly length: number
  readonly prefix: number
  /** Tokens that end the text. */
  readonly stop: readonly number[] | undefined
}

/**
 * What generate() is called with. A prefix counts neither for max_length nor for min_length; a generation_config of the caller's
 * takes the place of the pipeline's. Throws InputError TOO_LONG.
 */
export function settingsOf(own: GenerationOptions, prompted: Prompted): GenerationOptions {
  const { model, tokenizer, generation_config, length, prefix, stop } = prompted
  const settings: GenerationOptions = { ...(!own.generation_config && generation_config), ...own }
  const behind = own.generation_config ?? model.generation_config
  settings.pad_token_id ??= behind.pad_token_id ?? tokenizer.pad_token_id ?? null
  if (settings.do_sample === false && own.temperature === undefined) delete settings.temperature
  if (settings.stop_strings && knowsTexts(tokenizer)) settings.tokenizer ??= tokenizer
  if (stop) settings.eos_token_id = stop
  const max_length = settings.max_length ?? behind.max_length
  if (prefix > 0 && own.max_new_tokens === undefined && max_length !== null) settings.max_length = max_length + prefix
  if (prefix > 0 && own.min_new_tokens === undefined && own.min_length) settings.min_length = own.min_length + prefix
  checkRoom({ ...behind, ...settings }, length, model.maxLength)
  return settings
}

/** Whether generate() can look for stop_strings with this tokenizer. */
function knowsTexts(tokenizer: PipelineTokenizer): tokenizer is PipelineTokenizer & TokenTexts {
  const names = ['encode', 'convert_ids_to_tokens', 'convert_tokens_to_string', 'get_vocab']
  return names.every(name => typeof Reflect.get(tokenizer, name) === 'function')
}

/**
 * Throws InputError TOO_LONG where nothing can end the text before the model has no more places: Hugging Face fails when it
 * comes there.
 */
function checkRoom(settings: GenerationOptions, length: number, places: number): void {
  const { max_new_tokens, max_length, eos_token_id, max_time, stop_strings, stopping_criteria } = settings
  const ends = [eos_token_id, max_time, stop_strings, stopping_criteria]
  const wanted = typeof max_new_tokens === 'number' ? length + max_new_tokens : (max_length ?? 0)
  // The last token is not read, so it needs no place.
  if (wanted <= places + 1 || ends.some(end => end !== null && end !== undefined)) return
  const message = `text-generation: ${wanted} tokens, prompt included, do not fit into the model's ${places} places`
  throw new InputError('TOO_LONG', message, { hint: 'give a smaller max_new_tokens', tokens: wanted, places })
}

/** The text in front of every prompt that the model's config asks for; '' unless it does. */
export function storedPrefix(model: CausalLM, task: string): string {
  const prefix = taskParams(model, task).prefix ?? model.config.json.prefix
  return typeof prefix === 'string' ? prefix : ''
}

function taskParams({ config }: CausalLM, task: string): Readonly<Record<string, unknown>> {
  const { task_specific_params } = config.json
  if (typeof task_specific_params !== 'object' || task_specific_params === null) return {}
  const ofTask: unknown = Reflect.get(task_specific_params, task)
  return typeof ofTask === 'object' && ofTask !== null ? { ...ofTask } : {}
}
