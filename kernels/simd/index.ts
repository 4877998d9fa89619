// The kernels of this folder as one WebAssembly module over a shared memory that it is given.
export * from './activation'
export { attention, attentionScores, attentionValues } from './attention'
export * from './binary'
export * from './convert'
export * from './embedding'
export * from './layerNorm'
export * from './linear'
export { abs, erf, exp, log, neg, rsqrt, sqrt, tanh } from './math'
export * from './matmul'
export { copyBlocks, swapAxes } from './move'
export * from './reduce'
export { logSoftmax, softmax } from './softmax'

/** The first byte behind the module's constants: where memory is free. */
export function heapBase(): usize {
  return __heap_base
}
