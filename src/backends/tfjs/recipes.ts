// TensorFlow's operations as they are needed here, and rows of them for what it has no single one for; handles in, a handle out.
import type { UnaryOp } from '../../backend.ts'
import type { Shape } from '../../shape.ts'
import type { Operations } from './operations.ts'
import type { TfHandle } from './tfjsNode.ts'

type Recipe = (tf: Operations, x: TfHandle) => TfHandle

export function add(tf: Operations, a: TfHandle, b: TfHandle): TfHandle {
  return tf.run('AddV2', [a, b])
}

export function mul(tf: Operations, a: TfHandle, b: TfHandle): TfHandle {
  return tf.run('Mul', [a, b])
}

/** (rows, k) times (k, n), or times (n, k) when `transposed`. */
export function product(tf: Operations, a: TfHandle, b: TfHandle, transposed = false): TfHandle {
  return tf.run('MatMul', [a, b], transposed ? [tf.flag('transpose_b', true)] : [])
}

/** The same for each matrix of a batch; either side may lack the batch's dims. */
export function batchProduct(tf: Operations, a: TfHandle, b: TfHandle, transposed = false): TfHandle {
  return tf.run('BatchMatMulV2', [a, b], transposed ? [tf.flag('adj_y', true)] : [])
}

export function transpose(tf: Operations, x: TfHandle, order: readonly number[]): TfHandle {
  return tf.run('Transpose', [x, tf.vector(order)])
}

export function slice(tf: Operations, x: TfHandle, begin: readonly number[], size: Shape): TfHandle {
  return tf.run('Slice', [x, tf.vector(begin), tf.vector(size)])
}

/** Places of `index` along `axis`, the first `batchDims` dims of both taken together. */
export function gather(tf: Operations, x: TfHandle, index: TfHandle, axis: number, batchDims = 0): TfHandle {
  return tf.run('GatherV2', [x, index, tf.index(axis)], [tf.whole('batch_dims', batchDims)])
}

/** To one of TF_FLOAT, TF_INT32 and so on. */
export function cast(tf: Operations, x: TfHandle, to: number): TfHandle {
  return tf.run('Cast', [x], [tf.type('DstT', to)])
}

const one =
  (name: string): Recipe =>
  (tf, x) =>
    tf.run(name, [x])

const silu: Recipe = (tf, x) => mul(tf, x, tf.run('Sigmoid', [x]))

const gelu: Recipe = (tf, x) => {
  const share = add(tf, tf.run('Erf', [mul(tf, x, tf.scalar(Math.SQRT1_2))]), tf.scalar(1))
  return mul(tf, mul(tf, x, tf.scalar(0.5)), share)
}

/** x sigmoid(x (a + b x^2)): (1 + tanh(u)) / 2 is sigmoid(2u), which takes fewer steps and keeps its digits where tanh is near -1. */
const geluTanh: Recipe = (tf, x) => {
  const a = 2 * Math.sqrt(2 / Math.PI)
  const factor = add(tf, mul(tf, tf.run('Square', [x]), tf.scalar(0.044715 * a)), tf.scalar(a))
  return mul(tf, x, tf.run('Sigmoid', [mul(tf, x, factor)]))
}

/** Functions of one number. */
export const unaryRecipes: Readonly<Record<UnaryOp, Recipe>> = {
  ...{ neg: one('Neg'), abs: one('Abs'), exp: one('Exp'), log: one('Log'), sqrt: one('Sqrt'), rsqrt: one('Rsqrt') },
  ...{ tanh: one('Tanh'), erf: one('Erf'), relu: one('Relu'), sigmoid: one('Sigmoid') },
  ...{ silu, gelu, geluTanh },
}

/** x (rows, cols), weight and bias (cols) */
export type LayerNormRecipe = (tf: Operations, x: TfHandle, weight: TfHandle, bias: TfHandle, eps: number) => TfHandle

/** oneDNN's, an operation that TensorFlow keeps for itself. */
export const fusedLayerNorm: LayerNormRecipe = (tf, x, weight, bias, eps) =>
  tf.run('_MklLayerNorm', [x, weight, bias], [tf.number('epsilon', eps), tf.text('_kernel', '')])

export const plainLayerNorm: LayerNormRecipe = (tf, x, weight, bias, eps) => {
  const mean = (of: TfHandle) => tf.run('Mean', [of, tf.index(1)], [tf.flag('keep_dims', true)])
  const centred = tf.run('Sub', [x, mean(x)])
  const variance = mean(tf.run('Square', [centred]))
  const factor = tf.run('Rsqrt', [add(tf, variance, tf.scalar(eps))])
  return add(tf, mul(tf, mul(tf, centred, factor), weight), bias)
}

/** The fused layer norm where this libtensorflow has it and it computes rightly, else the plain one. */
export function layerNormRecipe(tf: Operations): LayerNormRecipe {
  const values = (numbers: number[], shape: Shape = [numbers.length]) =>
    tf.step(tf.create(shape, tf.binding.TF_FLOAT, Float32Array.from(numbers)))
  const trial = (recipe: LayerNormRecipe): Float32Array | Int32Array | Uint8Array => {
    const result = recipe(tf, values([1, 2, 3, 6], [1, 4]), values([1, 1, 1, 2]), values([0, 0, 0, 1]), 0.5)
    const numbers = tf.binding.tensorDataSync(result.id)
    tf.settle()
    return numbers
  }
  try {
    const fused = trial(fusedLayerNorm)
    const isRight = trial(plainLayerNorm).every((value, i) => Math.abs(value - fused[i]!) < 1e-5)
    return isRight ? fusedLayerNorm : plainLayerNorm
  } catch {
    return plainLayerNorm
  }
}
