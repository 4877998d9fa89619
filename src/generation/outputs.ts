// What a generation gives besides tokens: scores, logits, inner values, as far as they were asked for.
import type { Tensor } from '../tensor/tensor.ts'
import type { GenerationConfig } from './config.ts'
import type { StepCache, StepOutput } from './model.ts'

/** One step of generation. */
export interface GenerationStep {
  /** 0 for the first new token. */
  readonly step: number
  /** The new token of each row; the padding token for rows that ended before. */
  readonly tokens: readonly number[]
  /** Which rows have ended, this token included. */
  readonly ended: readonly boolean[]
}

/** What a generation returns at its end, on plain arrays. */
export interface Generated<Cache extends StepCache = StepCache> {
  /** Whether more than the ids was asked for. */
  readonly isRich: boolean
  readonly rows: number
  readonly length: number
  /** (rows, length), prompt included. */
  readonly ids: Int32Array
  /** For each step (rows, V): what the processors left. */
  readonly scores?: readonly Float32Array[] | undefined
  /** For each step (rows, V): what the model gave. */
  readonly logits?: readonly Float32Array[] | undefined
  /** For each step and layer (rows, H, new tokens, tokens). */
  readonly attentions?: readonly (readonly Tensor[])[] | undefined
  /** For each step the embeddings and each layer's output (rows, new tokens, C). */
  readonly hidden_states?: readonly (readonly Tensor[])[] | undefined
  readonly past_key_values?: Cache | undefined
  /** With beams: the score of each row. */
  readonly sequences_scores?: Float32Array | undefined
  /** With beams: the beam that each new token of each row came from, (rows, tokens); -1 behind the end. */
  readonly beam_indices?: { readonly length: number; readonly values: Int32Array } | undefined
}

/** Keeps what was asked for, step by step, and disposes of what was not. */
export class Recorder {
  readonly scores: Float32Array[] | undefined
  readonly logits: Float32Array[] | undefined
  readonly attentions: (readonly Tensor[])[] | undefined
  readonly hidden_states: (readonly Tensor[])[] | undefined

  constructor(config: GenerationConfig) {
    const isRich = config.return_dict_in_generate
    this.scores = isRich && config.output_scores ? [] : undefined
    this.logits = isRich && config.output_logits === true ? [] : undefined
    this.attentions = isRich && config.output_attentions ? [] : undefined
    this.hidden_states = isRich && config.output_hidden_states ? [] : undefined
  }

  /** Whether inner values are kept. */
  get isDeep(): boolean {
    return this.attentions !== undefined || this.hidden_states !== undefined
  }

  /** A copy of the scores as the model gave them, before processors write into them. */
  addLogits(logits: Float32Array): void {
    this.logits?.push(logits.slice())
  }

  /** A copy of the scores that the processors left. */
  addScores(scores: Float32Array): void {
    this.scores?.push(scores.slice())
  }

  /** The inner values of a step. */
  addInner({ hidden_states, attentions }: Pick<StepOutput, 'hidden_states' | 'attentions'>): void {
    if (this.hidden_states && hidden_states) this.hidden_states.push(hidden_states)
    else dispose(hidden_states)
    if (this.attentions && attentions) this.attentions.push(attentions)
    else dispose(attentions)
  }

  /** Disposes of all that was kept, after a failure. */
  discard(): void {
    for (const tensors of [...(this.hidden_states ?? []), ...(this.attentions ?? [])]) dispose(tensors)
  }
}

export function dispose(tensors: readonly Tensor[] | undefined): void {
  for (const tensor of tensors ?? []) tensor.dispose()
}

/** Some rows of a tensor (rows, ...), in any order; the tensor is disposed of. */
export function rowsOf(tensor: Tensor, rows: readonly number[]): Tensor {
  const [, ...rest] = tensor.shape
  const size = rest.reduce((product, n) => product * n, 1)
  const places = Int32Array.from({ length: rows.length * size }, (_, i) => rows[Math.floor(i / size)]!)
  const index = tensor.backend.tensor(places, { shape: [rows.length, ...rest] })
  const picked = tensor.gather(0, index)
  index.dispose()
  tensor.dispose()
  return picked
}
