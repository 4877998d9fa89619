// What a stopping criterion is: it says which rows have ended, after each step.

export interface StoppingInput {
  /** Each row's tokens so far, prompt included. Only to be read, and only during the call. */
  readonly ids: readonly Int32Array[]
  /** Number of tokens generated so far. */
  readonly step: number
  /** What the processors left in each step so far, (rows, V) each; there when `output_scores` is. */
  readonly scores?: readonly Float32Array[] | undefined
}

export interface StoppingCriterion {
  /** Whether all rows have ended, or which of them. */
  stop(input: StoppingInput): boolean | readonly boolean[]
}

/** A criterion as users may give it: an object, or the function alone. */
export type StoppingCriterionLike = StoppingCriterion | ((input: StoppingInput) => boolean | readonly boolean[])

/** A criterion that knows which tokens end a text: only with one are rows that have ended filled up with padding. */
export interface EndOfText extends StoppingCriterion {
  readonly eos_token_id: readonly number[]
}

export function endsTexts(criterion: StoppingCriterion): criterion is EndOfText {
  return 'eos_token_id' in criterion
}
