// Small weights between a back end's panels and the order that files have (src/packed.ts): the same bytes in other places, so
// that what was saved is what is loaded.
import { paddedInputs } from '../../../kernels/int8.ts'
import { blocksOf } from '../../../kernels/q4.ts'
import type { Packed, PackedKind, TensorSource, WeightDType } from '../../dtype.ts'
import { blockBytes, packedDTypes, packedShapes } from '../../packed.ts'
import type { Steps } from '../../turns.ts'
import type { PanelStorage, WeightMemory } from './kind.ts'
import { type Panels, panelCount } from './panels.ts'

/** Bytes moved at a time. */
const pieceLength = 2 ** 18

/** Bytes set to 0 at a time. */
const clearedLength = 2 ** 22

/** How an array lies in panels: `group` inputs of an output stand side by side, and inputs are filled up to `padded`. */
interface Lying {
  readonly inputs: number
  readonly padded: number
  readonly group: number
  /** Bytes of an element. */
  readonly size: number
}

const outputsOf = ({ form }: Panels): Packed['outputs'] => (form === 'linear' ? 0 : 1)

const isPackedKind = (dtype: WeightDType): dtype is PackedKind => Object.hasOwn(packedDTypes, dtype)

/** Whether a weight in these panels can take the arrays of a source as they are. */
export function takes(panels: Panels, packed: Packed | undefined): packed is Packed {
  return packed?.kind === panels.dtype && packed.outputs === outputsOf(panels)
}

function lyingOf(kind: PackedKind, k: number, int8Group: number): { codes: Lying; scales: Lying } {
  const blocks = blocksOf(k)
  const bytes = blockBytes * blocks
  return kind === 'int8'
    ? {
        codes: { inputs: k, padded: paddedInputs(k), group: int8Group, size: 1 },
        scales: { inputs: 1, padded: 1, group: 1, size: 4 },
      }
    : {
        codes: { inputs: bytes, padded: bytes, group: 2, size: 1 },
        scales: { inputs: blocks, padded: blocks, group: 1, size: 2 },
      }
}

/** Fills a weight from the arrays of a file, a piece a step. */
export function* readPacked<Ref>(
  memory: WeightMemory<Ref>,
  { kind, codes, scales }: Packed,
  out: PanelStorage<Ref>,
): Steps {
  const { parts, panels } = out
  const lying = lyingOf(kind, panels.k, memory.int8Group)
  const sums = kind === 'int8' ? new Int32Array(panelCount(panels) * panels.width) : undefined
  yield* place(memory, scales, parts[1]!, panels, lying.scales)
  yield* place(memory, codes, parts[0]!, panels, lying.codes, sums)
  if (sums) memory.bytesAt(parts[2]!, sums.byteLength).set(new Uint8Array(sums.buffer))
}

/** The arrays of a small weight as a file is to hold them; undefined for another one. Nothing is copied before it is read. */
export function packedOf<Ref>(memory: WeightMemory<Ref>, weight: PanelStorage<Ref>): Packed | undefined {
  const { panels, parts } = weight
  const { dtype: kind, form, k, n } = panels
  if (!isPackedKind(kind)) return undefined
  const outputs = outputsOf(panels)
  const shapes = packedShapes(kind, form === 'linear' ? [n, k] : [k, n], outputs)
  const lying = lyingOf(kind, k, memory.int8Group)
  const source = (name: 'codes' | 'scales', ref: Ref): TensorSource => ({
    dtype: packedDTypes[kind][name],
    shape: shapes[name],
    read: (target, offset) => collect(memory, ref, panels, lying[name], target, offset),
  })
  return { kind, outputs, codes: source('codes', parts[0]!), scales: source('scales', parts[1]!) }
}

/** Puts the elements of a source where they belong in the panels at `ref`, and 0 where nothing does; adds up int8 numbers. */
function* place<Ref>(
  memory: WeightMemory<Ref>,
  source: TensorSource,
  ref: Ref,
  panels: Panels,
  lying: Lying,
  sums?: Int32Array,
): Steps {
  const { size } = lying
  const { rows, cols, length } = placesOf(panels, lying)
  for (let at = 0; at < length; at += clearedLength) {
    memory.bytesAt(ref, length).fill(0, at, at + clearedLength)
    yield
  }
  const step = Math.max(1, Math.floor(pieceLength / Math.max(cols.length * size, 1)))
  const piece = new Uint8Array(Math.min(step, rows.length) * cols.length * size)
  for (let row = 0; row < rows.length; row += step) {
    const count = Math.min(step, rows.length - row)
    source.read(piece.subarray(0, count * cols.length * size), row * cols.length * size)
    const target = memory.bytesAt(ref, length)
    for (let r = row, from = 0; r < row + count; r++) {
      for (let c = 0; c < cols.length; c++) {
        if (sums) sums[panels.form === 'linear' ? r : c]! += (piece[from]! << 24) >> 24
        const to = (rows[r]! + cols[c]!) * size
        for (let byte = 0; byte < size; byte++) target[to + byte] = piece[from++]!
      }
    }
    yield
  }
}

/** The other way round, for the bytes from `offset` on that fill `target`. */
function collect<Ref>(
  memory: WeightMemory<Ref>,
  ref: Ref,
  panels: Panels,
  lying: Lying,
  target: Uint8Array,
  offset: number,
): void {
  const { size } = lying
  const { rows, cols, length } = placesOf(panels, lying)
  const bytes = memory.bytesAt(ref, length)
  const element = Math.floor(offset / size)
  let byte = offset % size
  let [row, col] = [Math.floor(element / cols.length), element % cols.length]
  for (let at = 0; at < target.length; at++) {
    target[at] = bytes[(rows[row]! + cols[col]!) * size + byte]!
    if (++byte < size) continue
    byte = 0
    if (++col < cols.length) continue
    col = 0
    row++
  }
}

/** Where the element in a row and a column of the file lies: the sum of what the two say. `length` is the bytes of all. */
function placesOf(
  panels: Panels,
  { inputs, padded, group, size }: Lying,
): { readonly rows: Uint32Array; readonly cols: Uint32Array; readonly length: number } {
  const { n, width, form } = panels
  const byOutput = Uint32Array.from(
    { length: n },
    (_, o) => Math.floor(o / width) * padded * width + (o % width) * group,
  )
  const byInput = Uint32Array.from({ length: inputs }, (_, i) => Math.floor(i / group) * width * group + (i % group))
  const [rows, cols] = form === 'linear' ? [byOutput, byInput] : [byInput, byOutput]
  return { rows, cols, length: panelCount(panels) * width * padded * size }
}
