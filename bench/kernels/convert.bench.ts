// Half-precision weights of one matrix, widened.
import { widenBF16, widenF16 } from '../../kernels/convert.ts'
import { type KernelCases, kernelCase, room, whole } from './case.ts'

export const cases: KernelCases = ({ C, M }) => {
  const n = C * M
  // Exponents below 31: neither infinite nor NaN.
  const bits = Uint16Array.from(whole(n, 31 << 10))
  const functions = { widenF16, widenBF16 }
  return Object.entries(functions).map(([name, definition]) =>
    kernelCase(name, `(${C}, ${M})`, definition, [room(n), bits] as const, { units: n }),
  )
}
