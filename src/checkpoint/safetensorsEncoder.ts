// Tensors as the bytes of a safetensors file, equal to those that the Python library writes for the same tensors.
import { bytesOf, type DType, type FileDType } from '../dtype.ts'
import { valueText } from '../errors.ts'
import { bitsOf, isFileDType, isHeaderDType } from './headerDType.ts'
import { mostEntries } from './headerEntries.ts'
import { type Fault, faultIn } from './headerFault.ts'
import { lengthBytes, mostHeaderBytes } from './safetensorsHeader.ts'
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

/** Pieces of text kept beside the tensors, for instance { format: 'pt' }; written sorted by name. */
export type Metadata = ReadonlyMap<string, string> | Readonly<Record<string, string>>

interface StoredTensor extends TensorData {
  readonly dtype: FileDType
}

interface Plan {
  /** The length of the header and the header. */
  readonly head: Uint8Array
  /** The data of the tensors in the order of the file. */
  readonly data: readonly Uint8Array[]
}

/**
 * Checks the tensors and lays them out: types of wide elements first, then by name, the header padded with spaces to a
 * multiple of 8 bytes. `file` is the name for messages. Throws FileError BAD_NAME (reserved, or half a surrogate pair),
 * BAD_DTYPE, DUPLICATE_KEY, SIZE_MISMATCH (data and shape differ), BAD_SHAPE, OVERFLOW, TOO_MANY_ENTRIES or
 * HEADER_TOO_LARGE.
 */
export function planSafetensors(tensors: NamedTensors, metadata: Metadata | undefined, file: string): Plan {
  const fault = faultIn(file)
  const named = new Map<string, { tensor: StoredTensor; bytes: Uint8Array }>()
  for (const [name, { dtype, shape, data }] of tensors) {
    if (named.has(name)) throw faultIn(file, name)('DUPLICATE_KEY', 'was given twice', { hint: 'names must differ' })
    const tensor = { dtype: fileDType(dtype, faultIn(file, name)), shape, data }
    named.set(name, { tensor, bytes: bytesOfTensor(name, tensor, file) })
  }
  checkCount(named.size, 'tensors', fault)
  const ordered = [...named].sort(([a, { tensor: left }], [b, { tensor: right }]) => {
    return rankOf(right.dtype) - rankOf(left.dtype) || byCodePoint(a, b)
  })
  const fields = metadata === undefined ? [] : [metadataField(metadata, file)]
  let end = 0
  for (const [name, { tensor, bytes }] of ordered) {
    const begin = end
    end += bytes.length
    const { dtype, shape } = tensor
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`)
  }
  const header = new TextEncoder().encode(`{${fields.join(',')}}`)
  const padded = Math.ceil(header.length / 8) * 8
  if (padded > mostHeaderBytes) {
    throw fault('HEADER_TOO_LARGE', `would have a header of ${padded} bytes; the most is ${mostHeaderBytes}`, {
      hint: 'shorten the metadata or write several files',
    })
  }
  const head = new Uint8Array(lengthBytes + padded).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true)
  head.set(header, lengthBytes)
  return { head, data: ordered.map(([, { bytes }]) => bytes) }
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

function bytesOfTensor(name: string, { dtype, shape, data }: StoredTensor, file: string): Uint8Array {
  const fault = faultIn(file, name)
  if (name === '__metadata__' || !isWellFormed(name)) {
    throw fault('BAD_NAME', name === '__metadata__' ? 'has a reserved name' : 'has half a surrogate pair in its name', {
      hint: 'give it another name',
    })
  }
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

function metadataField(metadata: Metadata, file: string): string {
  const entries = metadata instanceof Map ? [...metadata] : Object.entries(metadata)
  checkCount(entries.length, 'entries of metadata', faultIn(file))
  entries.sort(([a], [b]) => byCodePoint(a, b))
  const pairs = entries.map(([key, value]) => {
    if (typeof value !== 'string' || !isWellFormed(key) || !isWellFormed(value)) {
      throw faultIn(file)(
        'BAD_METADATA',
        `cannot hold the metadata entry ${JSON.stringify(key)}: not well-formed text`,
        {
          hint: 'metadata values are strings; write JSON text for anything else',
          field: key,
        },
      )
    }
    return `${JSON.stringify(key)}:${JSON.stringify(value)}`
  })
  return `"__metadata__":{${pairs.join(',')}}`
}

function checkCount(count: number, what: string, fault: Fault): void {
  if (count <= mostEntries) return
  throw fault('TOO_MANY_ENTRIES', `would hold ${count} ${what}; the most is ${mostEntries}`, {
    hint: 'write several files',
  })
}

const ranks = new Map([...bitsOf.keys()].map((dtype, rank) => [dtype, rank]))

function rankOf(dtype: FileDType): number {
  return ranks.get(dtype)!
}

/** The order of the UTF-8 bytes, which `<` on strings is not for characters above U+FFFF. */
function byCodePoint(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  const at = left.findIndex((character, i) => character !== right[i])
  if (at < 0) return left.length - right.length
  return (left[at]?.codePointAt(0) ?? -1) - (right[at]?.codePointAt(0) ?? -1)
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}
