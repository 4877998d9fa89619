// Tensors of tfjs in and out: its users can go on with tf's own functions, and hand their tensors to a model.
import type { Backend } from '../../backend.ts'
import { ShapeError, VitrineError, valueText } from '../../errors.ts'
import { shapeText } from '../../shape.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { isTfjsTensor } from '../../tensor/tfjsTensor.ts'
import { sharedBackend } from '../index.ts'
import { TfjsBackend } from './tfjs.ts'
import type { TfjsTensor } from './tfjsNode.ts'

/**
 * The tensor as one of tfjs (float32 or int32), in the innermost tf.tidy. A tensor of the back end 'tfjs' is not copied, one of
 * another back end is. Each of the two is disposed of for itself. `T` is the type that your tfjs-node calls it: tf.Tensor.
 * Throws VitrineError BACKEND_MISSING and DISPOSED, ShapeError BAD_TYPE.
 */
export function toTfjs<T = TfjsTensor>(tensor: Tensor): T & TfjsTensor {
  if (!(tensor instanceof Tensor)) {
    throw new ShapeError('BAD_TYPE', `toTfjs: expected a Tensor of vitrine, got ${valueText(tensor)}`)
  }
  const backend = tensor.backend instanceof TfjsBackend ? tensor.backend : sharedTfjs()
  const handle = backend.scope(() => {
    const own = tensor.backend === backend ? tensor : backend.tensor(tensor)
    return backend.lend(own.reshape(own.shape).storage, own.shape)
  })
  return backend.tensorflow.createOutputTensor(handle) as T & TfjsTensor
}

/**
 * A tensor of tfjs as a Tensor on `backend`, the one that models made with `backend: 'tfjs'` share unless given. On a back end 'tfjs'
 * it is not copied. bool becomes int32. Each of the two is disposed of for itself. Throws ShapeError BAD_TYPE for what is no tensor
 * of tfjs, BAD_DTYPE for other types, VitrineError BACKEND_MISSING, and DISPOSED.
 */
export function fromTfjs(tensor: TfjsTensor, { backend = sharedTfjs() }: { backend?: Backend } = {}): Tensor {
  if (!isTfjsTensor(tensor)) {
    throw new ShapeError('BAD_TYPE', `fromTfjs: expected a tensor of tfjs, got ${valueText(tensor)}`)
  }
  const { dataId, dtype } = tensor
  const shape = [...tensor.shape]
  if (!['float32', 'int32', 'bool'].includes(dtype)) {
    throw new ShapeError('BAD_DTYPE', `fromTfjs: a tensor of dtype ${dtype} has no place here`, {
      hint: "float32, int32 and bool have one: x.toFloat(), tf.cast(x, 'int32')",
    })
  }
  if (tensor.isDisposed)
    throw new VitrineError('DISPOSED', `fromTfjs: the tensor of shape ${shapeText(shape)} was disposed of`)
  if (backend instanceof TfjsBackend && backend.tensorflow.tensorMap.has(dataId)) {
    return new Tensor(backend.borrow(tensor), shape)
  }
  const values = tensor.dataSync()
  return backend.tensor(values, { shape, dtype: values instanceof Float32Array ? 'float32' : 'int32' })
}

function sharedTfjs(): TfjsBackend {
  const backend = sharedBackend('tfjs')
  if (backend instanceof TfjsBackend) return backend
  throw new TypeError("the back end 'tfjs' is no TfjsBackend")
}
