// Which processors the parameters ask for (transformers/generation/utils.py, _get_logits_processor).

import type { GenerationConfig } from '../config.ts'
import type { GenerationOptions } from '../options.ts'
import { ProcessorChain } from './chain.ts'
import { EpsilonLogitsWarper, EtaLogitsWarper } from './cutoff.ts'
import { ExponentialDecayLengthPenalty } from './exponentialDecay.ts'
import { ForcedBOSTokenLogitsProcessor, ForcedEOSTokenLogitsProcessor } from './forcedTokens.ts'
import { UnbatchedClassifierFreeGuidanceLogitsProcessor, type UnconditionalScores } from './guidance.ts'
import { HammingDiversityLogitsProcessor } from './hammingDiversity.ts'
import { InfNanRemoveLogitsProcessor } from './infNanRemove.ts'
import { MinLengthLogitsProcessor, MinNewTokensLengthLogitsProcessor } from './minLength.ts'
import { MinPLogitsWarper } from './minP.ts'
import { EncoderNoRepeatNGramLogitsProcessor, NoRepeatNGramLogitsProcessor } from './noRepeatNGram.ts'
import { LogitNormalization } from './normalization.ts'
import { ownProcessors, withOwn } from './own.ts'
import { PrefixConstrainedLogitsProcessor } from './prefixConstrained.ts'
import type { LogitsProcessor } from './processor.ts'
import { EncoderRepetitionPenaltyLogitsProcessor, RepetitionPenaltyLogitsProcessor } from './repetitionPenalty.ts'
import { NoBadWordsLogitsProcessor, SequenceBiasLogitsProcessor } from './sequenceBias.ts'
import { SuppressTokensAtBeginLogitsProcessor, SuppressTokensLogitsProcessor } from './suppressTokens.ts'
import { TemperatureLogitsWarper } from './temperature.ts'
import { TopHLogitsWarper } from './topH.ts'
import { TopKLogitsWarper } from './topK.ts'
import { TopPLogitsWarper } from './topP.ts'
import { TypicalLogitsWarper } from './typical.ts'
import type { LogitsWarper } from './warper.ts'

/** What processors need to know beside the parameters. */
export interface ChainContext {
  readonly config: GenerationConfig
  readonly options: Pick<GenerationOptions, 'logits_processor' | 'prefix_allowed_tokens_fn'>
  /** The tokens that end a text. */
  readonly eos: readonly number[]
  /** The least and the most tokens of a row. */
  readonly least: number
  readonly most: number
  /** Ids of the prompt in each row. */
  readonly promptLength: number
  /** The ids of each prompt. */
  readonly prompts: readonly Int32Array[]
  /** Rows that belong to one prompt. */
  readonly rowsOfPrompt: number
  /** Padding in front of each row. */
  readonly padding: readonly number[]
  /** The scores without the prompt; needed with guidance_scale. */
  readonly unconditional: () => UnconditionalScores
}

/** The chain. Throws ConfigError GENERATION_VALUE for values that a processor does not take. */
export function buildChain(context: ChainContext): ProcessorChain {
  const own = ownProcessors(context.options.logits_processor)
  const { config } = context
  return new ProcessorChain(
    withOwn([...biases(context), ...repetition(context), ...lengths(context), ...bans(context)], own),
    config.do_sample ? warpers(context) : [],
    config.renormalize_logits ? [new LogitNormalization()] : [],
  )
}

function biases({ config, unconditional }: ChainContext): LogitsProcessor[] {
  const { guidance_scale, sequence_bias, diversity_penalty, num_beam_groups } = config
  return [
    ...(guidance_scale === null || guidance_scale === 1
      ? []
      : [new UnbatchedClassifierFreeGuidanceLogitsProcessor(guidance_scale, unconditional())]),
    ...(sequence_bias === null ? [] : [new SequenceBiasLogitsProcessor(sequence_bias)]),
    ...(diversity_penalty > 0 && num_beam_groups > 1 ? [new HammingDiversityLogitsProcessor(diversity_penalty)] : []),
  ]
}

function repetition({ config, prompts, rowsOfPrompt, padding, eos }: ChainContext): LogitsProcessor[] {
  const { repetition_penalty: penalty, encoder_repetition_penalty: reward, bad_words_ids } = config
  const { no_repeat_ngram_size: size, encoder_no_repeat_ngram_size: promptSize } = config
  const others = { prompt_ignore_length: padding }
  return [
    ...(reward && reward !== 1 ? [new EncoderRepetitionPenaltyLogitsProcessor(reward, prompts, rowsOfPrompt)] : []),
    ...(penalty && penalty !== 1 ? [new RepetitionPenaltyLogitsProcessor(penalty, others)] : []),
    ...(size ? [new NoRepeatNGramLogitsProcessor(size)] : []),
    ...(promptSize ? [new EncoderNoRepeatNGramLogitsProcessor(promptSize, prompts, rowsOfPrompt)] : []),
    ...(bad_words_ids === null ? [] : [new NoBadWordsLogitsProcessor(bad_words_ids, eos)]),
  ]
}

function lengths({ config, options, eos, least, most, promptLength, rowsOfPrompt }: ChainContext): LogitsProcessor[] {
  const { min_new_tokens, forced_bos_token_id: first, forced_eos_token_id: last, num_beams } = config
  const ends = eos.length > 0
  const { prefix_allowed_tokens_fn: allowed } = options
  return [
    ...(ends && least > 0 ? [new MinLengthLogitsProcessor(least, eos)] : []),
    ...(ends && min_new_tokens ? [new MinNewTokensLengthLogitsProcessor(promptLength, min_new_tokens, eos)] : []),
    ...(allowed ? [new PrefixConstrainedLogitsProcessor(allowed, num_beams > 1 ? rowsOfPrompt : 1)] : []),
    ...(first === null ? [] : [new ForcedBOSTokenLogitsProcessor(first)]),
    ...(last === null ? [] : [new ForcedEOSTokenLogitsProcessor(most, last)]),
  ]
}

function bans({ config, eos, promptLength }: ChainContext): LogitsProcessor[] {
  const { remove_invalid_values, exponential_decay_length_penalty: decay } = config
  const { suppress_tokens, begin_suppress_tokens, forced_bos_token_id } = config
  const begin = promptLength > 1 || forced_bos_token_id === null ? promptLength : promptLength + 1
  return [
    ...(remove_invalid_values ? [new InfNanRemoveLogitsProcessor()] : []),
    ...(decay === null ? [] : [new ExponentialDecayLengthPenalty(decay, eos, promptLength)]),
    ...(suppress_tokens === null ? [] : [new SuppressTokensLogitsProcessor(suppress_tokens)]),
    ...(begin_suppress_tokens === null ? [] : [new SuppressTokensAtBeginLogitsProcessor(begin_suppress_tokens, begin)]),
  ]
}

/** With beams so many tokens stay that one of them does not end the text. */
function warpers({ config, eos }: ChainContext): LogitsWarper[] {
  const { temperature, top_h, top_k, top_p, min_p, typical_p, epsilon_cutoff, eta_cutoff } = config
  const keep = { min_tokens_to_keep: config.num_beams > 1 ? Math.max(eos.length, 1) + 1 : 1 }
  return [
    ...(temperature === null || temperature === 1 ? [] : [new TemperatureLogitsWarper(temperature)]),
    ...(top_h === null ? [] : [new TopHLogitsWarper(top_h)]),
    ...(top_k ? [new TopKLogitsWarper(top_k, keep)] : []),
    ...(top_p === null || top_p >= 1 ? [] : [new TopPLogitsWarper(top_p, keep)]),
    ...(min_p === null ? [] : [new MinPLogitsWarper(min_p, keep)]),
    ...(typical_p === null || typical_p >= 1 ? [] : [new TypicalLogitsWarper(typical_p, keep)]),
    ...(epsilon_cutoff && epsilon_cutoff < 1 ? [new EpsilonLogitsWarper(epsilon_cutoff, keep)] : []),
    ...(eta_cutoff && eta_cutoff < 1 ? [new EtaLogitsWarper(eta_cutoff, keep)] : []),
  ]
}
