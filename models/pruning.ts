// Cutting heads out of a model's attentions (Michel et al. 2019).
import { InputError } from '../src/errors.ts'
import type { HeadList } from '../src/nn/heads.ts'
import type { PreTrainedModel } from './pretrained.ts'

/** An attention whose heads can be cut out. */
export interface PrunableAttention {
  readonly heads: HeadList
  prune_heads(heads: readonly number[]): void
}

/** Cuts heads out by layer, all or none of them, and notes it in the config. Throws InputError HEAD_RANGE. */
export function pruneHeads(model: PreTrainedModel, heads_to_prune: Readonly<Record<number, readonly number[]>>): void {
  const attentions = model.attentionModules()
  const wanted = Object.entries(heads_to_prune).map(([layer, heads]) => {
    const attention = attentions[Number(layer)]
    if (!attention) {
      const message = `prune_heads: there is no layer ${layer}, they are 0..${attentions.length - 1}`
      throw new InputError('HEAD_RANGE', message)
    }
    attention.heads.check(heads)
    return { layer, heads, attention }
  })
  const pruned: Record<string, readonly number[]> = { ...model.config.pruned_heads }
  for (const { layer, heads, attention } of wanted) {
    attention.prune_heads(heads)
    pruned[layer] = [...new Set([...(pruned[layer] ?? []), ...heads])]
  }
  model.config.pruned_heads = pruned
}
