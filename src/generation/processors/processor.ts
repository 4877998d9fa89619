// What a logits processor is: it changes the scores of one row in place, before a token is chosen.
import { ConfigError, VitrineError } from '../../errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { StepOutput } from '../model.ts'
import { takeScores } from './returned.ts'

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

/** Scores that a processor gives back: V numbers, or the rows (1, V) that `_call` got. */
export type ReturnedScores = Float32Array | readonly number[] | readonly (Float32Array | readonly number[])[] | Tensor

/** What all processors extend; your own override `process`, or `_call` as in transformers and transformers.js. */
export class LogitsProcessor {
  /**
   * Changes one row of scores in place. Scores that it returns take their place; what is not an object is no result.
   */
  process({ ids, logits }: ProcessorInput): unknown {
    if (this._call === LogitsProcessor.prototype._call) throw notWritten(this, 'process(input) or _call(ids, scores)')
    return this._call([ids], [logits])
  }

  /**
   * The same with rows of ids and of scores (V), which are changed in place and returned. generate() calls it for one
   * row after the other, with lists of one.
   */
  _call(input_ids: readonly ArrayLike<number>[], scores: readonly Float32Array[]): ReturnedScores {
    if (this.process === LogitsProcessor.prototype.process) throw notWritten(this, '_call(ids, scores)')
    for (const [row, logits] of scores.entries()) {
      const ids = Int32Array.from(input_ids[row]!)
      takeScores(this.process({ ids, logits, step: 0, row }), logits)
    }
    return scores
  }
}

/** The error of a class that lacks the method its base class left to it. */
export function notWritten(object: object, methods: string): VitrineError {
  return new VitrineError('NOT_WRITTEN', `${object.constructor.name} does not say what it does`, {
    hint: `give it ${methods}`,
  })
}

/**
 * A processor as users may give it: an object with one of the methods, or a function alone. A function of two
 * parameters is called as `_call` is.
 */
export type LogitsProcessorLike =
  | Pick<LogitsProcessor, 'process'>
  | Pick<LogitsProcessor, '_call'>
  | ((input: ProcessorInput) => unknown)

/** Throws ConfigError GENERATION_VALUE for tokens that the vocabulary does not have. */
export function checkVocabulary(name: string, ids: Iterable<number>, size: number): void {
  const strange = [...ids].filter(id => id >= size)
  if (strange.length === 0) return
  const message = `generate: ${name} has ${strange.join(', ')}, and the vocabulary ends at ${size - 1}`
  throw new ConfigError('GENERATION_VALUE', message, { option: name })
}
