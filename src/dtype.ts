// The number types: what tensors compute in, and what files may hold.
import { ShapeError, valueText } from './errors.ts'

/** What a Tensor holds: numbers (float32) or ids, indices and truth values (int32). */
export type DType = 'float32' | 'int32'

const dtypes: readonly string[] = ['float32', 'int32'] satisfies DType[]

/**
 * What the numbers of a weight are kept as: in full; in two bytes; in one with a scale for each output; or in four bits with
 * a scale for each 32 inputs. They are always computed with as float32, or as whole numbers with a float32 result.
 */
export const weightDTypes = ['float32', 'float16', 'bfloat16', 'int8', 'q4'] as const

export type WeightDType = (typeof weightDTypes)[number]

/** Throws ShapeError BAD_DTYPE unless tensors can hold `dtype`; `op` is named in the error. */
export function checkDType(dtype: unknown, op: string): asserts dtype is DType {
  if (typeof dtype === 'string' && dtypes.includes(dtype)) return
  throw new ShapeError('BAD_DTYPE', `${op}: there is no dtype ${valueText(dtype)}`, {
    hint: `known: ${dtypes.join(', ')}`,
  })
}

/** Whether int32 holds a number, apart from its fraction. */
export function fitsInt32(value: number): boolean {
  return value > -(2 ** 31) - 1 && value < 2 ** 31
}

/** How one element of a stored tensor is encoded, by the names safetensors uses. */
export type FileDType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL'

/** Bytes of one element. */
export const bytesOf: Readonly<Record<FileDType | DType, number>> = {
  float32: 4,
  int32: 4,
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
}

export type TypedArray = Float32Array | Int32Array

/** A new zeroed array for `length` elements of `dtype`. */
export function newArray(dtype: DType, length: number): TypedArray {
  return dtype === 'float32' ? new Float32Array(length) : new Int32Array(length)
}

/**
 * The elements of one stored tensor, read in pieces: what a file format offers and a back end pulls from.
 * Nothing is read before `read` is called, so a back end can hand in its own memory.
 */
export interface TensorSource {
  readonly dtype: FileDType
  readonly shape: readonly number[]
  /**
   * Fills `target` with the tensor's bytes from byte `offset` on (little endian, row-major). Throws FileError when they
   * cannot be had.
   */
  read(target: Uint8Array, offset: number): void
  /** What the numbers are made of, where they are stored small: a back end that keeps them so can take it as it is. */
  readonly packed?: Packed | undefined
}

/** Kinds of weights that are whole numbers with scales. */
export type PackedKind = Extract<WeightDType, 'int8' | 'q4'>

/** The two arrays of a small weight of two dims, in its own order (packed.ts). */
export interface Packed {
  readonly kind: PackedKind
  /** The dim of its outputs: the first one where it is a Linear's or a table, the second one where it is a Conv1D's. */
  readonly outputs: 0 | 1
  readonly codes: TensorSource
  readonly scales: TensorSource
}
