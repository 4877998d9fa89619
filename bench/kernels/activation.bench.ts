// Activation functions over the inner layer of a prompt.
import { gelu, geluTanh, relu, sigmoid, silu } from '../../kernels/activation.ts'
import { type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, M }) => {
  const n = T * M
  const x = normal(n)
  const functions = { relu, sigmoid, silu, gelu, geluTanh }
  return Object.entries(functions).map(([name, definition]) =>
    kernelCase(name, `(${T}, ${M})`, definition, [room(n), x] as const, { units: n, tolerance: 1e-5 }),
  )
}
