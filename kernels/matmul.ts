// The plain matrix product of two activations.

/**
 * out[r, c] = sum over i of a[r, i] * b[i, c] for rows begin..end; a (rows, k), out (rows, n), b[i, c] at i * bRow + c * bCol,
 * so that (bRow, bCol) = (n, 1) is b as it is and (1, k) its transpose.
 */
export function matmul(
  out: Float32Array,
  a: Float32Array,
  b: Float32Array,
  k: number,
  n: number,
  bRow: number,
  bCol: number,
  begin: number,
  end: number,
): void {
  for (let r = begin; r < end; r++) {
    for (let c = 0; c < n; c++) {
      let sum = 0
      for (let i = 0; i < k; i++) sum += a[r * k + i]! * b[i * bRow + c * bCol]!
      out[r * n + c] = sum
    }
  }
}
