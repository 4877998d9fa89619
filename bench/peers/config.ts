// The sizes in a model folder's config.json, for the peers that are told them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Fields of GPT-2's config, or of BERT's. */
export type ConfigNumbers = Readonly<
  Record<
    | 'n_layer'
    | 'n_head'
    | 'n_embd'
    | 'layer_norm_epsilon'
    | 'num_hidden_layers'
    | 'num_attention_heads'
    | 'hidden_size'
    | 'layer_norm_eps'
    | 'vocab_size',
    number
  >
>

export function parseConfig(folder: string): ConfigNumbers {
  return JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as ConfigNumbers
}
