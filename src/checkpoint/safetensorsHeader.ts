// The header of a safetensors file, checked against the size of the file, before anything it says is believed.
import { shapeText } from '../shape.ts'
import { type ByteSource, truncated } from './byteSource.ts'
import { foreignFormat, foreignHeadLength } from './foreign.ts'
import type { HeaderDType } from './headerDType.ts'
import { type HeaderEntry, readEntries } from './headerEntries.ts'
import { type Fault, faultIn } from './headerFault.ts'

/** Where one tensor lies and how it is encoded. */
export interface TensorInfo {
  readonly dtype: HeaderDType
  readonly shape: readonly number[]
  /** First byte, counted from the beginning of the file. */
  readonly offset: number
  readonly byteLength: number
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorInfo>
  readonly metadata: ReadonlyMap<string, string>
}

/** The file begins with the length of its header in so many bytes. */
export const lengthBytes = 8

/** The longest header the reference reads. */
export const mostHeaderBytes = 100_000_000

/**
 * Reads and checks the header. Nothing is allocated by a number of the file before the file is known to hold as many bytes. The
 * rules are those of the safetensors library, and some stricter: no name twice, at most 8 dims and 100,000 tensors, no size
 * above 2^53 - 1. Throws FileError: HEADER_TOO_SMALL, HEADER_TOO_LARGE, HEADER_LENGTH, HEADER_UTF8, the codes of `readEntries`,
 * HOLE, OVERLAP, SIZE_MISMATCH, TRUNCATED, TRAILING_BYTES; LFS_POINTER or NOT_SAFETENSORS for other files that are known.
 */
export function readHeader(source: ByteSource): SafetensorsHeader {
  const fault = faultIn(source.name)
  const length = headerLength(source, fault)
  const bytes = new Uint8Array(length)
  source.read(bytes, lengthBytes)
  checkUtf8(bytes, fault)
  const { tensors, metadata } = readEntries(bytes, source.name)
  return { tensors: place(tensors, lengthBytes + length, source), metadata }
}

function headerLength(source: ByteSource, fault: Fault): number {
  const { size } = source
  if (size < lengthBytes) {
    throw fault('HEADER_TOO_SMALL', `has ${size} bytes; a safetensors file has at least ${lengthBytes}`, {
      hint: 'was a download cut short? Fetch it again',
      expected: lengthBytes,
      got: size,
    })
  }
  const head = new Uint8Array(Math.min(size, foreignHeadLength))
  source.read(head, 0)
  const length = new DataView(head.buffer).getBigUint64(0, true)
  const room = size - lengthBytes
  if (length <= mostHeaderBytes && length <= room) return Number(length)
  const foreign = foreignFormat(head)
  if (foreign) throw fault(foreign.code, `is not safetensors but ${foreign.what}`, { hint: foreign.hint })
  if (length > mostHeaderBytes) {
    throw fault('HEADER_TOO_LARGE', `claims a header of ${length} bytes; the most is ${mostHeaderBytes}`, {
      hint: 'it is not a safetensors file, or its beginning is damaged: fetch it again',
      expected: mostHeaderBytes,
      got: String(length),
    })
  }
  throw fault('HEADER_LENGTH', `claims a header of ${length} bytes and has only ${room} bytes after its length`, {
    hint: 'was a download cut short? Fetch it again',
    expected: Number(length),
    got: room,
  })
}

/** Bytes decoded at a time: the text itself is not kept. */
const decodedAtOnce = 2 ** 16

function checkUtf8(bytes: Uint8Array, fault: Fault): void {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw fault('HEADER_UTF8', 'has a header that begins with a byte order mark')
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    for (let at = 0; at < bytes.length; at += decodedAtOnce) {
      decoder.decode(bytes.subarray(at, at + decodedAtOnce), { stream: true })
    }
    decoder.decode()
  } catch (cause) {
    throw fault('HEADER_UTF8', 'has a header that is not UTF-8', { cause })
  }
}

/** Checks that the tensors fill the data without holes, overlaps or rest; then their places count. */
function place(
  entries: ReadonlyMap<string, HeaderEntry>,
  dataStart: number,
  { name: file, size }: ByteSource,
): Map<string, TensorInfo> {
  const tensors = new Map<string, TensorInfo>()
  let filled = 0
  for (const [name, entry] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    const { dtype, shape, byteLength, begin, end } = entry
    const fault = faultIn(file, name)
    if (begin !== filled) {
      const [code, what] = begin < filled ? ['OVERLAP', 'inside another tensor'] : ['HOLE', 'behind unused bytes']
      const facts = { field: 'data_offsets', expected: filled, got: begin }
      throw fault(code, `begins ${what}: at byte ${begin} of the data, not at ${filled}`, facts)
    }
    if (end - begin !== byteLength) {
      const facts = { field: 'data_offsets', expected: byteLength, got: end - begin }
      const wanted = `${byteLength} that dtype ${dtype} and shape ${shapeText(shape)} need`
      throw fault('SIZE_MISMATCH', `has ${end - begin} bytes by its data_offsets, not the ${wanted}`, facts)
    }
    tensors.set(name, { dtype, shape, offset: dataStart + begin, byteLength })
    filled = end
  }
  checkEnd(dataStart + filled, size, file)
  return tensors
}

function checkEnd(wanted: number, size: number, file: string): void {
  if (size < wanted) throw truncated(file, wanted, size)
  if (size > wanted) {
    throw faultIn(file)('TRAILING_BYTES', `has ${size} bytes; its tensors end at byte ${wanted}`, {
      hint: 'something was appended to it, or its header is damaged: fetch it again',
      expected: wanted,
      got: size,
    })
  }
}
