// What a logits processor is: it changes the scores of one row in place, before a token is chosen.
import { ConfigError } from '../../errors.ts'
import type { StepOutput } from '../model.ts'

export interface ProcessorInput {
  /** The row's tokens so far, prompt and padding included. Only to be read, and only during the call. */
  readonly ids: Int32Array
  /** The row's scores (V), to be changed in place during the call; -Infinity forbids a token. */
  readonly logits: Float32Array
  /** Number of tokens generated before this one. */
  readonly step: number
  /** Number of the row; with beams those of a text stand beside each other. */
  readonly row: number
  /** What the model gave in this step for all rows, for as long as the step lasts; hidden states and attentions are there when they were asked for. */
  readonly outputs?: StepOutput | undefined
  /** With groups of beams: the tokens that beams of earlier groups took in this step. */
  readonly taken?: readonly number[] | undefined
}

export interface LogitsProcessor {
  process(input: ProcessorInput): void
}

/** A processor as users may give it: an object, or the function alone. */
export type LogitsProcessorLike = LogitsProcessor | ((input: ProcessorInput) => void)

/** Throws ConfigError GENERATION_VALUE for tokens that the vocabulary does not have. */
export function checkVocabulary(name: string, ids: Iterable<number>, size: number): void {
  const strange = [...ids].filter(id => id >= size)
  if (strange.length === 0) return
  const message = `generate: ${name} has ${strange.join(', ')}, and the vocabulary ends at ${size - 1}`
  throw new ConfigError('GENERATION_VALUE', message, { option: name })
}
