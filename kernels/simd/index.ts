// The kernels of this folder as one WebAssembly module over a shared memory that it is given.
export { gelu, geluTanh, relu, sigmoid, silu } from './activation'
export { attention, attentionScores, attentionValues } from './attention'
export * from './binary'
export { narrowBF16, narrowF16, widenBF16, widenF16 } from './convert'
export * from './embedding'
export { dequantiseInt8, linearInt8, quantiseInt8, quantiseRows } from './int8'
export * from './layerNorm'
export { linear } from './linear'
export { linearBF16, linearF16 } from './linearHalf'
export { linearWidenedInt8, linearWidenedQ4 } from './linearWidened'
export { abs, erf, exp, log, neg, rsqrt, sqrt, tanh } from './math'
export * from './matmul'
export { copyBlocks, swapAxes } from './move'
export { pack, unpack } from './panels'
export { multiplyAdd, readThrough } from './probe'
export { dequantiseQ4, linearQ4, quantiseBlocks, quantiseQ4 } from './q4'
export * from './reduce'
export { logSoftmax, softmax } from './softmax'
export { useTiles } from './tile'

/** The first byte behind the module's constants: where memory is free. */
export function heapBase(): usize {
  return __heap_base
}
