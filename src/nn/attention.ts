// Attention of several heads, as GPT-2 and BERT share it: what lies between the queries, keys and values and their mixture.
import type { AttendOptions, Tensor } from '../tensor/tensor.ts'
import type { LayerCache } from './cache.ts'
import { Module } from './module.ts'

/**
 * A module that attends. Its taps: 'q', 'k', 'v' (B, H, T, D); 'scores', scaled and masked, and 'probs' (B, H, T, S);
 * 'z' (B, H, T, D), the mixture of values. Watching scores or probs runs the three steps one by one, with the same results.
 */
export abstract class SelfAttention extends Module {
  static override readonly taps = ['q', 'k', 'v', 'scores', 'probs', 'z']

  /** q, k, v (B, H, T, D), the keys and values of earlier tokens in `past` -> (B, H, T, D). */
  protected attend(q: Tensor, k: Tensor, v: Tensor, options: AttendOptions, past?: LayerCache): Tensor {
    q = this.tap('q', q)
    k = this.tap('k', k)
    v = this.tap('v', v)
    const { keys, values, length } = past ? past.append(k, v) : { keys: k, values: v, length: k.shape[2]! }
    if (!this.isTapped('scores', 'probs')) return this.tap('z', q.attend(keys, values, { ...options, length }))
    const scores = this.tap('scores', q.attentionScores(keys, { ...options, length }))
    const probs = this.tap('probs', scores.softmax())
    return this.tap('z', probs.attentionValues(values))
  }
}
