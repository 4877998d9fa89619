// tfjs-node as its users write it: GPT-2 and BERT in the public functions of tf, with a cache of keys and values.
import type { ConfigNumbers } from './config.ts'
import type { Peer } from './engine.ts'
import { notInstalled } from './installed.ts'
import { openTf, type Recipes, type TF, type TfTensor, tfEnvironment } from './tfjsEngine.ts'

export const tfjsPlain: Peer = {
  name: 'tfjs-plain',
  models: ['gpt2', 'bert'],
  dtypes: ['float32'],
  missing: () => notInstalled('tfjs'),
  environment: tfEnvironment,
  open: options => openTf(options, plainRecipes, 'plain program'),
}

/** The functions that the better program replaces. */
export function plainRecipes(tf: TF): Recipes {
  return {
    product: (x, w, b) => tf.add(tf.matMul(x, w), b),
    norm(x, gain, shift, epsilon) {
      const { mean, variance } = tf.moments(x, -1, true)
      return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), gain), shift)
    },
    gelu: x => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
    geluTanh(x) {
      const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1))
    },
  }
}

export interface Program {
  readonly tf: TF
  readonly recipes: Recipes
  readonly config: ConfigNumbers
  readonly w: (name: string) => TfTensor
}

/** Keys and values (B, H, S, D) of each layer. */
export type TfCache = [k: TfTensor, v: TfTensor][]

/** Scores (1, V) after the last of the new ids, and the cache with them. */
export function gpt2({ tf, recipes, config, w }: Program, ids: readonly number[], past: TfCache): [TfTensor, TfCache] {
  const { n_embd: C, n_head: H, n_layer, layer_norm_epsilon: epsilon } = config
  const T = ids.length
  const S = (past[0]?.[0].shape[2] ?? 0) + T
  const dense = (x: TfTensor, name: string) => recipes.product(x, w(`${name}.weight`), w(`${name}.bias`))
  const norm = (x: TfTensor, name: string) => recipes.norm(x, w(`${name}.weight`), w(`${name}.bias`), epsilon)
  const heads = (x: TfTensor) => tf.transpose(tf.reshape(x, [1, T, H, C / H]), [0, 2, 1, 3])
  const hidden = T > 1 ? tf.linalg.bandPart(tf.ones([T, T]), -1, 0) : undefined
  const mask = hidden && tf.mul(tf.sub(hidden, 1), 1e30)
  const cache: TfCache = []
  let x = tf.add(
    tf.gather(w('transformer.wte.weight'), tf.tensor1d([...ids], 'int32')),
    tf.slice(w('transformer.wpe.weight'), [S - T, 0], [T, C]),
  ) // (T, C)
  for (let layer = 0; layer < n_layer; layer++) {
    const at = `transformer.h.${layer}`
    const [q, k, v] = tf.split(dense(norm(x, `${at}.ln_1`), `${at}.attn.c_attn`), 3, 1).map(heads) as [
      TfTensor,
      TfTensor,
      TfTensor,
    ]
    const before = past[layer]
    const [keys, values] = before ? [tf.concat([before[0], k], 2), tf.concat([before[1], v], 2)] : [k, v]
    cache.push([keys, values])
    const scores = tf.mul(tf.matMul(q, keys, false, true), 1 / Math.sqrt(C / H)) // (1, H, T, S)
    const mixed = tf.matMul(tf.softmax(mask ? tf.add(scores, mask) : scores), values)
    const merged = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [T, C])
    x = tf.add(x, dense(merged, `${at}.attn.c_proj`))
    x = tf.add(x, dense(recipes.geluTanh(dense(norm(x, `${at}.ln_2`), `${at}.mlp.c_fc`)), `${at}.mlp.c_proj`))
  }
  const last = tf.slice(norm(x, 'transformer.ln_f'), [T - 1, 0], [1, C])
  return [tf.matMul(last, w('transformer.wte.weight'), false, true), cache]
}

/** The last hidden state (B * T, C). Weights of products lie as (in, out). */
export function bert({ tf, recipes, config, w }: Program, rows: readonly (readonly number[])[]): TfTensor {
  const { hidden_size: C, num_attention_heads: H, num_hidden_layers, layer_norm_eps: epsilon } = config
  const [B, T] = [rows.length, rows[0]?.length ?? 0]
  const dense = (x: TfTensor, name: string) => recipes.product(x, w(`${name}.weight`), w(`${name}.bias`))
  const norm = (x: TfTensor, name: string) => recipes.norm(x, w(`${name}.weight`), w(`${name}.bias`), epsilon)
  const heads = (x: TfTensor) => tf.transpose(tf.reshape(x, [B, T, H, C / H]), [0, 2, 1, 3])
  const words = tf.gather(
    w('embeddings.word_embeddings.weight'),
    tf.tensor2d(
      rows.map(row => [...row]),
      undefined,
      'int32',
    ),
  )
  const places = tf.slice(w('embeddings.position_embeddings.weight'), [0, 0], [T, C])
  const kind = tf.slice(w('embeddings.token_type_embeddings.weight'), [0, 0], [1, C])
  let x = norm(tf.reshape(tf.add(words, tf.add(places, kind)), [B * T, C]), 'embeddings.LayerNorm')
  for (let layer = 0; layer < num_hidden_layers; layer++) {
    const at = `encoder.layer.${layer}`
    const part = (name: string) => heads(dense(x, `${at}.attention.self.${name}`))
    const scores = tf.mul(tf.matMul(part('query'), part('key'), false, true), 1 / Math.sqrt(C / H))
    const mixed = tf.matMul(tf.softmax(scores), part('value'))
    const merged = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [B * T, C])
    x = norm(tf.add(dense(merged, `${at}.attention.output.dense`), x), `${at}.attention.output.LayerNorm`)
    const inner = recipes.gelu(dense(x, `${at}.intermediate.dense`))
    x = norm(tf.add(dense(inner, `${at}.output.dense`), x), `${at}.output.LayerNorm`)
  }
  return x
}
