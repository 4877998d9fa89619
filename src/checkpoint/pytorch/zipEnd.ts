// The end of a zip file, which says where its list of entries lies (APPNOTE 4.3.14 to 4.3.16, zip64 included).
import type { ByteSource } from '../byteSource.ts'
import type { Fault } from '../headerFault.ts'
import { otherFormat } from './otherFormats.ts'

/** Where the central directory lies and what it should hold. */
export interface ZipEnd {
  readonly entries: number
  readonly offset: number
  readonly size: number
}

const endSignature = 0x06054b50
const endLength = 22
const end64Signature = 0x06064b50
const end64Length = 56
const locatorSignature = 0x07064b50
const locatorLength = 20
/** What stands before an entry's data. */
export const localSignature = 0x04034b50
/** What the 16 and 32 bit fields hold when the zip64 record has the number. */
const in64 = { short: 0xffff, long: 0xffffffff }
/** The longest comment that a zip file can end with. */
const mostComment = 0xffff

/**
 * Reads the last record. Nothing may follow it, the directory must end where it begins, and a comment must be empty: else a file
 * could be two things at once. Throws what `fault` makes of TRUNCATED (the end is
 * missing), BAD_ZIP and the codes of `otherFormat`.
 */
export function readZipEnd(source: ByteSource, fault: Fault): ZipEnd {
  const position = source.size - endLength
  if (position < 0) throw withoutEnd(source, fault)
  const end = viewOf(source, position, endLength)
  if (end.getUint32(0, true) !== endSignature) throw withoutEnd(source, fault)
  if (end.getUint16(20, true) !== 0) throw fault('BAD_ZIP', 'ends inside the comment of a zip file')
  if (end.getUint16(4, true) !== 0 || end.getUint16(6, true) !== 0) {
    throw fault('BAD_ZIP', 'is one disk of several: such zip files are not read')
  }
  const [here, entries] = [end.getUint16(8, true), end.getUint16(10, true)]
  const [size, offset] = [end.getUint32(12, true), end.getUint32(16, true)]
  if (here !== entries) throw fault('BAD_ZIP', `counts ${entries} entries, ${here} of them on this disk`)
  const is64 = entries === in64.short || size === in64.long || offset === in64.long || hasLocator(source, position)
  const found = is64 ? readEnd64(source, position, fault) : { entries, offset, size, start: position }
  if (found.offset + found.size !== found.start) {
    throw fault(
      'BAD_ZIP',
      `has its list of entries at bytes ${found.offset} to ${found.offset + found.size}, not before its end`,
      {
        expected: found.start,
        got: found.offset + found.size,
        hint: 'something was put before or behind the zip file, or it is damaged: fetch it again',
      },
    )
  }
  return found
}

/** PyTorch writes a zip64 record also where it is not needed. */
function hasLocator(source: ByteSource, position: number): boolean {
  const start = position - locatorLength
  return start >= 0 && viewOf(source, start, 4).getUint32(0, true) === locatorSignature
}

/** The same from the zip64 record before `position`; `start` is where that record begins. */
function readEnd64(source: ByteSource, position: number, fault: Fault): ZipEnd & { start: number } {
  const start = position - locatorLength - end64Length
  if (start < 0) throw fault('BAD_ZIP', 'has no zip64 record, although its end refers to one')
  const view = viewOf(source, start, end64Length + locatorLength)
  const isThere =
    view.getUint32(0, true) === end64Signature &&
    view.getUint32(end64Length, true) === locatorSignature &&
    view.getBigUint64(4, true) === BigInt(end64Length - 12) &&
    view.getBigUint64(end64Length + 8, true) === BigInt(start)
  if (!isThere) throw fault('BAD_ZIP', 'has no zip64 record, although its end refers to one')
  if (
    [16, 20, end64Length + 4].some(at => view.getUint32(at, true) !== 0) ||
    view.getUint32(end64Length + 16, true) > 1
  ) {
    throw fault('BAD_ZIP', 'is one disk of several: such zip files are not read')
  }
  const [entries, size, offset] = [32, 40, 48].map(at => Number(view.getBigUint64(at, true)))
  return { entries: entries!, size: size!, offset: offset!, start }
}

/** Why there is no end record where it should be. */
function withoutEnd(source: ByteSource, fault: Fault): Error {
  const isZip = source.size >= 4 && viewOf(source, 0, 4).getUint32(0, true) === localSignature
  if (!isZip) return otherFormat(source, fault)
  const length = Math.min(source.size, endLength + mostComment)
  const tail = new Uint8Array(length)
  source.read(tail, source.size - length)
  const view = new DataView(tail.buffer)
  for (let at = length - endLength; at >= 0; at--) {
    if (view.getUint32(at, true) === endSignature) {
      return fault('BAD_ZIP', `has ${length - at - endLength} bytes behind the end of the zip file`, {
        hint: 'PyTorch writes nothing there; fetch it again',
      })
    }
  }
  return fault('TRUNCATED', 'ends too early: the list of its entries is missing', {
    hint: 'was a download cut short? Fetch it again',
    got: source.size,
  })
}

function viewOf(source: ByteSource, position: number, length: number): DataView {
  const bytes = new Uint8Array(length)
  source.read(bytes, position)
  return new DataView(bytes.buffer)
}
