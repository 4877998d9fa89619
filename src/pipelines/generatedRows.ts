// What generate() gave, row by row on plain arrays.
import type { GenerateBeamDecoderOnlyOutput } from '../../models/generationOutput.ts'
import { Tensor } from '../tensor/tensor.ts'

/** What return_dict_in_generate adds to a text. */
export interface GenerationExtras {
  /** With output_scores: for each new token what the processors left of the logits. */
  scores?: number[][]
  /** With output_logits: for each new token the logits. */
  logits?: number[][]
  /** With beams. */
  sequences_scores?: number
}

export interface GeneratedRow {
  /** Prompt included. */
  readonly ids: number[]
  readonly extras: GenerationExtras
}

/** The rows of an output, whose tensors are disposed of. */
export function generatedRows(output: Tensor | GenerateBeamDecoderOnlyOutput): GeneratedRow[] {
  if (output instanceof Tensor) return taken(output).map(ids => ({ ids: ids as number[], extras: {} }))
  const { sequences, scores = [], logits = [], sequences_scores, beam_indices, ...inner } = output
  beam_indices?.dispose()
  inner.past_key_values?.dispose()
  for (const tensor of [inner.attentions ?? [], inner.hidden_states ?? []].flat(2)) tensor.dispose()
  const rows = taken(sequences)
  const columns = { scores: scores.map(taken), logits: logits.map(taken) }
  const ofTexts = sequences_scores && taken(sequences_scores)
  return rows.map((ids, row) => {
    // With beams their rows are those of beams, not of texts.
    const kept = Object.entries(columns).filter(([, steps]) => steps[0]?.length === rows.length)
    const extras = Object.fromEntries(kept.map(([name, steps]) => [name, steps.map(step => step[row])]))
    return { ids: ids as number[], extras: { ...extras, ...(ofTexts && { sequences_scores: ofTexts[row] as number }) } }
  })
}

/** The rows of a tensor, which is disposed of. */
function taken(tensor: Tensor): unknown[] {
  const rows = tensor.tolist()
  tensor.dispose()
  return rows as unknown[]
}
