// What a logits processor is: it changes the scores of one row in place, before a token is chosen.

export interface ProcessorInput {
  /** The row's tokens so far, prompt and padding included. */
  readonly ids: Int32Array
  /** The row's scores (V), to be changed in place; -Infinity forbids a token. */
  readonly logits: Float32Array
  /** Number of tokens generated before this one. */
  readonly step: number
}

export interface LogitsProcessor {
  process(input: ProcessorInput): void
}
