// From the options of generate() to a run: everything is checked before the first step.
import { ConfigError } from '../errors.ts'
import { generatorOf } from '../random/default.ts'
import { warnOnce } from '../warnings.ts'
import type { GenerationConfig } from './config.ts'
import { lengthsOf } from './lengths.ts'
import { mergeParameters } from './merge.ts'
import { type GenerationMode, modeOf } from './mode.ts'
import type { CausalModel, StepCache } from './model.ts'
import type { GenerationOptions } from './options.ts'
import { buildChain } from './processors/build.ts'
import { checkVocabulary } from './processors/processor.ts'
import { type Prompt, Rows } from './rows.ts'
import { checkCache, Run, repeated } from './run.ts'
import { maskOf, paddingOf, specialTokensOf, warnOfPadding } from './specialTokens.ts'
import { buildCriteria } from './stopping/build.ts'
import { endsTexts } from './stopping/criterion.ts'
import { Unconditional } from './unconditional.ts'
import { valueFault, whole } from './values.ts'

/** What a call of generate() is about, beside its options. */
export interface GenerationInputs<Cache extends StepCache> {
  readonly prompt: Prompt
  /** Keys and values of the beginning of the prompt. */
  readonly past_key_values?: Cache | undefined
}

/**
 * Throws ConfigError for options that cannot be, alone or together (UNKNOWN_OPTION, UNSUPPORTED_OPTION,
 * GENERATION_VALUE and others), InputError for prompts that do not fit (TOO_LONG, CACHE_LENGTH, CACHE_BUSY).
 */
export function prepare<Cache extends StepCache>(
  model: CausalModel<Cache>,
  { prompt, past_key_values: given }: GenerationInputs<Cache>,
  options: GenerationOptions,
  ofModel: GenerationConfig,
): Run<Cache> {
  const config = mergeParameters(options, ofModel)
  if (prompt.embeds) config.use_cache = true
  const mode = modeOf(config, Boolean(options.assistant_model))
  checkMode(mode, config, options, { prompt, past_key_values: given }, model)
  const special = specialTokensOf(config, model.vocabularySize)
  warnOfPadding(prompt, special, config.pad_token_id !== null)
  checkVocabulary('force_words_ids', (config.force_words_ids ?? []).flat(2), model.vocabularySize)
  const lead = prompt.embeds ? prompt.embeds.length - prompt.length : 0
  const isSet = typeof options.max_length === 'number'
  // A contrastive search reads every token, also the last one.
  const places = mode === 'contrastive_search' ? model.maxLength - 1 : model.maxLength
  const lengths = lengthsOf(config, { ids: prompt.length, lead, isSet }, places)
  const copies = Math.max(config.num_beams, config.num_return_sequences)
  const mask = maskOf(prompt, special)
  const rows = new Rows(prompt, copies, lengths.most, mask)
  if (given) checkCache(given, rows)
  if (given && copies > 1) given.reorder_cache(repeated(prompt.rows, copies))
  const criteria = buildCriteria(config, options, special.eos, lengths.most)
  const fillsUp = criteria.some(endsTexts)
  let unconditional: Unconditional | undefined
  const chain = buildChain({
    config,
    options,
    eos: special.eos,
    least: lengths.least,
    most: lengths.most,
    promptLength: prompt.length,
    prompts: Array.from({ length: prompt.rows }, (_, row) => rows.row(row * copies).slice()),
    rowsOfPrompt: copies,
    padding:
      lead > 0 ? rows.all().map(() => 0) : paddingOf(mask, prompt.rows).flatMap(n => new Array<number>(copies).fill(n)),
    unconditional: () => {
      const most = lengths.most - prompt.length
      const newest = () => rows.all().map(row => row.at(-1)!)
      const start = negativePrompt(options, prompt)
      const branch = new Unconditional(model, start, { copies, most, use_cache: config.use_cache, newest })
      unconditional = branch
      return (row, step) => branch.scores(row, step)
    },
  })
  return new Run({
    ...{ model, config, options, mode, lengths, prompt, mask, rows, chain, criteria, eos: special.eos, fillsUp, given },
    pad: special.pad ?? criteria.find(endsTexts)?.eos_token_id[0],
    generator: generatorOf(options.seed),
    cleanUp: () => unconditional?.dispose(),
  })
}

/** What to move away from: the caller's texts, or the last token of each prompt. */
function negativePrompt(
  { negative_prompt_ids, negative_prompt_attention_mask }: GenerationOptions,
  prompt: Prompt,
): Prompt {
  const { rows, length } = prompt
  if (!negative_prompt_ids) return { rows, length: 1, ids: prompt.ids.filter((_, i) => (i + 1) % length === 0) }
  const ids = flat('negative_prompt_ids', negative_prompt_ids, rows)
  const mask = negative_prompt_attention_mask
    ? flat('negative_prompt_attention_mask', negative_prompt_attention_mask, rows)
    : undefined
  if (mask && mask.length !== ids.length) {
    throw valueFault('negative_prompt_attention_mask', negative_prompt_attention_mask, 'as long as negative_prompt_ids')
  }
  return { rows, length: ids.length / rows, ids, mask }
}

function flat(name: string, value: readonly (readonly number[])[], rows: number): Int32Array {
  const length = value[0]?.length ?? 0
  const fits = value.length === rows && length > 0 && value.every(row => row.length === length)
  if (!fits) throw valueFault(name, value, `${rows} lists of the same length, one for each prompt`)
  return Int32Array.from(value.flatMap(row => row.map(id => whole(name, id, 0))))
}

/** Throws ConfigError for what a search cannot do. */
function checkMode<Cache extends StepCache>(
  mode: GenerationMode,
  config: GenerationConfig,
  options: GenerationOptions,
  { prompt, past_key_values }: GenerationInputs<Cache>,
  model: CausalModel<Cache>,
): void {
  const refuse = (what: string, hint?: string): never => {
    throw new ConfigError('MODE', `generate: ${what}`, { mode, ...(hint ? { hint } : {}) })
  }
  const isAhead = mode === 'assisted_generation' || mode === 'contrastive_search'
  if (isAhead && !config.use_cache) refuse(`${names[mode]} needs use_cache: true`)
  if (mode === 'assisted_generation') {
    if (prompt.rows > 1) refuse(`${names[mode]} takes one prompt, got ${prompt.rows}`, 'call it for each of them')
    if (config.num_return_sequences > 1) refuse(`${names[mode]} gives one answer, not ${config.num_return_sequences}`)
  }
  if (mode === 'contrastive_search' && (prompt.embeds || past_key_values)) {
    refuse(`${names[mode]} compares all tokens with each other, so it needs input_ids alone`)
  }
  if (mode === 'dola_generation' && !model.head) refuse('this model cannot score its inner layers (dola_layers)')
  const isGuided = config.guidance_scale !== null && config.guidance_scale !== 1
  if (isGuided && mode !== 'greedy_search' && mode !== 'sample') {
    refuse(`guidance_scale goes with greedy search and sampling, not with ${names[mode]}`)
  }
  if (isGuided && prompt.length === 0) refuse('guidance_scale needs input_ids beside inputs_embeds')
  const inPieces = config.prefill_chunk_size !== null
  if (inPieces && (!config.use_cache || prompt.embeds || mode === 'contrastive_search')) {
    refuse('prefill_chunk_size needs a cache and input_ids, and no contrastive search')
  }
  if (options.assistant_model && mode !== 'assisted_generation') {
    warnOnce('ASSISTANT_UNUSED', `generate: assistant_model has no effect with ${names[mode]}.`)
  }
  const { cache_implementation: kind } = config
  if (kind !== null && !kind.startsWith('dynamic')) {
    warnOnce('CACHE_KIND', `generate: the cache is a dynamic one, not '${kind}'; the numbers are the same.`)
  }
}

const names: Readonly<Record<GenerationMode, string>> = {
  greedy_search: 'greedy search',
  sample: 'sampling',
  contrastive_search: 'contrastive search (penalty_alpha)',
  beam_search: 'beam search',
  beam_sample: 'beam sampling',
  group_beam_search: 'group beam search',
  constrained_beam_search: 'constrained beam search',
  assisted_generation: 'assisted generation',
  dola_generation: 'DoLa (dola_layers)',
}
