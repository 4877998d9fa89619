// Layer normalisation (Ba, Kiros and Hinton 2016) of rows.

/**
 * out[r, :] = (x[r, :] - mean) / sqrt(variance + eps) * weight + bias for rows begin..end of (rows, cols), with the
 * variance of the whole population (divided by cols). out may be x.
 */
export function layerNorm(
  out: Float32Array,
  x: Float32Array,
  weight: Float32Array,
  bias: Float32Array,
  eps: number,
  cols: number,
  begin: number,
  end: number,
): void {
  for (let r = begin * cols; r < end * cols; r += cols) {
    let mean = 0
    for (let i = 0; i < cols; i++) mean += x[r + i]! / cols
    let variance = 0
    for (let i = 0; i < cols; i++) variance += (x[r + i]! - mean) ** 2 / cols
    const scale = 1 / Math.sqrt(variance + eps)
    for (let i = 0; i < cols; i++) out[r + i] = (x[r + i]! - mean) * scale * weight[i]! + bias[i]!
  }
}
