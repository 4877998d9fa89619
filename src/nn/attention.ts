// Attention of several heads, as GPT-2 and BERT share it: what lies between the queries, keys and values and their
// mixture.
import type { Tensor } from '../tensor/tensor.ts'
import type { LayerCache } from './cache.ts'
import { Module } from './module.ts'

/** What a layer's attention gets besides its input. */
export interface AttentionContext {
  /** Token t sees no token behind it. */
  readonly causal?: boolean
  /** Added to the scores: (B, 1 or H, 1 or T, S). */
  readonly mask?: Tensor | undefined
  /** Factors of the probabilities, (B or 1, H or 1, T or 1, S or 1): 0 turns a head off. */
  readonly headMask?: Tensor | undefined
  /** Keys and values of earlier tokens; the new ones are put behind them. */
  readonly past?: LayerCache | undefined
}

/** More to add to the scores (B, H, T, S), made of the queries (B, H, T, D) and all keys (B, H, S, D). */
export type ScoreBias = (q: Tensor, k: Tensor) => Tensor

/**
 * A module that attends. Its taps: 'q', 'k', 'v' (B, H, T, D); 'scores', scaled and masked, and 'probs' (B, H, T, S);
 * 'z' (B, H, T, D), the mixture of values. Watching scores or probs runs the three steps one by one, with the same
 * results.
 */
export abstract class SelfAttention extends Module {
  static override readonly taps = ['q', 'k', 'v', 'scores', 'probs', 'z']

  /** q, k, v (B, H, T, D) -> (B, H, T, D). `scale` is the factor of the scores; 1 / sqrt(D) unless given. */
  protected attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    { causal, mask, headMask, past }: AttentionContext,
    { scale, bias }: { scale?: number | undefined; bias?: ScoreBias | undefined } = {},
  ): Tensor {
    q = this.tap('q', q)
    k = this.tap('k', k)
    v = this.tap('v', v)
    const { keys, values, length } = past ? past.append(k, v) : { keys: k, values: v, length: k.shape[2]! }
    const perHead = mask && mask.shape[1] !== 1 ? mask : undefined
    const options = { causal, scale, length, mask: perHead ? undefined : mask }
    const inOneStep = !perHead && !bias && !headMask && !this.isTapped('scores', 'probs')
    if (inOneStep) return this.tap('z', q.attend(keys, values, options))
    let scores = q.attentionScores(keys, options)
    if (perHead) scores = scores.add(perHead)
    if (bias) scores = scores.add(bias(q, keys.slice(2, 0, length)))
    let probs = this.tap('scores', scores).softmax()
    if (headMask) probs = probs.mul(headMask)
    return this.tap('z', this.tap('probs', probs).attentionValues(values))
  }
}

/** A layer that attends, one of several in a row. */
export interface AttentionLayer extends Module {
  forward(x: Tensor, context: AttentionContext): Tensor
}

export interface LayersOutput {
  /** What goes into the first layer and comes out of each: (B, T, C). */
  readonly hidden: Tensor[]
  /** The attention probabilities of each layer (B, H, T, S), when they are wanted. */
  readonly attentions: Tensor[]
}

/**
 * Runs layers one after the other on x (B, T, C). `attentionOf` finds the attention of a layer when its probabilities
 * are wanted. Memory of a layer is freed before the next.
 */
export function runLayers<Layer extends AttentionLayer>(
  layers: Iterable<Layer>,
  x: Tensor,
  contexts: readonly AttentionContext[],
  attentionOf: ((layer: Layer) => SelfAttention) | undefined,
): LayersOutput {
  const hidden = [x]
  const attentions: Tensor[] = []
  for (const [i, layer] of Array.from(layers).entries()) {
    const [y, probs] = x.backend.scope(() => {
      let seen: Tensor | undefined
      const watcher = attentionOf?.(layer).register_tap('probs', probs => {
        seen = probs
      })
      try {
        return [layer.forward(hidden.at(-1)!, contexts[i]!), seen] as const
      } finally {
        watcher?.remove()
      }
    })
    hidden.push(y)
    if (probs) attentions.push(probs)
  }
  return { hidden, attentions }
}
