// The product of two activations, as it is and with the second one transposed.
import { matmul } from '../../kernels/matmul.ts'
import { type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, C, D }) => {
  const a = normal(T * C)
  const b = normal(C * D, 2)
  const steps = { '': [D, 1], ' transposed': [1, C] } as const
  return Object.entries(steps).map(([what, [bRow, bCol]]) =>
    kernelCase('matmul', `(${T}, ${C}) x (${C}, ${D})${what}`, matmul, [room(T * D), a, b, C, D, bRow, bCol] as const, {
      units: T,
      flops: 2 * T * C * D,
      tolerance: 1e-3,
    }),
  )
}
