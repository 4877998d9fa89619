// Reading a weight from its file into a back end's memory: widened to float32 and put into panels on the way, a piece at a
// time, so that no second copy of it ever exists.
import type { Storage, WeightForm } from '../backend.ts'
import { bytesOf, type DType, type TensorSource } from '../dtype.ts'
import { FileError } from '../errors.ts'
import { sizeOf } from '../shape.ts'
import type { KernelStorage, Panels } from './kernelBackend.ts'
import type { RunKernel } from './kernels.ts'

/** What reading needs of a back end. */
export interface WeightMemory<Ref> {
  readonly run: RunKernel<Ref>
  make(dtype: DType, length: number, panels?: Panels): KernelStorage<Ref>
  free(storage: Storage): void
  /** The bytes of a storage in place. */
  bytes(storage: Storage): Uint8Array
  at(storage: Storage, offset: number): Ref
  /** The memory of a storage as 16-bit words. */
  halves(storage: Storage): Ref
  panelWidth(form: 'linear' | 'conv1d', n: number): number
}

/** Numbers read at a time: enough to amortise the calls, few enough to stay in the cache until they are packed. */
const pieceLength = 2 ** 18

/** The whole of `source` as a new storage. Throws FileError UNSUPPORTED_DTYPE for anything but F32, F16 and BF16. */
export function readWeight<Ref>(memory: WeightMemory<Ref>, source: TensorSource, form: WeightForm): KernelStorage<Ref> {
  const [rows = 1, cols = 1] = source.shape
  if (source.shape.length === 2 && (form === 'linear' || form === 'conv1d')) {
    const [n, k] = form === 'linear' ? [rows, cols] : [cols, rows]
    const panels = { form, k, n, width: memory.panelWidth(form, n) }
    const inFileOrder = form === 'linear' ? panels.width === 1 : panels.width === n
    const out = memory.make('float32', Math.ceil(n / panels.width) * panels.width * k, panels)
    if (inFileOrder) readPlain(memory, source, out)
    else readPacked(memory, source, panels, out)
    return out
  }
  const out = memory.make('float32', sizeOf(source.shape))
  readPlain(memory, source, out)
  return out
}

function readPlain<Ref>(memory: WeightMemory<Ref>, source: TensorSource, out: KernelStorage<Ref>): void {
  if (source.dtype === 'F32') {
    source.read(memory.bytes(out), 0)
    return
  }
  const piece = memory.make('float32', Math.min(pieceLength, out.length))
  for (let start = 0; start < out.length; start += piece.length) {
    const count = Math.min(piece.length, out.length - start)
    readWidened(memory, source, start, count, piece, memory.at(out, start))
  }
  memory.free(piece)
}

/** Reads whole rows of the file at a time and packs them: rows are outputs of a `linear` weight, inputs of a `conv1d` one. */
function readPacked<Ref>(
  memory: WeightMemory<Ref>,
  source: TensorSource,
  panels: Panels,
  out: KernelStorage<Ref>,
): void {
  const { form, k, n, width } = panels
  const [rows, cols] = form === 'linear' ? [n, k] : [k, n]
  const step = Math.max(1, Math.floor(pieceLength / Math.max(cols, 1) / width)) * width
  const piece = memory.make('float32', Math.min(step, rows) * cols)
  const narrow = memory.make('float32', source.dtype === 'F32' ? 0 : Math.ceil(piece.length / 2))
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row)
    if (source.dtype === 'F32') source.read(memory.bytes(piece).subarray(0, count * cols * 4), row * cols * 4)
    else readWidened(memory, source, row * cols, count * cols, narrow, piece.ref)
    const panelStep = k * width
    if (form === 'linear') {
      const target = memory.at(out, row * k)
      const units = Math.ceil(count / width)
      memory.run('pack', [target, piece.ref, k, count, 1, k, width, panelStep], units, count * cols)
    } else {
      const target = memory.at(out, row * width)
      const units = Math.ceil(n / width)
      memory.run('pack', [target, piece.ref, count, n, n, 1, width, panelStep], units, count * cols)
    }
  }
  memory.free(piece)
  memory.free(narrow)
}

/** Elements start..start+count of a half-precision source, through `room`, to float32 numbers at `target`. */
function readWidened<Ref>(
  memory: WeightMemory<Ref>,
  source: TensorSource,
  start: number,
  count: number,
  room: KernelStorage<Ref>,
  target: Ref,
): void {
  const { dtype } = source
  if (dtype !== 'F16' && dtype !== 'BF16') {
    throw new FileError('UNSUPPORTED_DTYPE', `a weight of dtype ${dtype} cannot be computed with`, { dtype })
  }
  const width = bytesOf[dtype]
  source.read(memory.bytes(room).subarray(0, count * width), start * width)
  memory.run(dtype === 'F16' ? 'widenF16' : 'widenBF16', [target, memory.halves(room)], count, count)
}
