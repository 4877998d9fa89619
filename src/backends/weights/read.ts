// Reading a weight from its file into a back end's memory: widened to float32 and put into panels on the way, a piece at a
// time, and each piece rounded to what the weight is kept as, so that no second copy of it ever exists.
import type { WeightForm } from '../../backend.ts'
import { bytesOf, type TensorSource, type WeightDType } from '../../dtype.ts'
import { FileError } from '../../errors.ts'
import { sizeOf } from '../../shape.ts'
import type { KernelStorage } from '../kernelMemory.ts'
import type { PanelStorage, WeightMemory } from './kind.ts'
import { weightKinds } from './kinds.ts'
import { isRowMajor, panelCount, panelsFor } from './panels.ts'

/** Numbers read at a time: enough to amortise the calls, few enough to stay in the cache until they are packed. */
const pieceLength = 2 ** 18

/** The whole of `source` as a new storage. Throws FileError UNSUPPORTED_DTYPE for anything but F32, F16 and BF16. */
export function readWeight<Ref>(
  memory: WeightMemory<Ref>,
  source: TensorSource,
  form: WeightForm,
  dtype: WeightDType,
): KernelStorage<Ref> {
  const panels = panelsFor(source.shape, form, dtype, (kind, n) => memory.panelWidth(kind, n))
  if (!panels) {
    const out = memory.make('float32', sizeOf(source.shape))
    readRange(memory, source, 0, out.length, out.ref)
    return out
  }
  const out = memory.makeParts(weightKinds[dtype].parts(panels), panels) as PanelStorage<Ref>
  if (isRowMajor(panels)) readRange(memory, source, 0, out.length, out.ref)
  else if (panels.form === 'linear') readOutputs(memory, source, out)
  else readInputs(memory, source, out)
  return out
}

/** The rows of the file are outputs: each piece is some whole panels. */
function readOutputs<Ref>(memory: WeightMemory<Ref>, source: TensorSource, out: PanelStorage<Ref>): void {
  const { k, n, width, dtype } = out.panels
  const { narrow } = weightKinds[dtype]
  const step = Math.max(1, Math.floor(pieceLength / Math.max(k, 1) / width)) * width
  const piece = memory.make('float32', Math.min(step, n) * k)
  const packed = narrow && memory.make('float32', Math.min(step, panelCount(out.panels) * width) * k)
  for (let row = 0; row < n; row += step) {
    const count = Math.min(step, n - row)
    readRange(memory, source, row * k, count * k, piece.ref)
    const units = Math.ceil(count / width)
    const target = packed?.ref ?? memory.behind(out.ref, 'float32', row * k * 4)
    memory.run('pack', [target, piece.ref, k, count, 1, k, width, k * width], units, count * k)
    narrow?.(memory, out, target, row / width, units)
  }
  memory.free(piece)
  if (packed) memory.free(packed)
}

/** The rows of the file are inputs, of which each panel needs all: it is rounded when the last of them is there. */
function readInputs<Ref>(memory: WeightMemory<Ref>, source: TensorSource, out: PanelStorage<Ref>): void {
  const { k, n, width, dtype } = out.panels
  const { narrow } = weightKinds[dtype]
  const panels = panelCount(out.panels)
  const step = Math.max(1, Math.floor(pieceLength / Math.max(n, 1)))
  const piece = memory.make('float32', Math.min(step, k) * n)
  const packed = narrow && memory.make('float32', panels * width * k)
  const { ref } = packed ?? out
  for (let row = 0; row < k; row += step) {
    const count = Math.min(step, k - row)
    readRange(memory, source, row * n, count * n, piece.ref)
    const target = memory.behind(ref, 'float32', row * width * 4)
    memory.run('pack', [target, piece.ref, count, n, n, 1, width, k * width], panels, count * n)
  }
  narrow?.(memory, out, ref, 0, panels)
  memory.free(piece)
  if (packed) memory.free(packed)
}

/** Elements start..start+count of a source as float32 numbers at `target`. */
function readRange<Ref>(
  memory: WeightMemory<Ref>,
  source: TensorSource,
  start: number,
  count: number,
  target: Ref,
): void {
  const { dtype } = source
  if (dtype === 'F32') {
    source.read(memory.bytesAt(target, count * 4), start * 4)
    return
  }
  if (dtype !== 'F16' && dtype !== 'BF16') {
    throw new FileError('UNSUPPORTED_DTYPE', `a weight of dtype ${dtype} cannot be computed with`, { dtype })
  }
  const room = memory.makeParts([{ kind: 'uint16', length: Math.min(pieceLength, count) }])
  for (let done = 0; done < count; done += pieceLength) {
    const some = Math.min(pieceLength, count - done)
    source.read(memory.bytesAt(room.ref, some * bytesOf[dtype]), (start + done) * bytesOf[dtype])
    const to = memory.behind(target, 'float32', done * 4)
    memory.run(dtype === 'F16' ? 'widenF16' : 'widenBF16', [to, room.ref], some, some, 64)
  }
  memory.free(room)
}
