// Numbers as users hand them in: nested arrays, typed arrays, single numbers. Checked and laid out flat.
import type { TensorValues } from '../backend.ts'
import { type DType, fitsInt32 } from '../dtype.ts'
import { ShapeError, valueText } from '../errors.ts'
import { type Shape, shapeText } from '../shape.ts'
import { refuseTfjs } from '../tensor/tfjsTensor.ts'

/** Numbers in row-major order, the shape they came in, and the type that their form suggests. */
export interface FlatValues {
  readonly values: ArrayLike<number>
  readonly shape: Shape
  readonly dtype: DType
}

/** PyTorch's limit, and a bound on arrays that hold themselves. */
const mostDims = 64

/**
 * The numbers in `given`. Throws ShapeError RAGGED when rows differ in shape, BAD_TYPE for anything but numbers,
 * bigints and truth values, BAD_SHAPE for more than 64 dims; VitrineError BACKEND_MISMATCH for a tensor of tfjs.
 */
export function flatten(given: TensorValues, op: string): FlatValues {
  if (isTypedArray(given)) {
    const isWhole = !(given instanceof Float32Array || given instanceof Float64Array)
    return { values: numbersIn(given), shape: [given.length], dtype: isWhole ? 'int32' : 'float32' }
  }
  const values: number[] = []
  const shape = collect(given, values, op, 0)
  return { values, shape, dtype: 'float32' }
}

/** Throws ShapeError BAD_VALUE for NaN and for numbers beyond 32 bits. Fractions are dropped later, as in PyTorch. */
export function checkInt32(values: ArrayLike<number>, op: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!fitsInt32(values[i]!)) {
      throw new ShapeError('BAD_VALUE', `${op}: int32 cannot hold ${values[i]}, at place ${i}`)
    }
  }
}

function collect(given: unknown, into: number[], op: string, depth: number): number[] {
  if (!Array.isArray(given) && !isTypedArray(given)) {
    into.push(numberFrom(given, op))
    return []
  }
  if (depth === mostDims) throw new ShapeError('BAD_SHAPE', `${op}: arrays are nested more than ${mostDims} deep`)
  let inner: number[] | undefined
  for (const item of given) {
    const shape = collect(item, into, op, depth + 1)
    if (inner && inner.join() !== shape.join()) {
      throw new ShapeError('RAGGED', `${op}: rows of different shapes, ${shapeText(inner)} and ${shapeText(shape)}`)
    }
    inner = shape
  }
  return [given.length, ...(inner ?? [])]
}

function numberFrom(value: unknown, op: string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
  refuseTfjs(value, `${op}: what was given`)
  throw new ShapeError('BAD_TYPE', `${op}: expected numbers or nested arrays of numbers, got ${valueText(value)}`)
}

type AnyTypedArray = Extract<TensorValues, { readonly buffer: unknown }>

function isTypedArray(value: unknown): value is AnyTypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

function numbersIn(array: AnyTypedArray): ArrayLike<number> {
  return array instanceof BigInt64Array || array instanceof BigUint64Array ? Array.from(array, Number) : array
}
