// Where tensors lie in a safetensors file, as the Python library would place them, and the header that says so.
import type { FileDType } from '../dtype.ts'
import { bitsOf } from './headerDType.ts'
import { mostEntries } from './headerEntries.ts'
import { type Fault, faultIn } from './headerFault.ts'
import { lengthBytes, mostHeaderBytes } from './safetensorsHeader.ts'
import { byteLengthOf } from './tensorSize.ts'

/** Pieces of text kept beside the tensors, for instance { format: 'pt' }; written sorted by name. */
export type Metadata = ReadonlyMap<string, string> | Readonly<Record<string, string>>

/** What the header says of a tensor. */
export interface Described {
  readonly dtype: FileDType
  readonly shape: readonly number[]
}

export interface Layout<T> {
  /** The length of the header and the header. */
  readonly head: Uint8Array
  /** The tensors in the order of the file. */
  readonly ordered: readonly (readonly [name: string, tensor: T])[]
}

/**
 * Types of wide elements come first, then names in their order; the header is padded with spaces to a multiple of 8 bytes. `file` is
 * the name for messages. Throws FileError BAD_NAME (reserved, or half a surrogate pair), DUPLICATE_KEY, BAD_SHAPE, OVERFLOW,
 * BAD_METADATA, TOO_MANY_ENTRIES or HEADER_TOO_LARGE.
 */
export function layOut<T extends Described>(
  tensors: Iterable<readonly [name: string, tensor: T]>,
  metadata: Metadata | undefined,
  file: string,
): Layout<T> {
  const fault = faultIn(file)
  const named = new Map<string, T>()
  for (const [name, tensor] of tensors) {
    if (named.has(name)) throw faultIn(file, name)('DUPLICATE_KEY', 'was given twice', { hint: 'names must differ' })
    checkName(name, file)
    named.set(name, tensor)
  }
  checkCount(named.size, 'tensors', fault)
  const ordered = [...named].sort(
    ([a, left], [b, right]) => ranks.get(right.dtype)! - ranks.get(left.dtype)! || byCodePoint(a, b),
  )
  const fields = metadata === undefined ? [] : [metadataField(metadata, file)]
  let end = 0
  for (const [name, { dtype, shape }] of ordered) {
    const begin = end
    end += byteLengthOf(dtype, shape, faultIn(file, name))
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`)
  }
  return { head: headOf(`{${fields.join(',')}}`, fault), ordered }
}

function headOf(text: string, fault: Fault): Uint8Array {
  const header = new TextEncoder().encode(text)
  const padded = Math.ceil(header.length / 8) * 8
  if (padded > mostHeaderBytes) {
    throw fault('HEADER_TOO_LARGE', `would have a header of ${padded} bytes; the most is ${mostHeaderBytes}`, {
      hint: 'shorten the metadata or write several files',
    })
  }
  const head = new Uint8Array(lengthBytes + padded).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true)
  head.set(header, lengthBytes)
  return head
}

function checkName(name: string, file: string): void {
  if (name !== '__metadata__' && isWellFormed(name)) return
  const what = name === '__metadata__' ? 'has a reserved name' : 'has half a surrogate pair in its name'
  throw faultIn(file, name)('BAD_NAME', what, { hint: 'give it another name' })
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
