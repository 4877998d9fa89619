// Element-wise functions over the inner layer of a prompt.
import { abs, erf, exp, log, neg, rsqrt, sqrt, tanh } from '../../kernels/math.ts'
import { type KernelCases, kernelCase, positive, room } from './case.ts'

export const cases: KernelCases = ({ T, M }) => {
  const n = T * M
  const x = positive(n)
  const functions = { neg, abs, exp, log, sqrt, rsqrt, tanh, erf }
  return Object.entries(functions).map(([name, definition]) =>
    kernelCase(name, `(${T}, ${M})`, definition, [room(n), x] as const, { units: n, tolerance: 1e-5 }),
  )
}
