// The kernels by name: their definitions, which of them have a fast twin, and what a call of one looks like.
import * as activation from '../../kernels/activation.ts'
import * as attention from '../../kernels/attention.ts'
import * as binary from '../../kernels/binary.ts'
import * as convert from '../../kernels/convert.ts'
import * as embedding from '../../kernels/embedding.ts'
import { dequantiseInt8, linearInt8, quantiseInt8, quantiseRows } from '../../kernels/int8.ts'
import * as layerNorm from '../../kernels/layerNorm.ts'
import { linear } from '../../kernels/linear.ts'
import * as linearHalf from '../../kernels/linearHalf.ts'
import * as linearWidened from '../../kernels/linearWidened.ts'
import * as math from '../../kernels/math.ts'
import * as matmul from '../../kernels/matmul.ts'
import * as move from '../../kernels/move.ts'
import * as order from '../../kernels/order.ts'
import * as panels from '../../kernels/panels.ts'
import { multiplyAdd, readThrough } from '../../kernels/probe.ts'
import { dequantiseQ4, linearQ4, quantiseBlocks, quantiseQ4 } from '../../kernels/q4.ts'
import * as reduce from '../../kernels/reduce.ts'
import * as select from '../../kernels/select.ts'
import * as softmax from '../../kernels/softmax.ts'

const { relu, sigmoid, silu, gelu, geluTanh } = activation

/** The definitions of all kernels. */
export const definitions = {
  ...{ relu, sigmoid, silu, gelu, geluTanh },
  ...attention,
  ...binary,
  ...convert,
  ...embedding,
  ...layerNorm,
  ...{ linear, linearInt8, quantiseInt8, quantiseRows, dequantiseInt8 },
  ...{ linearQ4, quantiseQ4, quantiseBlocks, dequantiseQ4 },
  ...linearHalf,
  ...linearWidened,
  ...math,
  ...matmul,
  ...move,
  ...order,
  ...panels,
  ...{ multiplyAdd, readThrough },
  ...reduce,
  ...select,
  ...softmax,
}

/** Kernels that a back end may replace by faster ones; what is not here runs by its definition. */
export const fastNames = [
  ...(['neg', 'abs', 'exp', 'log', 'sqrt', 'rsqrt', 'tanh', 'erf'] as const),
  ...(['relu', 'sigmoid', 'silu', 'gelu', 'geluTanh'] as const),
  ...(['add', 'sub', 'mul', 'div'] as const),
  ...(['sum', 'mean', 'max', 'min'] as const),
  ...(['softmax', 'logSoftmax', 'layerNorm'] as const),
  ...(['embedding', 'embeddingF16', 'embeddingBF16', 'embeddingInt8', 'embeddingQ4'] as const),
  ...(['matmul', 'linear', 'linearF16', 'linearBF16', 'linearInt8', 'linearQ4'] as const),
  ...(['linearWidenedInt8', 'linearWidenedQ4'] as const),
  ...(['pack', 'unpack', 'widenF16', 'widenBF16', 'narrowF16', 'narrowBF16'] as const),
  ...(['quantiseInt8', 'quantiseRows', 'quantiseQ4', 'quantiseBlocks', 'dequantiseInt8', 'dequantiseQ4'] as const),
  ...(['attention', 'attentionScores', 'attentionValues'] as const),
  ...(['copyBlocks', 'swapAxes'] as const),
  ...(['multiplyAdd', 'readThrough'] as const),
] as const

export type FastName = (typeof fastNames)[number]

export type KernelArray = Float32Array | Int32Array | Uint16Array | Uint8Array | Int8Array

/** All arguments of a kernel but the last two, begin and end, with `Ref` where the definition takes an array. */
export type KernelArguments<Name extends FastName, Ref> =
  Parameters<(typeof definitions)[Name]> extends [...infer Leading extends (KernelArray | number)[], number, number]
    ? { readonly [I in keyof Leading]: Leading[I] extends number ? number : Ref }
    : never

/**
 * Runs the kernel `name` over all its `units` (its begin and end). `work` says roughly how many multiplications that takes,
 * so that a back end can tell what is worth sharing between threads; `grain` units are better not separated; the last
 * argument points to `scratch` bytes for each thread, if that is not 0.
 */
export type RunKernel<Ref> = <Name extends FastName>(
  name: Name,
  args: KernelArguments<Name, Ref>,
  units: number,
  work: number,
  grain?: number,
  scratch?: number,
) => void

/** Any kernel, for the code that only hands arguments on: written as a method because those may be narrower. */
export type Kernel = { method(...args: readonly unknown[]): unknown }['method']
