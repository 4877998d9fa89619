// Reading a weight from its file into TensorFlow's memory.
import { bytesOf, type TensorSource } from '../../dtype.ts'
import { FileError } from '../../errors.ts'
import { sizeOf } from '../../shape.ts'
import type { Steps } from '../../turns.ts'
import type { Operations } from './operations.ts'
import { cast } from './recipes.ts'
import type { TfHandle } from './tfjsNode.ts'

/** TensorFlow's numbers for the types of two bytes. */
const halves = { F16: 19, BF16: 14 } as const

/** Bytes that an array is put off 64-byte boundaries, so that TensorFlow copies it and does not hold on to it. */
const oddOffset = 4

/** Bytes read at a time. */
const pieceLength = 2 ** 20

/** All bytes of `source`, a piece a step. Throws FileError UNSUPPORTED_DTYPE for anything but F32, F16 and BF16. */
export function* readBytes(source: TensorSource): Steps<Uint8Array<ArrayBuffer>> {
  const { dtype, shape } = source
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw new FileError('UNSUPPORTED_DTYPE', `a weight of dtype ${dtype} cannot be computed with`, { dtype })
  }
  const bytes = new Uint8Array(new ArrayBuffer(oddOffset + sizeOf(shape) * bytesOf[dtype]), oddOffset)
  for (let done = 0; done < bytes.length; done += pieceLength) {
    source.read(bytes.subarray(done, done + pieceLength), done)
    yield
  }
  return bytes
}

/** The same in TensorFlow's memory, as float32: a step of a recipe. */
export function weightOf(tf: Operations, { dtype, shape }: TensorSource, bytes: Uint8Array<ArrayBuffer>): TfHandle {
  const { TF_FLOAT, TF_UINT8 } = tf.binding
  if (dtype === 'F32') {
    return tf.step(tf.create(shape, TF_FLOAT, new Float32Array(bytes.buffer, oddOffset, sizeOf(shape))))
  }
  const stored = tf.step(tf.create([...shape, 2], TF_UINT8, bytes))
  const half = tf.run('Bitcast', [stored], [tf.type('type', dtype === 'F16' ? halves.F16 : halves.BF16)])
  return cast(tf, half, TF_FLOAT)
}
