// Rows of a table, by id: of float32 numbers, or of a small weight, whose numbers are restored on the way.
import { widenBF16, widenF16 } from './convert.ts'
import { paddedInputs } from './int8.ts'
import { blockLength, blocksOf, fromBFloat16, placeOf } from './q4.ts'

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

/** The same from a table of binary16 numbers. */
export const embeddingF16 = widened(widenF16)

/** The same from a table of bfloat16 numbers. */
export const embeddingBF16 = widened(widenBF16)

function widened(widen: typeof widenF16) {
  return (
    out: Float32Array,
    table: Uint16Array,
    ids: Int32Array,
    cols: number,
    width: number,
    begin: number,
    end: number,
  ): void => {
    const row = new Uint16Array(cols)
    for (let r = begin; r < end; r++) {
      const id = ids[r]!
      const at = Math.floor(id / width) * cols * width + (id % width)
      for (let c = 0; c < cols; c++) row[c] = table[at + c * width]!
      widen(out.subarray(r * cols, (r + 1) * cols), row, 0, cols)
    }
  }
}

/** The same from a table in int8 (int8.ts). */
export function embeddingInt8(
  out: Float32Array,
  table: Int8Array,
  scales: Float32Array,
  ids: Int32Array,
  cols: number,
  width: number,
  group: number,
  begin: number,
  end: number,
): void {
  for (let r = begin; r < end; r++) {
    const id = ids[r]!
    const at = Math.floor(id / width) * paddedInputs(cols) * width + (id % width) * group
    for (let c = 0; c < cols; c++) {
      out[r * cols + c] = table[at + Math.floor(c / group) * width * group + (c % group)]! * scales[id]!
    }
  }
}

/** The same from a table in 4 bits (q4.ts). */
export function embeddingQ4(
  out: Float32Array,
  table: Uint8Array,
  scales: Uint16Array,
  ids: Int32Array,
  cols: number,
  width: number,
  begin: number,
  end: number,
): void {
  const blocks = blocksOf(cols)
  for (let r = begin; r < end; r++) {
    const [panel, column] = [Math.floor(ids[r]! / width), ids[r]! % width]
    for (let c = 0; c < cols; c++) {
      const block = panel * blocks + Math.floor(c / blockLength)
      const [byte, shift] = placeOf(c % blockLength, column, width)
      const four = (table[block * 16 * width + byte]! >> shift) & 15
      out[r * cols + c] = (four - 8) * fromBFloat16(scales[block * width + column]!)
    }
  }
}
