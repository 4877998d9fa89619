// The module: every fast twin by its name.
export { gelu, geluTanh, relu, sigmoid, silu } from './activation'
export { attention, attentionScores, attentionValues } from './attention'
export { add, div, mul, sub } from './binary'
export { widenBF16, widenF16 } from './convert'
export { embedding } from './embedding'
export { layerNorm } from './layerNorm'
export { linear, pack, unpack } from './linear'
export { abs, erf, exp, log, neg, rsqrt, sqrt, tanh } from './math'
export { matmul } from './matmul'
export { copyBlocks, swapAxes } from './move'
export { max, mean, min, sum } from './reduce'
export { logSoftmax, softmax } from './softmax'

/** The first byte of memory behind the module's own constants. */
export function heapBase(): usize {
  return __heap_base
}
