// The list of entries at the end of a zip file: what it says of each, read without believing it.
import type { ByteSource } from '../byteSource.ts'
import { type Fault, quoted } from '../headerFault.ts'
import { readZipEnd } from './zipEnd.ts'

/** An entry as the central directory describes it. */
export interface ListedEntry {
  readonly name: string
  readonly nameBytes: Uint8Array
  readonly flags: number
  readonly method: number
  readonly crc: number
  /** Bytes in the file, and bytes once unpacked. */
  readonly packedSize: number
  readonly size: number
  /** Where its own header begins. */
  readonly headerOffset: number
}

export interface ZipDirectory {
  readonly entries: readonly ListedEntry[]
  /** Where the list begins: the entries' data end before it. */
  readonly start: number
}

/** The most entries a file may list: a tensor takes one, and the largest models have some thousand. */
export const mostZipEntries = 100_000

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const signature = 0x02014b50
const fixedLength = 46
const zip64Id = 1
const in64 = 0xffffffff

/** Reads the list. Throws what `fault` makes of BAD_ZIP, TOO_MANY_ENTRIES, UNSAFE_NAME and the codes of `readZipEnd`. */
export function readZipDirectory(source: ByteSource, fault: Fault): ZipDirectory {
  const end = readZipEnd(source, fault)
  if (end.entries > mostZipEntries) {
    throw fault('TOO_MANY_ENTRIES', `lists ${end.entries} entries; the most is ${mostZipEntries}`)
  }
  const bytes = new Uint8Array(end.size)
  source.read(bytes, end.offset)
  const entries: ListedEntry[] = []
  let at = 0
  while (at < bytes.length) {
    const { entry, length } = readEntry(bytes.subarray(at), fault)
    entries.push(entry)
    at += length
    if (entries.length > end.entries) break
  }
  if (entries.length !== end.entries) {
    const found = entries.length > end.entries ? 'more' : entries.length
    throw fault('BAD_ZIP', `should list ${end.entries} entries and lists ${found}`, { expected: end.entries })
  }
  return { entries, start: end.offset }
}

function readEntry(bytes: Uint8Array, fault: Fault): { entry: ListedEntry; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < fixedLength || view.getUint32(0, true) !== signature) {
    throw fault('BAD_ZIP', 'has a list of entries that cannot be read')
  }
  const nameLength = view.getUint16(28, true)
  const extraLength = view.getUint16(30, true)
  const length = fixedLength + nameLength + extraLength + view.getUint16(32, true)
  if (length > bytes.length) throw fault('BAD_ZIP', 'has a list of entries that ends inside one')
  const nameBytes = bytes.subarray(fixedLength, fixedLength + nameLength)
  const name = nameOf(nameBytes, fault)
  if (view.getUint16(34, true) !== 0) throw fault('BAD_ZIP', `has the entry ${quoted(name)} on another disk`)
  const extra = bytes.subarray(fixedLength + nameLength, fixedLength + nameLength + extraLength)
  const sizes = [view.getUint32(24, true), view.getUint32(20, true), view.getUint32(42, true)]
  const [size, packedSize, headerOffset] = wide(sizes, extra, name, fault)
  const entry = {
    name,
    nameBytes,
    flags: view.getUint16(8, true),
    method: view.getUint16(10, true),
    crc: view.getUint32(16, true),
    packedSize: packedSize!,
    size: size!,
    headerOffset: headerOffset!,
  }
  return { entry, length }
}

/** Names are compared as text, so they must be UTF-8; PyTorch's are ASCII. */
function nameOf(bytes: Uint8Array, fault: Fault): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw fault('UNSAFE_NAME', 'has an entry whose name is not UTF-8', { cause })
  }
}

/** Each of `fields`, taken from the zip64 extra field where it does not fit into 32 bits. */
function wide(fields: readonly number[], extra: Uint8Array, name: string, fault: Fault): number[] {
  if (!fields.includes(in64)) return [...fields]
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength)
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true)
    const wanted = 8 * fields.filter(field => field === in64).length
    if (view.getUint16(at, true) === zip64Id && length >= wanted && at + 4 + length <= extra.length) {
      let next = at + 4
      return fields.map(field => {
        if (field !== in64) return field
        next += 8
        return Number(view.getBigUint64(next - 8, true))
      })
    }
    at += 4 + length
  }
  throw fault('BAD_ZIP', `has the entry ${quoted(name)} without the zip64 sizes that it refers to`)
}
