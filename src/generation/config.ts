// The options of generate(): names and defaults of Hugging Face's GenerationConfig, checked before the first step.
import { ConfigError, InputError, nearestName } from '../errors.ts'

export interface GenerationOptions {
  /** The most tokens of prompt and answer together. 20, unless max_new_tokens is given. */
  max_length?: number
  /** The most tokens of the answer; counts before max_length. */
  max_new_tokens?: number
  /** Draw tokens by their probability instead of taking the most likely one. */
  do_sample?: boolean
  /** Divides the scores: below 1 bolder on likely tokens, above 1 more varied. Only with do_sample. */
  temperature?: number
  /** Draw from the k most likely tokens; 0 is all. 50 unless given. Only with do_sample. */
  top_k?: number
  /** Draw from the most likely tokens whose probabilities sum to p. Only with do_sample. */
  top_p?: number
  /** Above 1 makes tokens that are already there less likely. */
  repetition_penalty?: number
  /** The token that ends an answer, or several; null for none. */
  eos_token_id?: number | readonly number[] | null
  /** The token that fills up rows that ended before others. */
  pad_token_id?: number | null
  /** The token to begin with when there is no prompt. */
  bos_token_id?: number | null
  /** Answers for each prompt; more than one needs do_sample. */
  num_return_sequences?: number
  /** Remember keys and values between steps. */
  use_cache?: boolean
  /** Makes sampling repeatable: PyTorch's text after set_seed with it. Unless it is given set_seed decides, or else chance. */
  seed?: number
  /** Stops the generation: the promise rejects with the signal's reason. */
  signal?: AbortSignal
}

/** The options with all defaults filled in. */
export interface GenerationConfig {
  readonly maxLength: number
  readonly do_sample: boolean
  readonly temperature: number
  readonly top_k: number
  readonly top_p: number
  readonly repetition_penalty: number
  readonly eos: ReadonlySet<number>
  readonly pad: number | undefined
  readonly num_return_sequences: number
  readonly use_cache: boolean
  readonly seed: number | undefined
  readonly signal: AbortSignal | undefined
}

const known = [
  ...(['max_length', 'max_new_tokens', 'do_sample', 'temperature', 'top_k', 'top_p', 'repetition_penalty'] as const),
  ...(['eos_token_id', 'pad_token_id', 'bos_token_id', 'num_return_sequences', 'use_cache', 'seed', 'signal'] as const),
] satisfies (keyof GenerationOptions)[]

/** Hugging Face's options that are not here, with the value that means "off": that one is taken, others are refused by name. */
const unsupported: Readonly<Record<string, unknown>> = {
  num_beams: 1,
  num_beam_groups: 1,
  penalty_alpha: null,
  dola_layers: null,
  length_penalty: 1,
  early_stopping: false,
  diversity_penalty: 0,
  min_length: 0,
  min_new_tokens: null,
  min_p: null,
  top_h: null,
  typical_p: 1,
  epsilon_cutoff: 0,
  eta_cutoff: 0,
  encoder_repetition_penalty: 1,
  no_repeat_ngram_size: 0,
  encoder_no_repeat_ngram_size: 0,
  bad_words_ids: null,
  force_words_ids: null,
  constraints: null,
  forced_bos_token_id: null,
  forced_eos_token_id: null,
  remove_invalid_values: false,
  exponential_decay_length_penalty: null,
  suppress_tokens: null,
  begin_suppress_tokens: null,
  sequence_bias: null,
  guidance_scale: null,
  negative_prompt_ids: null,
  negative_prompt_attention_mask: null,
  watermarking_config: null,
  renormalize_logits: false,
  prefix_allowed_tokens_fn: null,
  logits_processor: null,
  stopping_criteria: null,
  stop_strings: null,
  max_time: null,
  streamer: null,
  assistant_model: null,
  prompt_lookup_num_tokens: null,
  output_scores: false,
  output_logits: false,
  output_attentions: false,
  output_hidden_states: false,
  return_dict_in_generate: false,
  cache_implementation: null,
  generation_config: null,
}

/** Whether generate() takes an option of this name. */
export function isKnownOption(name: string): boolean {
  return (known as readonly string[]).includes(name)
}

/** Throws ConfigError UNKNOWN_OPTION or UNSUPPORTED_OPTION for a name that generate() does not take. */
export function checkOptionNames(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (isKnownOption(name) || value === undefined) continue
    if (Object.hasOwn(unsupported, name)) {
      if (value === null || value === unsupported[name] || (Array.isArray(value) && value.length === 0)) continue
      throw new ConfigError('UNSUPPORTED_OPTION', `generate: the option ${name} is not supported yet`, { option: name })
    }
    const near = nearestName(name, [...known, ...Object.keys(unsupported)])
    throw new ConfigError('UNKNOWN_OPTION', `generate: there is no option ${name}`, {
      option: name,
      hint: near ? `did you mean ${near}?` : `known: ${known.join(', ')}`,
    })
  }
}

/**
 * Options, with what generation_config.json says and Hugging Face's defaults behind them. `prompt` is the length of the
 * prompt. Throws ConfigError GENERATION_VALUE for a value out of range, InputError TOO_LONG for a prompt that leaves no room.
 */
export function resolveConfig(
  options: GenerationOptions,
  fromModel: GenerationOptions,
  prompt: number,
): GenerationConfig {
  checkOptionNames(options)
  const set = <K extends keyof GenerationOptions>(name: K): GenerationOptions[K] | undefined =>
    options[name] ?? fromModel[name]
  const do_sample = set('do_sample') ?? false
  const eos = options.eos_token_id === undefined ? fromModel.eos_token_id : options.eos_token_id
  const eosIds = eos === undefined || eos === null ? [] : typeof eos === 'number' ? [eos] : eos
  const pad = options.pad_token_id === undefined ? fromModel.pad_token_id : options.pad_token_id
  return {
    maxLength: lengthLimit(set('max_new_tokens'), set('max_length'), prompt),
    do_sample,
    temperature: above(
      'temperature',
      set('temperature') ?? 1,
      0,
      'a number above 0: for the most likely token use do_sample: false',
    ),
    top_k: whole('top_k', set('top_k') ?? 50, 0),
    top_p: within('top_p', set('top_p') ?? 1, 0, 1),
    repetition_penalty: above('repetition_penalty', set('repetition_penalty') ?? 1, 0, 'a number above 0'),
    eos: new Set(eosIds.map(id => whole('eos_token_id', id, 0))),
    pad: typeof pad === 'number' ? whole('pad_token_id', pad, 0) : eosIds[0],
    num_return_sequences: answers(set('num_return_sequences') ?? 1, do_sample),
    use_cache: set('use_cache') ?? true,
    seed: options.seed === undefined ? undefined : whole('seed', options.seed, 0),
    signal: options.signal,
  }
}

function lengthLimit(newTokens: number | undefined, length: number | undefined, prompt: number): number {
  if (newTokens !== undefined) return prompt + whole('max_new_tokens', newTokens, 1)
  const limit = whole('max_length', length ?? 20, 1)
  if (prompt < limit) return limit
  const message = `generate: the prompt has ${prompt} tokens, and max_length is ${limit}`
  throw new InputError('TOO_LONG', message, { hint: 'give max_new_tokens, or a larger max_length' })
}

function answers(count: number, do_sample: boolean): number {
  if (whole('num_return_sequences', count, 1) === 1 || do_sample) return count
  throw fault('num_return_sequences', count, '1 without do_sample, because all answers would be the same')
}

function whole(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value
  throw fault(name, value, `a whole number from ${least} on`)
}

function above(name: string, value: unknown, least: number, wanted: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > least) return value
  throw fault(name, value, wanted)
}

function within(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw fault(name, value, `a number from ${least} to ${most}`)
}

function fault(name: string, value: unknown, wanted: string): ConfigError {
  return new ConfigError('GENERATION_VALUE', `generate: ${name} must be ${wanted}, got ${String(value)}`, {
    option: name,
  })
}
