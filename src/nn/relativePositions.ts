// Relative positions in attention: a learned vector for each distance between two tokens (Shaw et al. 2018; with keys
// Huang et al. 2020).
import type { Tensor } from '../tensor/tensor.ts'
import type { Embedding } from './embedding.ts'

/**
 * What distances add to the scores, before scaling: q (B, H, T, D) and k (B, H, S, D), whose last T tokens are those of
 * q -> (B, H, T, S). `table` has a row for each distance from -(n - 1) to n - 1. With `fromKeys` the keys are
 * multiplied with it too.
 */
export function relativeScores(q: Tensor, k: Tensor, table: Embedding, fromKeys: boolean): Tensor {
  const [B, H, T, D] = q.dims4()
  const [, , S] = k.dims4()
  const zero = (table.num_embeddings - 1) / 2
  const distances = Int32Array.from({ length: T * S }, (_, i) => S - T + Math.floor(i / S) - (i % S) + zero)
  const vectors = table.forward(q.backend.tensor(distances, { shape: [T, S] })) // (T, S, D)
  const asked = q
    .permute([2, 0, 1, 3])
    .reshape([T, B * H, D])
    .matmul(vectors.transpose(1, 2)) // (T, B H, S)
  const scores = asked.reshape([T, B, H, S]).permute([1, 2, 0, 3])
  if (!fromKeys) return scores
  const answered = k
    .permute([2, 0, 1, 3])
    .reshape([S, B * H, D])
    .matmul(vectors.permute([1, 2, 0])) // (S, B H, T)
  return scores.add(answered.reshape([S, B, H, T]).permute([1, 2, 3, 0]))
}
