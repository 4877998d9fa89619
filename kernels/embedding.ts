// Rows of a table, by id.

/**
 * out[r, :] = table[ids[r], :] for rows begin..end; table (V, cols) lies in panels of `width` rows as kernels/linear.ts has
 * them (width 1: row after row). The ids are known to be in 0..V-1.
 */
export function embedding(
  out: Float32Array,
  table: Float32Array,
  ids: Int32Array,
  cols: number,
  width: number,
  begin: number,
  end: number,
): void {
  for (let r = begin; r < end; r++) {
    const id = ids[r]!
    const at = Math.floor(id / width) * cols * width + (id % width)
    for (let c = 0; c < cols; c++) out[r * cols + c] = table[at + c * width]!
  }
}
