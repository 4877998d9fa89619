// What the tests need of the machine at least, from the sizes of the model.
import type { Demand } from '../harness/roofline.ts'
import type { EngineDType } from '../peers/engine.ts'
import { multiplied, type Size } from '../subjects/sizes.ts'

/** Bytes that a weight takes in memory; q4 has a scale of 16 bits for each 32. */
export const bytesOf: Readonly<Record<EngineDType, number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  q4: 0.5625,
}

/** A prompt of T tokens through GPT-2, with the logits of the last one. */
export function prefillDemand(size: Size, T: number, dtype: EngineDType): Demand {
  const { layers, C, V } = size
  // Causal: half of the T x T scores.
  const attention = layers * 2 * T * T * C
  return {
    flops: 2 * T * multiplied(size) + attention + 2 * V * C,
    bytes: bytesOf[dtype] * (multiplied(size) + V * C),
  }
}

/** One token of GPT-2 with so many in the cache: every weight is read, and every key and value. */
export function tokenDemand(size: Size, context: number, dtype: EngineDType): Demand {
  const { layers, C, V } = size
  const weights = multiplied(size) + V * C
  const cache = layers * 2 * context * C
  return { flops: 2 * weights + 2 * cache, bytes: bytesOf[dtype] * weights + 4 * cache }
}

/** B rows of T tokens through BERT. */
export function forwardDemand(size: Size, B: number, dtype: EngineDType): Demand {
  const { layers, C, T } = size
  const attention = layers * 4 * T * T * C
  return { flops: B * (2 * T * multiplied(size) + attention), bytes: bytesOf[dtype] * multiplied(size) }
}
