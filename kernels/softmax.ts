// Softmax and its logarithm along rows of (rows, cols). Rows begin..end are computed; out may be x.

/** out[r, :] = e^(x[r, :] - max) / sum. A row with NaN or Infinity, or all -Infinity, gives NaN, as PyTorch does. */
export function softmax(out: Float32Array, x: Float32Array, cols: number, begin: number, end: number): void {
  for (let r = begin * cols; r < end * cols; r += cols) {
    const max = largest(x, r, cols)
    let sum = 0
    for (let i = r; i < r + cols; i++) sum += Math.exp(x[i]! - max)
    for (let i = r; i < r + cols; i++) out[i] = Math.exp(x[i]! - max) / sum
  }
}

/** out[r, :] = x[r, :] - max - log(sum of e^(x[r, :] - max)). */
export function logSoftmax(out: Float32Array, x: Float32Array, cols: number, begin: number, end: number): void {
  for (let r = begin * cols; r < end * cols; r += cols) {
    const max = largest(x, r, cols)
    let sum = 0
    for (let i = r; i < r + cols; i++) sum += Math.exp(x[i]! - max)
    const logSum = Math.log(sum)
    for (let i = r; i < r + cols; i++) out[i] = x[i]! - max - logSum
  }
}

function largest(x: Float32Array, start: number, cols: number): number {
  let max = -Infinity
  for (let i = start; i < start + cols; i++) max = Math.max(max, x[i]!)
  return max
}
