// What generate() gives: ids, or an output with all that was asked for (transformers/generation/utils.py).
import type { Generated } from '../src/generation/outputs.ts'
import type { DynamicCache } from '../src/nn/cache.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { type Output, outputOf } from './outputs.ts'

interface DecoderOnlyFields {
  /** (rows, length) int32, prompts included. */
  sequences: Tensor
  /** For each new token what the processors left, (rows, V). */
  scores?: Tensor[] | undefined
  /** For each new token what the model gave, (rows, V). */
  logits?: Tensor[] | undefined
  /** For each new token and layer the attention probabilities (rows, H, tokens read, tokens). */
  attentions?: Tensor[][] | undefined
  /**
   * For each new token the embeddings and each layer's output (rows, tokens read, C); GPT-2's last one is after ln_f.
   */
  hidden_states?: Tensor[][] | undefined
  /** The cache, to go on with and to dispose of at the end; absent without one. */
  past_key_values?: DynamicCache | undefined
}

interface BeamFields extends DecoderOnlyFields {
  /** The score of each text: its sum of log-probabilities over its length to the power of length_penalty. */
  sequences_scores?: Tensor | undefined
  /** For each new token the beam that it was put behind, (rows, new tokens); -1 behind the end. */
  beam_indices?: Tensor | undefined
}

/** What generate() gives with return_dict_in_generate; all of it but `sequences` only when asked for. */
export type GenerateDecoderOnlyOutput = Output<DecoderOnlyFields>

/** The same with beams: rows of `scores` and so on are beams, those of a prompt beside each other. */
export type GenerateBeamDecoderOnlyOutput = Output<BeamFields>

/** The arrays of a generation as tensors. */
export function generationOutput(
  found: Generated<DynamicCache>,
  V: number,
  backend: Tensor['backend'],
): GenerateBeamDecoderOnlyOutput {
  const { rows, length, ids, sequences_scores, beam_indices: beams, past_key_values } = found
  const stepsOf = (steps: readonly Float32Array[]): Tensor[] =>
    steps.map(scores => backend.tensor(scores, { shape: [scores.length / V, V] }))
  const layersOf = (steps: readonly (readonly Tensor[])[]): Tensor[][] => steps.map(layers => [...layers])
  return outputOf({
    sequences: backend.tensor(ids, { shape: [rows, length], dtype: 'int32' }),
    sequences_scores: sequences_scores && backend.tensor(sequences_scores),
    scores: found.scores && stepsOf(found.scores),
    logits: found.logits && stepsOf(found.logits),
    beam_indices: beams && backend.tensor(beams.values, { shape: [rows, beams.length], dtype: 'int32' }),
    attentions: found.attentions && layersOf(found.attentions),
    hidden_states: found.hidden_states && layersOf(found.hidden_states),
    past_key_values,
  })
}
