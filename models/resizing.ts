// More or fewer tokens for a model that is loaded (resize_token_embeddings of transformers/modeling_utils.py).
import { ConfigError } from '../src/errors.ts'
import type { Embedding } from '../src/nn/embedding.ts'
import { resizeRows } from '../src/nn/resize.ts'
import { generatorOf } from '../src/random/default.ts'
import type { PreTrainedModel } from './pretrained.ts'

export interface ResizeOptions {
  /** Makes the number of tokens a multiple of this one. */
  pad_to_multiple_of?: number
  /** New rows are the mean of the old ones (true, as in Hugging Face, whose small noise is left out), or random. */
  mean_resizing?: boolean
  /** Seed of random rows; unless it is given set_seed decides, or else chance. */
  seed?: number
}

/** Resizes the input embeddings and the output layer; gives the embeddings. Throws ConfigError CONFIG_VALUE. */
export function resizeTokens(
  model: PreTrainedModel,
  new_num_tokens: number | undefined,
  { pad_to_multiple_of = 1, mean_resizing = true, seed }: ResizeOptions,
): Embedding {
  const embeddings = model.get_input_embeddings()
  const output = model.get_output_embeddings()
  const wanted = new_num_tokens ?? embeddings.num_embeddings
  const rows = Math.ceil(wanted / pad_to_multiple_of) * pad_to_multiple_of
  if (![wanted, rows].every(count => Number.isInteger(count) && count > 0)) {
    const message = `resize_token_embeddings: ${new_num_tokens} tokens in multiples of ${pad_to_multiple_of} are not possible`
    throw new ConfigError('CONFIG_VALUE', message)
  }
  const drawn = mean_resizing ? undefined : { std: model.config.initializer_range, generator: generatorOf(seed) }
  const weights = new Set([
    embeddings.weight,
    ...(output ? [output.weight] : []),
    ...(output?.bias ? [output.bias] : []),
  ])
  if (rows !== embeddings.num_embeddings) for (const weight of weights) resizeRows(weight, rows, drawn)
  model.config.vocab_size = rows
  return embeddings
}
