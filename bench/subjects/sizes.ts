// The two models that are measured, in the size of the real ones and in a tiny one that only shows that everything works.

/** 'base' is GPT-2 small with 21,128 tokens and BERT-base, 102 million parameters each; 'tiny' runs in milliseconds. */
export type SizeName = 'base' | 'tiny'
export const sizeNames: readonly SizeName[] = ['base', 'tiny']

export type ModelName = 'gpt2' | 'bert'

export interface Size {
  readonly name: SizeName
  /** Layers, width, heads, width of the inner layer, tokens of the vocabulary, places. */
  readonly layers: number
  readonly C: number
  readonly H: number
  readonly M: number
  readonly V: number
  readonly places: number
  /** Prompt lengths of the prefill tests. */
  readonly prompts: readonly number[]
  /** Tokens in the context when decoding begins, and tokens that are decoded. */
  readonly depth: number
  readonly decoded: number
  /** Tokens in a row of the forward test, and rows. */
  readonly T: number
  readonly batches: readonly number[]
  /** Prompt of the load test. */
  readonly loadPrompt: number
  /** Milliseconds of rest between two measurements: OpenMP's threads, which PyTorch has, spin for 200 ms. */
  readonly rest: number
}

export const sizes: Readonly<Record<SizeName, Size>> = {
  base: {
    ...{ name: 'base', layers: 12, C: 768, H: 12, M: 3072, V: 21128, places: 1024 },
    ...{ prompts: [128, 512], depth: 64, decoded: 256, T: 128, batches: [1, 8], loadPrompt: 16, rest: 300 },
  },
  tiny: {
    ...{ name: 'tiny', layers: 2, C: 64, H: 4, M: 256, V: 512, places: 128 },
    ...{ prompts: [16, 32], depth: 8, decoded: 16, T: 16, batches: [1, 2], loadPrompt: 4, rest: 0 },
  },
}

/** config.json of a model, with the fields that Hugging Face's class of the same name reads. */
export function configOf(model: ModelName, { layers, C, H, M, V, places }: Size): Record<string, unknown> {
  const ids = { bos_token_id: null, eos_token_id: null, pad_token_id: 0, initializer_range: 0.02, vocab_size: V }
  if (model === 'gpt2') {
    return {
      ...{ architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', activation_function: 'gelu_new', ...ids },
      ...{ n_layer: layers, n_embd: C, n_head: H, n_inner: M, n_positions: places, n_ctx: places },
      ...{ layer_norm_epsilon: 1e-5, resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0, tie_word_embeddings: true },
    }
  }
  return {
    ...{ architectures: ['BertModel'], model_type: 'bert', hidden_act: 'gelu', ...ids, type_vocab_size: 2 },
    ...{ num_hidden_layers: layers, hidden_size: C, num_attention_heads: H, intermediate_size: M },
    ...{ max_position_embeddings: places, layer_norm_eps: 1e-12, hidden_dropout_prob: 0 },
    ...{ attention_probs_dropout_prob: 0, position_embedding_type: 'absolute' },
  }
}

/** Name and shape of every weight, in the order of the model. */
export function shapesOf(model: ModelName, size: Size): [name: string, shape: number[]][] {
  return model === 'gpt2' ? gpt2Shapes(size) : bertShapes(size)
}

function gpt2Shapes({ layers, C, M, V, places }: Size): [string, number[]][] {
  const norm = (name: string): [string, number[]][] => pair(name, [C], [C])
  const block = (layer: number): [string, number[]][] => {
    const at = `transformer.h.${layer}`
    return [
      ...norm(`${at}.ln_1`),
      ...pair(`${at}.attn.c_attn`, [C, 3 * C], [3 * C]),
      ...pair(`${at}.attn.c_proj`, [C, C], [C]),
      ...norm(`${at}.ln_2`),
      ...pair(`${at}.mlp.c_fc`, [C, M], [M]),
      ...pair(`${at}.mlp.c_proj`, [M, C], [C]),
    ]
  }
  return [
    ['transformer.wte.weight', [V, C]],
    ['transformer.wpe.weight', [places, C]],
    ...Array.from({ length: layers }, (_, layer) => block(layer)).flat(),
    ...norm('transformer.ln_f'),
  ]
}

function bertShapes({ layers, C, M, V, places }: Size): [string, number[]][] {
  const layerAt = (layer: number): [string, number[]][] => {
    const at = `encoder.layer.${layer}`
    return [
      ...['query', 'key', 'value'].flatMap(name => pair(`${at}.attention.self.${name}`, [C, C], [C])),
      ...pair(`${at}.attention.output.dense`, [C, C], [C]),
      ...pair(`${at}.attention.output.LayerNorm`, [C], [C]),
      ...pair(`${at}.intermediate.dense`, [M, C], [M]),
      ...pair(`${at}.output.dense`, [C, M], [C]),
      ...pair(`${at}.output.LayerNorm`, [C], [C]),
    ]
  }
  return [
    ['embeddings.word_embeddings.weight', [V, C]],
    ['embeddings.position_embeddings.weight', [places, C]],
    ['embeddings.token_type_embeddings.weight', [2, C]],
    ...pair('embeddings.LayerNorm', [C], [C]),
    ...Array.from({ length: layers }, (_, layer) => layerAt(layer)).flat(),
    ...pair('pooler.dense', [C, C], [C]),
  ]
}

function pair(name: string, weight: number[], bias: number[]): [string, number[]][] {
  return [
    [`${name}.weight`, weight],
    [`${name}.bias`, bias],
  ]
}

/** Parameters that take part in every token: all but the tables that rows are looked up in. */
export function multiplied({ layers, C, M }: Size): number {
  return layers * (4 * C * C + 2 * C * M)
}

/** Parameters in all, for the name of a subject: '102 M'. */
export function parameters(model: ModelName, size: Size): number {
  return shapesOf(model, size).reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0)
}
