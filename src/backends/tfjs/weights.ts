// Reading a weight from its file into TensorFlow's memory.
import { bytesOf, type TensorSource } from '../../dtype.ts'
import { FileError } from '../../errors.ts'
import { sizeOf } from '../../shape.ts'
import type { Operations } from './operations.ts'
import { cast } from './recipes.ts'
import type { TfHandle } from './tfjsNode.ts'

/** TensorFlow's numbers for the types of two bytes. */
const halves = { F16: 19, BF16: 14 } as const

/** Bytes that an array is put off 64-byte boundaries, so that TensorFlow copies it and does not hold on to it. */
const oddOffset = 4

/** The whole of `source` as float32. Throws FileError UNSUPPORTED_DTYPE for anything but F32, F16 and BF16. */
export function readWeight(tf: Operations, source: TensorSource): TfHandle {
  const { dtype, shape } = source
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw new FileError('UNSUPPORTED_DTYPE', `a weight of dtype ${dtype} cannot be computed with`, { dtype })
  }
  const { TF_FLOAT, TF_UINT8 } = tf.binding
  const bytes = new Uint8Array(new ArrayBuffer(oddOffset + sizeOf(shape) * bytesOf[dtype]), oddOffset)
  source.read(bytes, 0)
  if (dtype === 'F32') {
    return tf.step(tf.create(shape, TF_FLOAT, new Float32Array(bytes.buffer, oddOffset, sizeOf(shape))))
  }
  const stored = tf.step(tf.create([...shape, 2], TF_UINT8, bytes))
  const half = tf.run('Bitcast', [stored], [tf.type('type', halves[dtype])])
  return cast(tf, half, TF_FLOAT)
}
