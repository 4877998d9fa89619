// What generation needs of a model, and nothing more: a few lines of scripted logits will do for a test.
import type { Shape } from '../shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Factors for the heads of all layers (H), of each (L, H), or of each and each row (L, B or 1, H, 1, 1). */
export interface HeadMask {
  readonly values: Float32Array
  readonly shape: Shape
}

/** Tokens for one step: new ones in each of `rows` rows, behind those the cache has. */
export interface StepInput {
  readonly rows: number
  /** (rows, new tokens) */
  readonly input_ids: Int32Array
  /** (rows, new tokens, C) in the place of input_ids. */
  readonly inputs_embeds?: Tensor | undefined
  /** (rows, tokens in all): 0 for padding. */
  readonly attention_mask: Int32Array
  /** (rows, new tokens) */
  readonly position_ids: Int32Array
  /** (rows, new tokens), when the caller gave them. */
  readonly token_type_ids?: Int32Array | undefined
  /** Factors of attention probabilities, when the caller gave them. */
  readonly head_mask?: HeadMask | undefined
  /** Of so many of the last tokens the scores are wanted. */
  readonly keep: number
  /** Where the scores (rows, keep, V) may be written, in the place of a new array. */
  readonly into?: Float32Array | undefined
  readonly output_hidden_states: boolean
  readonly output_attentions: boolean
}

/** What a step gives. The arrays are the caller's: processors write into the scores. */
export interface StepOutput {
  /** (rows, keep, V) */
  readonly logits: Float32Array
  /** The embeddings and each layer's output (rows, new tokens, C), when asked for; to be disposed of. */
  readonly hidden_states?: readonly Tensor[] | undefined
  /** Each layer's probabilities (rows, H, new tokens, tokens), when asked for; to be disposed of. */
  readonly attentions?: readonly Tensor[] | undefined
}

/** What a model remembers between steps, in Hugging Face's names (DynamicCache). */
export interface StepCache {
  /** Tokens in the cache. */
  get_seq_length(): number
  /** Forgets all tokens from `length` on. */
  crop(length: number): void
  /** Row i becomes what row `rows[i]` was; there may be more rows than before, or fewer. */
  reorder_cache(rows: readonly number[]): void
  dispose(): void
}

export interface CausalModel<Cache extends StepCache = StepCache> {
  readonly vocabularySize: number
  /** Places that the model has for tokens; the last token of a text needs none. */
  readonly maxLength: number
  /** An empty memory with room for so many tokens. */
  newCache(reserve: number): Cache
  /** Reads tokens. `cache` is undefined when all tokens are in `input`. */
  step(input: StepInput, cache: Cache | undefined): StepOutput
  /** Scores (rows, V) that the output layer gives for hidden states (rows, C); needed by dola_layers alone. */
  head?(hidden: Float32Array, rows: number): Float32Array
  /** Whether the output layer is the table of embeddings. */
  readonly isTied?: boolean
}
