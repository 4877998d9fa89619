// Choosing by a condition, and by index along rows.
import { gather, where } from '../../kernels/select.ts'
import { type KernelCases, kernelCase, normal, room, whole } from './case.ts'

export const cases: KernelCases = ({ T, C }) => {
  const n = T * C
  return [
    kernelCase('where', `(${T}, ${C})`, where, [room(n), whole(n, 2), normal(n), normal(n, 2)] as const, { units: n }),
    kernelCase('gather', `(${T}, ${C}) along rows`, gather, [room(n), normal(n), whole(n, C), C, C, 1] as const, {
      units: n,
    }),
  ]
}
