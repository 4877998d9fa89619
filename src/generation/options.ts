// What generate() takes in one call: the parameters, and what cannot stand in a file. Names that it does not take are
// refused.
import { ConfigError, nearestName } from '../errors.ts'
import type { GenerationConfig } from './config.ts'
import type { CausalModel } from './model.ts'
import { type GenerationParameters, isParameterName, parameterNames } from './parameters.ts'
import type { PrefixAllowedTokens } from './processors/prefixConstrained.ts'
import type { LogitsProcessorLike } from './processors/processor.ts'
import type { StoppingCriterionLike } from './stopping/criterion.ts'
import type { TokenTexts } from './stopping/stopString.ts'
import { isStreamer, type Streamer } from './streamers/streamer.ts'
import { valueFault } from './values.ts'

/** Options of one call. */
export interface CallOptions {
  /** Defaults for this call; the model's are `model.generation_config`. */
  generation_config?: GenerationConfig | null
  /** With a `generation_config`: take what it leaves at Hugging Face's default from the model's. */
  use_model_defaults?: boolean | null
  /** Your own processors: after the others, before temperature. */
  logits_processor?: LogitsProcessorLike | readonly LogitsProcessorLike[] | null
  /** Your own conditions under which texts end. */
  stopping_criteria?: StoppingCriterionLike | readonly StoppingCriterionLike[] | null
  /** Lists the tokens that may follow a text. */
  prefix_allowed_tokens_fn?: PrefixAllowedTokens | null
  /** A smaller model with the same vocabulary that guesses ahead. */
  assistant_model?: CausalModel | null
  /** Gets the tokens as they come. */
  streamer?: Streamer | null
  /** With guidance_scale: what to move away from, a row for each prompt. */
  negative_prompt_ids?: readonly (readonly number[])[] | null
  negative_prompt_attention_mask?: readonly (readonly number[])[] | null
  /** Needed by stop_strings. */
  tokenizer?: TokenTexts | null
  /** Makes sampling repeatable. */
  seed?: number
  /** Stops the generation: the promise rejects with the signal's reason. */
  signal?: AbortSignal
}

export interface GenerationOptions extends Partial<GenerationParameters>, CallOptions {}

export const callOptionNames = [
  ...(['generation_config', 'use_model_defaults', 'logits_processor', 'stopping_criteria'] as const),
  ...(['prefix_allowed_tokens_fn', 'assistant_model', 'streamer', 'negative_prompt_ids'] as const),
  ...(['negative_prompt_attention_mask', 'tokenizer', 'seed', 'signal'] as const),
] satisfies (keyof CallOptions)[]

/** Options that are off with these values, and the reason why no other is taken. */
interface Refusal {
  readonly off: readonly unknown[]
  readonly why: string
}

const noEncoder: Refusal = {
  off: [],
  why: 'it belongs to models with an encoder and a decoder, and this one is a decoder',
}
const noHub: Refusal = { off: [false], why: 'code from the hub is never run' }
const noCompiler: Refusal = { off: [false, true], why: 'nothing is compiled here' }
const notHere: Refusal = { off: [false], why: 'it is not part of this library' }

/** Hugging Face's options that are not taken. null and undefined are always taken: they ask for nothing. */
const refusals: Readonly<Record<string, Refusal>> = {
  decoder_start_token_id: noEncoder,
  decoder_input_ids: noEncoder,
  decoder_attention_mask: noEncoder,
  encoder_outputs: noEncoder,
  cross_attn_head_mask: noEncoder,
  custom_generate: noHub,
  trust_remote_code: noHub,
  compile_config: { ...noCompiler, off: [] },
  disable_compile: noCompiler,
  synced_gpus: { off: [false], why: 'there is one processor' },
  return_legacy_cache: { off: [false], why: 'there is one kind of cache, DynamicCache' },
  cache_config: { off: [], why: 'there is one kind of cache, DynamicCache' },
  low_memory: { off: [false], why: 'the candidates go through the model together' },
  watermarking_config: notHere,
  token_healing: notHere,
  assistant_early_exit: notHere,
  assistant_tokenizer: { off: [], why: 'the assistant model must have the same vocabulary' },
  assistant_lookbehind: { off: [10], why: 'the assistant model must have the same vocabulary' },
  target_lookbehind: { off: [10], why: 'the assistant model must have the same vocabulary' },
  cache_position: { off: [], why: 'places follow from past_key_values' },
  logits_to_keep: { off: [], why: 'generate() chooses it itself; output_logits keeps what it was' },
}

/** Whether generate() takes an option of this name. */
export function isKnownOption(name: string): boolean {
  return isParameterName(name) || (callOptionNames as readonly string[]).includes(name)
}

/**
 * Throws ConfigError UNKNOWN_OPTION or UNSUPPORTED_OPTION for a name that generate() does not take, GENERATION_VALUE for
 * a signal, a streamer or an assistant_model that is none.
 */
export function checkOptionNames(options: object): void {
  const { signal, streamer, assistant_model } = options as CallOptions
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw valueFault('signal', signal, 'an AbortSignal, the `signal` of an AbortController')
  }
  if (streamer !== undefined && streamer !== null && !isStreamer(streamer)) {
    throw valueFault('streamer', streamer, 'an object with put(rows) and end(), such as a TextStreamer')
  }
  if (assistant_model !== undefined && assistant_model !== null && typeof assistant_model.step !== 'function') {
    throw valueFault('assistant_model', assistant_model, 'a model that predicts the next token')
  }
  for (const [name, value] of Object.entries(options)) {
    if (isKnownOption(name) || value === undefined || (value === null && Object.hasOwn(refusals, name))) continue
    const refusal = Object.hasOwn(refusals, name) ? refusals[name] : undefined
    if (refusal?.off.includes(value)) continue
    if (refusal) {
      throw new ConfigError('UNSUPPORTED_OPTION', `generate: the option ${name} is not taken: ${refusal.why}`, {
        option: name,
      })
    }
    const near = nearestName(name, [...parameterNames, ...callOptionNames, ...Object.keys(refusals)])
    throw new ConfigError('UNKNOWN_OPTION', `generate: there is no option ${name}`, {
      option: name,
      hint: near ? `did you mean ${near}?` : 'docs/generation.md has all of them',
    })
  }
}
