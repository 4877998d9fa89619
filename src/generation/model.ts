// What generation needs of a model, and nothing more: a few lines of scripted logits will do for a test.

/** Tokens for one step: new ones in each of `rows` rows, behind those the cache has. */
export interface StepInput {
  readonly rows: number
  /** (rows, new tokens) */
  readonly input_ids: Int32Array
  /** (rows, tokens in all): 0 for padding. */
  readonly attention_mask: Int32Array
  /** (rows, new tokens) */
  readonly position_ids: Int32Array
  /** (rows, new tokens), when the caller gave them. */
  readonly token_type_ids?: Int32Array | undefined
}

/** What a model remembers between steps. */
export interface StepCache {
  dispose(): void
}

export interface CausalModel<Cache extends StepCache = StepCache> {
  readonly vocabularySize: number
  /** The most tokens that a text can have, prompt included. */
  readonly maxLength: number
  /** An empty memory with room for so many tokens. */
  newCache(reserve: number): Cache
  /** Scores of the token that comes next in each row: (rows, V). `cache` is undefined when all tokens are in `input`. */
  nextLogits(input: StepInput, cache: Cache | undefined): Float32Array
}
