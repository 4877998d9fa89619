// Zip files made by hand, as torch lays them out or with one thing wrong, for tests of the reader.
import { Crc32 } from '../../src/checkpoint/pytorch/crc32.ts'

export interface ZipPart {
  readonly name: string
  readonly data: Uint8Array
  /** The name in the header before the data. */
  readonly localName?: string
  /** Bytes of padding before the data, in an extra field as torch writes it. */
  readonly padding?: number
  /** Flag bit 3: the checksum and the sizes follow the data. */
  readonly streamed?: boolean
  readonly flags?: number
  readonly method?: number
  readonly crc?: number
}

export interface ZipShape {
  /** The sizes and places stand in 64 bits. */
  readonly zip64?: boolean
  readonly comment?: string
  /** Bytes between the last entry and the list. */
  readonly gap?: number
  readonly entries?: number
}

function bytes(length: number, fill: (view: DataView) => void): Uint8Array {
  const out = new Uint8Array(length)
  fill(new DataView(out.buffer))
  return out
}

/** Little-endian fields, each [value, bytes]. */
function fields(...pairs: readonly (readonly [value: number, width: 2 | 4 | 8])[]): Uint8Array {
  return bytes(
    pairs.reduce((sum, [, width]) => sum + width, 0),
    view => {
      let at = 0
      for (const [value, width] of pairs) {
        if (width === 2) view.setUint16(at, value, true)
        else if (width === 4) view.setUint32(at, value, true)
        else view.setBigUint64(at, BigInt(value), true)
        at += width
      }
    },
  )
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const in64 = 0xffffffff

function crcOf(data: Uint8Array): number {
  const sum = new Crc32()
  sum.add(data)
  return sum.value
}

export function storedZip(parts: readonly ZipPart[], shape: ZipShape = {}): Uint8Array {
  const out: Uint8Array[] = []
  const list: Uint8Array[] = []
  let at = 0
  const push = (piece: Uint8Array): void => {
    out.push(piece)
    at += piece.length
  }
  for (const part of parts) {
    const { name, data, padding = 0, streamed = false, method = 0 } = part
    const crc = part.crc ?? crcOf(data)
    const flags = (part.flags ?? 0) | (streamed ? 8 : 0)
    const offset = at
    const local = text(part.localName ?? name)
    const extra =
      padding > 0
        ? new Uint8Array([...fields([0x4246, 2], [padding - 4, 2]), ...new Uint8Array(padding - 4)])
        : new Uint8Array()
    const sizes = streamed ? [0, 0, 0] : [crc, data.length, data.length]
    push(
      fields(
        [0x04034b50, 4],
        [20, 2],
        [flags, 2],
        [method, 2],
        [0, 4],
        [sizes[0]!, 4],
        [sizes[1]!, 4],
        [sizes[2]!, 4],
        [local.length, 2],
        [extra.length, 2],
      ),
    )
    for (const piece of [local, extra, data]) push(piece)
    if (streamed) push(fields([0x08074b50, 4], [crc, 4], [data.length, 8], [data.length, 8]))
    const wide = shape.zip64
      ? fields([1, 2], [24, 2], [data.length, 8], [data.length, 8], [offset, 8])
      : new Uint8Array()
    const [size, place] = shape.zip64 ? [in64, in64] : [data.length, offset]
    list.push(
      fields([0x02014b50, 4], [20, 2], [20, 2], [flags, 2], [method, 2], [0, 4], [crc, 4], [size, 4], [size, 4]),
      fields([text(name).length, 2], [wide.length, 2], [0, 2], [0, 2], [0, 2], [0, 4], [place, 4]),
      text(name),
      wide,
    )
  }
  push(new Uint8Array(shape.gap ?? 0))
  const start = at
  for (const piece of list) push(piece)
  const length = at - start
  const count = shape.entries ?? parts.length
  if (shape.zip64) {
    const record = at
    push(
      fields(
        [0x06064b50, 4],
        [44, 8],
        [45, 2],
        [45, 2],
        [0, 4],
        [0, 4],
        [count, 8],
        [count, 8],
        [length, 8],
        [start, 8],
      ),
    )
    push(fields([0x07064b50, 4], [0, 4], [record, 8], [1, 4]))
  }
  const comment = text(shape.comment ?? '')
  const ends = shape.zip64 ? [0xffff, in64, in64] : [count, length, start]
  push(
    fields(
      [0x06054b50, 4],
      [0, 2],
      [0, 2],
      [ends[0]!, 2],
      [ends[0]!, 2],
      [ends[1]!, 4],
      [ends[2]!, 4],
      [comment.length, 2],
    ),
  )
  push(comment)
  return new Uint8Array(Buffer.concat(out))
}
