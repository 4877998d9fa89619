// The parameters of generation that can stand in a generation_config.json: Hugging Face's names and defaults.
// docs/generation.md has an example for each.
import type { Constraint } from './constraints/constraint.ts'
import type { SequenceBias } from './processors/sequenceBias.ts'

export class GenerationParameters {
  // How long

  /** The most tokens of prompt and answer together; as long as it is 20 nobody set it, and the answer has 20 tokens. */
  max_length: number | null = 20
  /** The most tokens of the answer; counts before max_length. */
  max_new_tokens: number | null = null
  /** The least tokens of prompt and answer together. */
  min_length: number | null = 0
  /** The least tokens of the answer; counts before min_length. */
  min_new_tokens: number | null = null
  /**
   * With beams: stop at num_beams finished texts (true), when a better one is unlikely (false) or impossible ('never').
   */
  early_stopping: boolean | 'never' = false
  /** Seconds after which all texts end. */
  max_time: number | null = null
  /** Texts that end an answer; needs the option `tokenizer`. */
  stop_strings: string | readonly string[] | null = null

  // How to search

  /** Draw tokens by their probability instead of taking the likeliest one. */
  do_sample = false
  /** Texts that are kept at each step; above 1 is beam search. */
  num_beams = 1
  /** Groups that the beams are cut into, kept apart by diversity_penalty. */
  num_beam_groups = 1
  /** Contrastive search: the weight of not being like what is there. Needs top_k above 1. */
  penalty_alpha: number | null = null
  /** DoLa: the layers whose prediction is taken off the last one's: 'low', 'high' or their numbers. */
  dola_layers: 'low' | 'high' | readonly number[] | null = null
  /** Remember keys and values between steps. */
  use_cache = true
  /** How the cache is kept; there is one way here, 'dynamic'. */
  cache_implementation: string | null = null
  /** Read the prompt in pieces of so many tokens: other work gets its turn between them. */
  prefill_chunk_size: number | null = null

  // What it does to the scores

  /**
   * Divides the scores: below 1 bolder on likely tokens, above 1 more varied. Only with do_sample, as the next seven.
   */
  temperature: number | null = 1
  /** Draw from the k likeliest tokens; 0 is all. */
  top_k: number | null = 50
  /** Draw from the likeliest tokens whose probabilities sum to p. */
  top_p: number | null = 1
  /** Draw from tokens that are at least so many times as likely as the likeliest. */
  min_p: number | null = null
  /** Draw from the likeliest tokens that hold so much of the entropy. */
  top_h: number | null = null
  /** Draw from the tokens of usual surprise whose probabilities sum to this. */
  typical_p: number | null = 1
  /** Draw from tokens of at least this probability. */
  epsilon_cutoff: number | null = 0
  /** The same with a bar that sinks where the distribution is flat. */
  eta_cutoff: number | null = 0
  /** What a token loses for each beam of an earlier group that took it. */
  diversity_penalty = 0
  /** Above 1 makes tokens that are already there less likely. */
  repetition_penalty: number | null = 1
  /** Above 1 makes tokens of the prompt likelier. */
  encoder_repetition_penalty: number | null = 1
  /** With beams: above 0 favours long texts, below 0 short ones. */
  length_penalty = 1
  /** No run of so many tokens comes twice. */
  no_repeat_ngram_size: number | null = 0
  /** No run of so many tokens of the prompt comes again. */
  encoder_no_repeat_ngram_size: number | null = 0
  /** Runs of tokens that must not come. */
  bad_words_ids: readonly (readonly number[])[] | null = null
  /** With beams: runs of tokens that must come; a list of runs means one of them. */
  force_words_ids: readonly (readonly number[] | readonly (readonly number[])[])[] | null = null
  /** The same as objects. */
  constraints: readonly Constraint[] | null = null
  /** Turn what is left into log-probabilities. */
  renormalize_logits = false
  /** The token that comes after a prompt of one token. */
  forced_bos_token_id: number | null = null
  /** The token, or one of several, that comes last when max_length is reached. */
  forced_eos_token_id: number | readonly number[] | null = null
  /** Replace scores that are no numbers. */
  remove_invalid_values = false
  /** [start, factor]: from the start-th new token on, ending becomes likelier. */
  exponential_decay_length_penalty: readonly [start: number, factor: number] | null = null
  /** Tokens that never come. */
  suppress_tokens: readonly number[] | null = null
  /** Tokens that do not come first in an answer. */
  begin_suppress_tokens: readonly number[] | null = null
  /** Numbers that are added to the score of a run's last token. */
  sequence_bias: SequenceBias | null = null
  /** Classifier-free guidance: above 1 away from what comes without the prompt. */
  guidance_scale: number | null = null

  // What comes back

  /** Answers for each prompt. */
  num_return_sequences = 1
  output_attentions = false
  output_hidden_states = false
  /** The scores after the processors. */
  output_scores = false
  /** The scores as the model gave them. */
  output_logits: boolean | null = null
  /** An object with all of these instead of the ids alone. */
  return_dict_in_generate = false

  // Special tokens

  /** The token that fills up rows that ended before others. */
  pad_token_id: number | null = null
  /** The token to begin with when there is no prompt. */
  bos_token_id: number | null = null
  /** The token that ends an answer, or several; null for none. */
  eos_token_id: number | readonly number[] | null = null

  // Guessing ahead

  /** Tokens that an assistant guesses at once. */
  num_assistant_tokens = 20
  /**
   * 'heuristic': two more when all guesses were right, one less when not; with 'heuristic_transient' anew in each call.
   */
  num_assistant_tokens_schedule: 'constant' | 'heuristic' | 'heuristic_transient' = 'constant'
  /** An assistant stops guessing below this probability. */
  assistant_confidence_threshold: number | null = 0.4
  /** Guess so many tokens that followed the same tokens earlier. */
  prompt_lookup_num_tokens: number | null = null
  /** The longest run of tokens that is looked up; 2 unless given. */
  max_matching_ngram_size: number | null = null

  /**
   * The version of transformers that wrote the values: before 4.50 a model's defaults do not mix with a
   * `generation_config`.
   */
  transformers_version: string | null = null
}

export type ParameterName = keyof GenerationParameters

/** Hugging Face's defaults. */
export const defaultParameters: Readonly<GenerationParameters> = new GenerationParameters()

export const parameterNames = Object.keys(defaultParameters) as ParameterName[]

export function isParameterName(name: string): name is ParameterName {
  return Object.hasOwn(defaultParameters, name)
}

/** Parameters that cannot be null: where they are, the default counts. */
const neverNull: ReadonlySet<string> = new Set<ParameterName>([
  ...(['do_sample', 'use_cache', 'renormalize_logits', 'remove_invalid_values', 'return_dict_in_generate'] as const),
  ...(['output_attentions', 'output_hidden_states', 'output_scores', 'early_stopping', 'num_beams'] as const),
  ...(['num_beam_groups', 'diversity_penalty', 'length_penalty', 'num_return_sequences'] as const),
  ...(['num_assistant_tokens', 'num_assistant_tokens_schedule'] as const),
])

/** Sets the parameters that have a value in `values`; undefined is no value. */
export function assignParameters(target: GenerationParameters, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || !isParameterName(name)) continue
    const isDefault = value === null && neverNull.has(name)
    Object.assign(target, { [name]: isDefault ? defaultParameters[name] : value })
  }
}
