// Reading a weight from its file into a back end's memory: widened to float32 and put into panels on the way, a piece at a
// time, and each piece rounded to what the weight is kept as, so that no second copy of it ever exists.
import type { WeightForm } from '../../backend.ts'
import { bytesOf, type TensorSource, type WeightDType } from '../../dtype.ts'
import { FileError } from '../../errors.ts'
import { sizeOf } from '../../shape.ts'
import type { Steps } from '../../turns.ts'
import type { KernelStorage } from '../kernelMemory.ts'
import type { PanelStorage, WeightMemory } from './kind.ts'
import { weightKinds } from './kinds.ts'
import { isInPanels } from './order.ts'
import { readPacked, takes } from './packed.ts'
import { isRowMajor, type Panels, panelCount, panelsFor } from './panels.ts'

/** Numbers read and rounded at a time: enough to amortise the calls, few enough to stay in the cache until they are packed. */
const pieceLength = 2 ** 18

/**
 * The whole of `source` as a new storage, a piece a step, and as it is where it is stored as what it is kept as; a step that throws, or is the last one before its time, leaves
 * nothing. Throws FileError UNSUPPORTED_DTYPE for anything but F32, F16 and BF16.
 */
export function* readWeight<Ref>(
  memory: WeightMemory<Ref>,
  source: TensorSource,
  form: WeightForm,
  dtype: WeightDType,
): Steps<KernelStorage<Ref>> {
  const panels = panelsFor(source.shape, form, dtype, (kind, n) => memory.panelWidth(kind, n))
  const out = panels
    ? memory.makeParts(weightKinds[dtype].parts(panels), panels)
    : memory.make('float32', sizeOf(source.shape))
  let isWhole = false
  try {
    if (isInPanels(out) && takes(out.panels, source.packed)) yield* readPacked(memory, source.packed, out)
    else if (!isInPanels(out) || isRowMajor(out.panels)) yield* readRange(memory, source, 0, out.length, out.ref)
    else if (out.panels.form === 'linear') yield* readOutputs(memory, source, out)
    else yield* readInputs(memory, source, out)
    isWhole = true
    return out
  } finally {
    if (!isWhole) memory.free(out)
  }
}

/** The rows of the file are outputs: each piece is some whole panels. */
function* readOutputs<Ref>(memory: WeightMemory<Ref>, source: TensorSource, out: PanelStorage<Ref>): Steps {
  const { k, n, width, dtype } = out.panels
  const { narrow } = weightKinds[dtype]
  const step = panelsAtATime(out.panels) * width
  const piece = memory.make('float32', Math.min(step, n) * k)
  const packed = narrow && memory.make('float32', Math.min(step, panelCount(out.panels) * width) * k)
  try {
    for (let row = 0; row < n; row += step) {
      const count = Math.min(step, n - row)
      yield* readRange(memory, source, row * k, count * k, piece.ref)
      const units = Math.ceil(count / width)
      const target = packed?.ref ?? memory.behind(out.ref, 'float32', row * k * 4)
      memory.run('pack', [target, piece.ref, k, count, 1, k, width, k * width], units, count * k)
      narrow?.(memory, out, target, row / width, units)
    }
  } finally {
    memory.free(piece)
    if (packed) memory.free(packed)
  }
}

/** The rows of the file are inputs, of which each panel needs all: panels are rounded when the last of them is there. */
function* readInputs<Ref>(memory: WeightMemory<Ref>, source: TensorSource, out: PanelStorage<Ref>): Steps {
  const { k, n, width, dtype } = out.panels
  const { narrow } = weightKinds[dtype]
  const panels = panelCount(out.panels)
  const step = Math.max(1, Math.floor(pieceLength / Math.max(n, 1)))
  const piece = memory.make('float32', Math.min(step, k) * n)
  const packed = narrow && memory.make('float32', panels * width * k)
  const { ref } = packed ?? out
  try {
    for (let row = 0; row < k; row += step) {
      const count = Math.min(step, k - row)
      yield* readRange(memory, source, row * n, count * n, piece.ref)
      const target = memory.behind(ref, 'float32', row * width * 4)
      memory.run('pack', [target, piece.ref, count, n, n, 1, width, k * width], panels, count * n)
    }
    if (!narrow) return
    const some = panelsAtATime(out.panels)
    for (let first = 0; first < panels; first += some) {
      narrow(memory, out, memory.behind(ref, 'float32', first * k * width * 4), first, Math.min(some, panels - first))
      yield
    }
  } finally {
    memory.free(piece)
    if (packed) memory.free(packed)
  }
}

/** As many as one piece fills. */
function panelsAtATime({ k, width }: Panels): number {
  return Math.max(1, Math.floor(pieceLength / Math.max(k, 1) / width))
}

/** Elements start..start+count of a source as float32 numbers at `target`. */
function* readRange<Ref>(
  memory: WeightMemory<Ref>,
  source: TensorSource,
  start: number,
  count: number,
  target: Ref,
): Steps {
  const { dtype } = source
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw new FileError('UNSUPPORTED_DTYPE', `a weight of dtype ${dtype} cannot be computed with`, { dtype })
  }
  const widen = dtype === 'F32' ? undefined : dtype === 'F16' ? 'widenF16' : 'widenBF16'
  const room = widen && memory.makeParts([{ kind: 'uint16', length: Math.min(pieceLength, count) }])
  try {
    for (let done = 0; done < count; done += pieceLength) {
      const some = Math.min(pieceLength, count - done)
      const to = memory.behind(target, 'float32', done * 4)
      source.read(memory.bytesAt(room?.ref ?? to, some * bytesOf[dtype]), (start + done) * bytesOf[dtype])
      if (widen && room) memory.run(widen, [to, room.ref], some, some, 64)
      yield
    }
  } finally {
    if (room) memory.free(room)
  }
}
