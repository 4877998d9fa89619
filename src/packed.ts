// Small weights outside of a back end: the shapes of their two arrays, and the numbers that these stand for. int8: a number is its
// code times the scale of its output, so that codes * scales, broadcast, is the weight. q4: 32 inputs of an output are a block
// of 16 bytes along the dim of the inputs, of which byte j has inputs j and j + 16, the latter in the upper four bits; a number
// is (its four bits - 8) * the scale of its block.
import { blockLength, blocksOf, fromBFloat16 } from '../kernels/q4.ts'
import type { Packed, PackedKind, TensorSource } from './dtype.ts'
import type { Shape } from './shape.ts'

/** What the two arrays hold. */
export const packedDTypes = {
  int8: { codes: 'I8', scales: 'F32' },
  q4: { codes: 'U8', scales: 'BF16' },
} as const satisfies Record<PackedKind, object>

/** Bytes in a block of q4. */
export const blockBytes = blockLength / 2

/** The shapes of the arrays of a weight of two dims. */
export function packedShapes(
  kind: PackedKind,
  shape: Shape,
  outputs: Packed['outputs'],
): { readonly codes: Shape; readonly scales: Shape } {
  const [rows = 0, cols = 0] = shape
  const ofOutputs = (count: number): Shape => (outputs === 0 ? [rows, count] : [count, cols])
  if (kind === 'int8') return { codes: shape, scales: ofOutputs(1) }
  const blocks = blocksOf(outputs === 0 ? cols : rows)
  return { codes: ofOutputs(blockBytes * blocks), scales: ofOutputs(blocks) }
}

/** The weight of `shape` as float32 numbers, with its arrays beside them. */
export function unpacked(packed: Packed, shape: Shape): TensorSource {
  const [, cols = 0] = shape
  return {
    dtype: 'F32',
    shape,
    packed,
    read(target, offset) {
      const [start, count] = [offset / 4, target.length / 4]
      if (count === 0) return
      const [first, last] = [Math.floor(start / cols), Math.floor((start + count - 1) / cols)]
      const numberAt = packed.kind === 'int8' ? int8Rows(packed, first, last, cols) : q4Rows(packed, first, last, cols)
      const numbers = new Float32Array(count)
      for (let at = 0; at < count; at++) numbers[at] = numberAt(Math.floor((start + at) / cols), (start + at) % cols)
      target.set(new Uint8Array(numbers.buffer))
    },
  }
}

type NumberAt = (row: number, col: number) => number

/** The numbers in rows first..last. */
function int8Rows({ codes, scales, outputs }: Packed, first: number, last: number, cols: number): NumberAt {
  const whole = new Int8Array(bytesOfRows(codes, first, last, cols).buffer)
  const factors = new Float32Array(
    (outputs === 0 ? bytesOfRows(scales, first, last, 4) : bytesOfRows(scales, 0, 0, 4 * cols)).buffer,
  )
  return (row, col) => whole[(row - first) * cols + col]! * factors[outputs === 0 ? row - first : col]!
}

function q4Rows({ codes, scales, outputs }: Packed, first: number, last: number, cols: number): NumberAt {
  const fourBits = (bytes: Uint8Array, at: number, input: number) =>
    ((bytes[at]! >> (input % blockLength < blockBytes ? 0 : 4)) & 15) - 8
  if (outputs === 0) {
    const blocks = blocksOf(cols)
    const bytes = bytesOfRows(codes, first, last, blocks * blockBytes)
    const factors = new Uint16Array(bytesOfRows(scales, first, last, 2 * blocks).buffer)
    return (row, col) => {
      const block = (row - first) * blocks + Math.floor(col / blockLength)
      return fourBits(bytes, block * blockBytes + (col % blockBytes), col) * fromBFloat16(factors[block]!)
    }
  }
  const [begin, end] = [Math.floor(first / blockLength), Math.floor(last / blockLength)]
  const bytes = bytesOfRows(codes, begin * blockBytes, end * blockBytes + blockBytes - 1, cols)
  const factors = new Uint16Array(bytesOfRows(scales, begin, end, 2 * cols).buffer)
  return (row, col) => {
    const block = Math.floor(row / blockLength) - begin
    const at = (block * blockBytes + (row % blockBytes)) * cols + col
    return fourBits(bytes, at, row) * fromBFloat16(factors[block * cols + col]!)
  }
}

function bytesOfRows(source: TensorSource, first: number, last: number, rowBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((last - first + 1) * rowBytes)
  source.read(bytes, first * rowBytes)
  return bytes
}
