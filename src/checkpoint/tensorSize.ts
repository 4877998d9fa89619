// How many bytes a stored tensor takes, computed without ever leaving the integers that float64 holds exactly.
import { shapeText } from '../shape.ts'
import { bitsOf, type HeaderDType } from './headerDType.ts'
import type { Fault } from './headerFault.ts'

/** Dims a tensor may have; PyTorch's own checkpoints stay below five. */
export const mostDims = 8

/**
 * Bytes of a tensor of `dtype` and `shape`. Throws what `fault` makes of BAD_SHAPE (a dim that is no whole number >= 0, or too
 * many dims), OVERFLOW (a dim, the product of the dims or the number of bits is above 2^53 - 1, also when another dim is 0),
 * MISALIGNED (the last byte would be half used).
 */
export function byteLengthOf(dtype: HeaderDType, shape: readonly number[], fault: Fault): number {
  if (shape.length > mostDims) {
    throw fault('BAD_SHAPE', `has ${shape.length} dims and may have ${mostDims}`, {
      field: 'shape',
      expected: mostDims,
    })
  }
  if (!shape.every(dim => dim >= 0 && Number.isInteger(dim))) {
    throw fault('BAD_SHAPE', `has the shape ${shapeText(shape)}; dims are whole numbers from 0 on`, {
      field: 'shape',
      got: shape,
    })
  }
  const bits = bitsOf.get(dtype)!
  const spread = shape.reduce((product, dim) => checkedProduct(product, Math.max(dim, 1)), 1)
  if (!Number.isSafeInteger(checkedProduct(spread, bits))) {
    throw fault('OVERFLOW', `of dtype ${dtype} and shape ${shapeText(shape)} is too large to count`, {
      field: 'shape',
      expected: `at most ${Number.MAX_SAFE_INTEGER} bits`,
      got: shape,
    })
  }
  const size = shape.includes(0) ? 0 : spread * bits
  if (size % 8 !== 0) {
    throw fault('MISALIGNED', `of dtype ${dtype} and shape ${shapeText(shape)} ends inside a byte`, {
      field: 'shape',
      expected: 'a multiple of 8 bits',
      got: `${size} bits`,
    })
  }
  return size / 8
}

/** a * b, or Infinity when the exact product is not sure to fit. */
function checkedProduct(a: number, b: number): number {
  return Number.isSafeInteger(a) && Number.isSafeInteger(b) && Number.isSafeInteger(a * b) ? a * b : Infinity
}
