// Tensors as the bytes of a safetensors file, equal to those that the Python library writes for the same tensors.
import { bytesOf, type DType, type FileDType } from '../dtype.ts'
import { valueText } from '../errors.ts'
import { isFileDType, isHeaderDType } from './headerDType.ts'
import { type Fault, faultIn } from './headerFault.ts'
import { layOut, type Metadata } from './safetensorsLayout.ts'
import { byteLengthOf } from './tensorSize.ts'

/**
 * One tensor to be written: the bytes of `data` are taken as they are, little endian and row-major. A Tensor is one, so
 * that the state_dict() of a model can be written.
 */
export interface TensorData {
  /** As the file will name it; float32 and int32 become F32 and I32. */
  readonly dtype: FileDType | DType
  readonly shape: readonly number[]
  readonly data: ArrayBufferView
}

/** Name and value pairs, as a Map or an array has them. */
export type NamedTensors = Iterable<readonly [name: string, tensor: TensorData]>

interface Plan {
  /** The length of the header and the header. */
  readonly head: Uint8Array
  /** The data of the tensors in the order of the file. */
  readonly data: readonly Uint8Array[]
}

/**
 * Checks the tensors and lays them out. `file` is the name for messages. Throws FileError BAD_DTYPE, SIZE_MISMATCH (data and shape
 * differ), and as `layOut`.
 */
export function planSafetensors(tensors: NamedTensors, metadata: Metadata | undefined, file: string): Plan {
  const named = Array.from(tensors, ([name, { dtype, shape, data }]) => {
    return [name, { dtype: fileDType(dtype, faultIn(file, name)), shape, data }] as const
  })
  const { head, ordered } = layOut(named, metadata, file)
  return { head, data: ordered.map(([name, tensor]) => bytesOfTensor(tensor, faultIn(file, name))) }
}

/** The bytes of a whole file. Throws as `planSafetensors` does. */
export function encodeSafetensors(tensors: NamedTensors, metadata?: Metadata): Uint8Array {
  const { head, data } = planSafetensors(tensors, metadata, 'safetensors bytes')
  const out = new Uint8Array(data.reduce((size, bytes) => size + bytes.length, head.length))
  out.set(head)
  let at = head.length
  for (const bytes of data) {
    out.set(bytes, at)
    at += bytes.length
  }
  return out
}

function fileDType(dtype: FileDType | DType, fault: Fault): FileDType {
  const stored = dtype === 'float32' ? 'F32' : dtype === 'int32' ? 'I32' : dtype
  if (isHeaderDType(stored) && isFileDType(stored)) return stored
  throw fault('BAD_DTYPE', `has the dtype ${valueText(dtype)}, which cannot be written`, {
    hint: `known: ${Object.keys(bytesOf).join(', ')}`,
  })
}

function bytesOfTensor({ dtype, shape, data }: TensorData & { readonly dtype: FileDType }, fault: Fault): Uint8Array {
  const wanted = byteLengthOf(dtype, shape, fault)
  if (data.byteLength !== wanted) {
    throw fault('SIZE_MISMATCH', `has ${data.byteLength} bytes of data, and ${wanted} by dtype ${dtype} and shape`, {
      hint: 'data holds elements of dtype; nothing is converted',
      expected: wanted,
      got: data.byteLength,
    })
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
