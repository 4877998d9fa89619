// Stored numbers of any type as float32, for back ends that widen only half precision themselves.
import { bytesOf, type TensorSource } from '../dtype.ts'
import { toFloat32 } from './convert.ts'

/** Numbers converted at a time. */
const pieceLength = 2 ** 16

/** The same tensor in a type that every back end reads: itself for F32, F16 and BF16, else converted piece by piece. */
export function floatSource(source: TensorSource): TensorSource {
  const { dtype, shape } = source
  if (dtype === 'F32' || dtype === 'F16' || dtype === 'BF16') return source
  const width = bytesOf[dtype]
  return {
    dtype: 'F32',
    shape,
    read(target, offset) {
      const numbers = new Float32Array(pieceLength)
      const total = target.length / 4
      for (let start = 0; start < total; start += pieceLength) {
        const count = Math.min(pieceLength, total - start)
        const stored = new Uint8Array(count * width)
        source.read(stored, (offset / 4 + start) * width)
        toFloat32(dtype, stored, numbers.subarray(0, count))
        target.set(new Uint8Array(numbers.buffer, 0, count * 4), start * 4)
      }
    },
  }
}
