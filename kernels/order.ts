// Sorting rows.

type Numbers = Float32Array | Int32Array

/**
 * The k first values of each row in order, and where they stood: values and indices (rows, k), x (rows, cols), rows begin..end.
 * largest = 1 puts the largest first. Equal values keep their order; NaN counts as largest, as in PyTorch.
 */
export function topk(
  values: Numbers,
  indices: Int32Array,
  x: Numbers,
  cols: number,
  k: number,
  largest: number,
  begin: number,
  end: number,
): void {
  const order = new Int32Array(cols)
  for (let r = begin; r < end; r++) {
    const row = x.subarray(r * cols, (r + 1) * cols)
    for (let i = 0; i < cols; i++) order[i] = i
    order.sort((i, j) => (largest ? compare(row[j]!, row[i]!) : compare(row[i]!, row[j]!)) || i - j)
    for (let i = 0; i < k; i++) {
      indices[r * k + i] = order[i]!
      values[r * k + i] = row[order[i]!]!
    }
  }
}

/** Below 0 when a stands before b in rising order, NaN last. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1
  if (Number.isNaN(b)) return -1
  return a - b || 0
}
