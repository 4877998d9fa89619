// The elements of a view of a storage, row-major: straight from the file when they lie so, else gathered.
import { bytesOf, type TensorSource } from '../../dtype.ts'
import type { ByteSource } from '../byteSource.ts'
import type { Fault } from '../headerFault.ts'
import type { TensorView } from './pickleValue.ts'

/** Whether the elements lie one after the other, row-major; strides of dims of length 1 mean nothing. */
export function isContiguous({ shape, stride }: TensorView): boolean {
  if (shape.includes(0)) return true
  let wanted = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== wanted) return false
    wanted *= shape[i]!
  }
  return true
}

/**
 * The tensor that `view` is, whose storage begins at byte `start` of `bytes`. One that does not lie in order is gathered when it is
 * first read, in memory of its own size. `fault` makes the error OUT_OF_BOUNDS for reads outside of it.
 */
export function viewSource(bytes: ByteSource, view: TensorView, start: number, fault: Fault): TensorSource {
  const { storage, shape, offset: first } = view
  const { dtype } = storage
  const width = bytesOf[dtype]
  const byteLength = shape.reduce((product, dim) => product * dim, 1) * width
  let gathered: Uint8Array | undefined
  const read = (target: Uint8Array, offset: number): void => {
    if (!(Number.isInteger(offset) && offset >= 0 && offset + target.length <= byteLength)) {
      throw fault('OUT_OF_BOUNDS', `has ${byteLength} bytes; asked for ${target.length} from byte ${offset} on`, {
        hint: 'read inside the tensor',
        expected: byteLength,
        got: offset + target.length,
      })
    }
    if (isContiguous(view)) {
      bytes.read(target, start + first * width + offset)
    } else {
      gathered ??= gather(bytes, view, start)
      target.set(gathered.subarray(offset, offset + target.length))
    }
  }
  return { dtype, shape, read }
}

/** Row-major bytes of a view; the part of the storage that it covers is read once. */
function gather(bytes: ByteSource, { storage, offset, shape, stride }: TensorView, start: number): Uint8Array {
  const width = bytesOf[storage.dtype]
  const span = shape.reduce((last, dim, i) => last + (dim - 1) * stride[i]!, 0) + 1
  const stored = new Uint8Array(span * width)
  bytes.read(stored, start + offset * width)
  const count = shape.reduce((product, dim) => product * dim, 1)
  const out = new Uint8Array(count * width)
  const index = shape.map(() => 0)
  let from = 0
  for (let to = 0; to < out.length; to += width) {
    for (let byte = 0; byte < width; byte++) out[to + byte] = stored[from + byte]!
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      from += stride[dim]! * width
      if (++index[dim]! < shape[dim]!) break
      from -= stride[dim]! * shape[dim]! * width
      index[dim] = 0
    }
  }
  return out
}
