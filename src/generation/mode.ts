// Which search the parameters ask for.
import type { GenerationParameters } from './parameters.ts'

/** Hugging Face's names of its GenerationMode. */
export type GenerationMode =
  | 'greedy_search'
  | 'sample'
  | 'contrastive_search'
  | 'beam_search'
  | 'beam_sample'
  | 'group_beam_search'
  | 'constrained_beam_search'
  | 'assisted_generation'
  | 'dola_generation'

/** The search of these parameters; with an assistant model it is assisted, where that is possible. */
export function modeOf(parameters: GenerationParameters, hasAssistant = false): GenerationMode {
  const base = searchOf(parameters)
  if (base !== 'greedy_search' && base !== 'sample') return base
  if (parameters.dola_layers !== null) return 'dola_generation'
  return hasAssistant || parameters.prompt_lookup_num_tokens !== null ? 'assisted_generation' : base
}

function searchOf(parameters: GenerationParameters): GenerationMode {
  const { constraints, force_words_ids, num_beams, num_beam_groups, do_sample, top_k, penalty_alpha } = parameters
  if (constraints !== null || force_words_ids !== null) return 'constrained_beam_search'
  if (num_beams > 1) {
    if (num_beam_groups > 1) return 'group_beam_search'
    return do_sample ? 'beam_sample' : 'beam_search'
  }
  if (do_sample) return 'sample'
  return (top_k ?? 0) > 1 && (penalty_alpha ?? 0) > 0 ? 'contrastive_search' : 'greedy_search'
}

/** Whether texts grow token by token in this mode: with beams it is certain only at the end what they begin with. */
export function streams(mode: GenerationMode): boolean {
  return !mode.includes('beam')
}
