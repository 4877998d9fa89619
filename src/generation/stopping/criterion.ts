// What a stopping criterion is: it says which rows have ended, after each step.
import { ConfigError } from '../../errors.ts'
import { notWritten } from '../processors/processor.ts'
import { dataOf } from '../processors/returned.ts'

export interface StoppingInput {
  /** Each row's tokens so far, prompt included. Only to be read, and only during the call. */
  readonly ids: readonly Int32Array[]
  /** Number of tokens generated so far. */
  readonly step: number
  /** What the processors left in each step so far, (rows, V) each; there when `output_scores` is. */
  readonly scores?: readonly Float32Array[] | undefined
}

/** Whether all rows have ended, or which of them. */
export type Verdict = boolean | readonly boolean[]

export interface StoppingCriterion {
  /** Whether all rows have ended, or which of them. */
  stop(input: StoppingInput): Verdict
}

/** What all criteria extend; your own override `stop`, or `_call` as in transformers and transformers.js. */
export class StoppingCriteria implements StoppingCriterion {
  /** Whether all rows have ended, or which of them. */
  stop({ ids, scores }: StoppingInput): Verdict {
    if (this._call === StoppingCriteria.prototype._call) throw notWritten(this, 'stop(input) or _call(ids, scores)')
    return this._call(ids, scores)
  }

  /** The same with each row's ids, and with the scores of each step where `output_scores` keeps them. */
  _call(input_ids: readonly ArrayLike<number>[], scores?: readonly Float32Array[]): Verdict {
    if (this.stop === StoppingCriteria.prototype.stop) throw notWritten(this, '_call(ids, scores)')
    return this.stop({ ids: input_ids.map(row => Int32Array.from(row)), step: 0, scores })
  }
}

/**
 * A criterion as users may give it: an object with one of the methods, or a function alone. A function of two
 * parameters is called as `_call` is.
 */
export type StoppingCriterionLike =
  | StoppingCriterion
  | Pick<StoppingCriteria, '_call'>
  | ((input: StoppingInput) => Verdict)

type Call = (input_ids: readonly ArrayLike<number>[], scores?: readonly Float32Array[]) => Verdict

/** Throws ConfigError GENERATION_VALUE for what is no criterion. */
export function asCriterion(given: StoppingCriterionLike): StoppingCriterion {
  const called = (call: Call): StoppingCriterion => ({ stop: ({ ids, scores }) => call(ids, scores) })
  // The type does not have functions of two parameters: with them TypeScript could not tell what a parameter is.
  if (typeof given === 'function') {
    return given.length < 2 ? { stop: given } : called((...args) => Reflect.apply(given, undefined, args))
  }
  if (typeof given === 'object' && given !== null) {
    const own = given as Partial<StoppingCriteria>
    if (typeof own.stop === 'function') return own as StoppingCriterion
    if (typeof own._call === 'function') return called(own._call.bind(own))
  }
  throw new ConfigError(
    'GENERATION_VALUE',
    'generate: stopping_criteria must be functions, or objects with stop() or _call()',
    { option: 'stopping_criteria' },
  )
}

/** What a criterion said, for each of so many rows. Throws ConfigError STOPPING for an answer that is none. */
export function verdictOf(said: unknown, rows: number): readonly boolean[] {
  if (typeof said === 'boolean') return new Array<boolean>(rows).fill(said)
  const list = dataOf(said)
  const isList = Array.isArray(list) || ArrayBuffer.isView(list)
  const flags = isList ? Array.from(list as ArrayLike<unknown>, Boolean) : []
  if (isList && flags.length === rows) return flags
  const message = `generate: a stopping criterion must say true or false, or so for ${rows} rows`
  throw new ConfigError('STOPPING', message, { got: said })
}

/** A criterion that knows which tokens end a text: only with one are rows that have ended filled up with padding. */
export interface EndOfText extends StoppingCriterion {
  readonly eos_token_id: readonly number[]
}

export function endsTexts(criterion: StoppingCriterion): criterion is EndOfText {
  return 'eos_token_id' in criterion
}
