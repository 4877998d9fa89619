// A zip file as PyTorch writes it: entries that are stored as they are, none inside another, none left to guess about.
import type { ByteSource } from '../byteSource.ts'
import { type Fault, quoted } from '../headerFault.ts'
import { Crc32 } from './crc32.ts'
import { pytorchFaultIn } from './pytorchFault.ts'
import { type ListedEntry, readZipDirectory } from './zipDirectory.ts'
import { localSignature } from './zipEnd.ts'

/** Where the bytes of one entry lie. */
export interface ZipEntry {
  readonly name: string
  readonly offset: number
  readonly size: number
  readonly crc: number
}

/** An entry with the place of its data and of its end. */
interface PlacedEntry extends ListedEntry {
  readonly offset: number
  readonly end: number
  /** Whether the header before the data has the same name. */
  readonly namesAgree: boolean
}

const localLength = 30
const encrypted = 0x2041
const streamed = 0x08
/** What may follow the data of an entry that was streamed: a signature, its checksum and two sizes of 8 bytes. */
const longestDescriptor = 24
/** Bytes that are summed up at a time. */
const pieceLength = 2 ** 20

/**
 * The entries by name. Throws FileError NOT_ZIP, LEGACY_FORMAT, LFS_POINTER, TRUNCATED, BAD_ZIP, TOO_MANY_ENTRIES, OVERLAP, ENCRYPTED, COMPRESSED,
 * UNSAFE_NAME, NAME_MISMATCH or DUPLICATE_ENTRY; nothing of an entry's data is read.
 */
export function readZip(source: ByteSource): Map<string, ZipEntry> {
  const fault = pytorchFaultIn(source.name)
  const { entries: listed, start } = readZipDirectory(source, fault)
  const placed = listed.map(entry => place(entry, start, source, fault))
  checkOrder(placed, start, fault)
  const entries = new Map<string, ZipEntry>()
  for (const entry of placed) {
    checkEntry(entry, fault)
    const { name, offset, size, crc } = entry
    if (entries.has(name)) {
      throw fault('DUPLICATE_ENTRY', `has two entries called ${quoted(name)}`, {
        hint: 'a checker and a loader could read different ones; save it again with torch.save',
      })
    }
    entries.set(name, { name, offset, size, crc })
  }
  return entries
}

/** Throws FileError CRC_MISMATCH when the bytes of an entry are not those it was written with. */
export function checkZipEntry(source: ByteSource, { name, offset, size, crc }: ZipEntry): void {
  const sum = new Crc32()
  const piece = new Uint8Array(Math.min(size, pieceLength))
  for (let done = 0; done < size; done += piece.length) {
    const part = piece.subarray(0, Math.min(piece.length, size - done))
    source.read(part, offset + done)
    sum.add(part)
  }
  if (sum.value === crc) return
  throw pytorchFaultIn(source.name)('CRC_MISMATCH', `has an entry ${quoted(name)} whose bytes have changed`, {
    expected: crc,
    got: sum.value,
  })
}

function place(entry: ListedEntry, directory: number, source: ByteSource, fault: Fault): PlacedEntry {
  const { name, nameBytes, headerOffset, packedSize } = entry
  const outside = () => fault('BAD_ZIP', `has an entry ${quoted(name)} that lies outside of it`)
  const header = new Uint8Array(localLength + nameBytes.length)
  if (headerOffset + header.length > directory) throw outside()
  source.read(header, headerOffset)
  const view = new DataView(header.buffer)
  if (view.getUint32(0, true) !== localSignature)
    throw fault('BAD_ZIP', `has no entry ${quoted(name)} where its list says`)
  const nameLength = view.getUint16(26, true)
  const offset = headerOffset + localLength + nameLength + view.getUint16(28, true)
  if (offset + packedSize > directory) throw outside()
  const namesAgree = nameLength === nameBytes.length && nameBytes.every((byte, i) => byte === header[localLength + i])
  return { ...entry, offset, end: offset + packedSize, namesAgree }
}

/** Entries follow each other from the first byte to the list, with nothing hidden between them. */
function checkOrder(entries: readonly PlacedEntry[], directory: number, fault: Fault): void {
  let filled = 0
  let slack = 0
  const checkStart = (start: number): void => {
    if (start <= filled + slack) return
    const message = `has ${start - filled} bytes at byte ${filled} that belong to no entry`
    throw fault('BAD_ZIP', message, {
      hint: 'something is hidden there, or it is damaged: save it again with torch.save',
    })
  }
  for (const { name, flags, headerOffset, end } of [...entries].sort((a, b) => a.headerOffset - b.headerOffset)) {
    if (headerOffset < filled) throw fault('OVERLAP', `has an entry ${quoted(name)} that lies inside another`)
    checkStart(headerOffset)
    filled = end
    slack = flags & streamed ? longestDescriptor : 0
  }
  checkStart(directory)
}

function checkEntry({ name, flags, method, packedSize, size, namesAgree }: PlacedEntry, fault: Fault): void {
  if (flags & encrypted) throw fault('ENCRYPTED', `has an entry ${quoted(name)} that is encrypted`)
  if (method !== 0) {
    throw fault('COMPRESSED', `has an entry ${quoted(name)} that is compressed`, {
      hint: 'PyTorch compresses no weights: is it a TorchScript program? Then torch.save(torch.jit.load(path).state_dict(), path)',
      got: method,
    })
  }
  if (packedSize !== size) throw fault('BAD_ZIP', `has an entry ${quoted(name)} with two different sizes`)
  if (!isSafe(name)) throw fault('UNSAFE_NAME', `has an entry with the unsafe name ${quoted(name)}`)
  if (namesAgree) return
  throw fault('NAME_MISMATCH', `has an entry that is called ${quoted(name)} in the list and not in its own header`)
}

/** A relative path of plain names, under the rules of every system. */
function isSafe(name: string): boolean {
  return !/[\\:\p{Cc}]/u.test(name) && name.split('/').every(part => part !== '' && part !== '.' && part !== '..')
}
