// The best of the vocabulary.
import { topk } from '../../kernels/order.ts'
import { type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ V }) => {
  const k = 50
  return [
    kernelCase('topk', `${k} of ${V}`, topk, [room(k), new Int32Array(k), normal(V), V, k, 1] as const, { units: 1 }),
  ]
}
