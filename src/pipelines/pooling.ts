// One vector for a text, from those of its tokens (transformers.js: pipelines/feature-extraction.js and utils/tensor.js).

export type Pooling = 'none' | 'mean' | 'cls' | 'first_token' | 'last_token' | 'eos'
export const poolings = ['none', 'mean', 'cls', 'first_token', 'last_token', 'eos'] as const

/** 'binary' gives signed bytes (less 128), 'ubinary' unsigned ones. */
export type Precision = 'binary' | 'ubinary'
export const precisions = ['binary', 'ubinary'] as const

type Vector = readonly number[]

/** The mean of a text's vectors, or the first or the last one. */
export function pooled(tokens: readonly Vector[], pooling: Exclude<Pooling, 'none'>): Vector {
  if (pooling === 'last_token' || pooling === 'eos') return tokens.at(-1)!
  if (pooling !== 'mean') return tokens[0]!
  return tokens[0]!.map((_, i) => tokens.reduce((sum, vector) => sum + vector[i]!, 0) / tokens.length)
}

/** The vector divided by its length, which counts as at least 1e-12. */
export function unit(vector: Vector): number[] {
  const length = Math.max(Math.hypot(...vector), 1e-12)
  return vector.map(x => x / length)
}

/** Eight numbers as the bits of a byte, 1 above 0; the first one is the highest bit. */
export function packedSigns(vector: Vector, precision: Precision): number[] {
  const bytes = Array.from({ length: vector.length / 8 }, (_, i) =>
    vector.slice(8 * i, 8 * (i + 1)).reduce((byte, x) => 2 * byte + (x > 0 ? 1 : 0), 0),
  )
  return precision === 'binary' ? bytes.map(byte => byte - 128) : bytes
}
