// Embedding: rows of a table by id.
import type { Tensor } from '../tensor/tensor.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'

export interface EmbeddingOptions {
  /** The row that stands for padding; it starts as zeros and is shown in the printed tree, nothing else. */
  padding_idx?: number | undefined
  /** Deviation of fresh weights. */
  std?: number
}

/** ids (...) -> (..., embedding_dim). */
export class Embedding extends Module {
  weight: Parameter
  readonly padding_idx: number | undefined

  constructor(num_embeddings: number, embedding_dim: number, { padding_idx, std = 0.02 }: EmbeddingOptions = {}) {
    super()
    this.padding_idx = padding_idx
    const zeroRow = padding_idx === undefined ? {} : { zeroRow: padding_idx }
    this.weight = new Parameter([num_embeddings, embedding_dim], {
      form: 'table',
      initial: { kind: 'normal', std, ...zeroRow },
    })
  }

  get num_embeddings(): number {
    return this.weight.shape[0]!
  }

  get embedding_dim(): number {
    return this.weight.shape[1]!
  }

  /** Throws InputError ID_RANGE for an id outside of the table. */
  override forward(ids: Tensor): Tensor {
    return this.weight.value.embedding(ids)
  }

  override extraRepr(): string {
    const padding = this.padding_idx === undefined ? '' : `, padding_idx=${this.padding_idx}`
    return `${this.num_embeddings}, ${this.embedding_dim}${padding}`
  }
}
