// Weights of one matrix to half precision and back.
import { narrowBF16, narrowF16, widenBF16, widenF16 } from '../../kernels/convert.ts'
import { type KernelCases, kernelCase, normal, room, whole } from './case.ts'

const wider = { widenF16, widenBF16 }
const narrower = { narrowF16, narrowBF16 }

export const cases: KernelCases = ({ C, M }) => {
  const n = C * M
  // Exponents below 31: neither infinite nor NaN.
  const bits = Uint16Array.from(whole(n, 31 << 10))
  const numbers = normal(n)
  return [
    ...Object.entries(wider).map(([name, definition]) =>
      kernelCase(name, `(${C}, ${M})`, definition, [room(n), bits] as const, { units: n }),
    ),
    ...Object.entries(narrower).map(([name, definition]) =>
      kernelCase(name, `(${C}, ${M})`, definition, [new Uint16Array(n), numbers] as const, { units: n }),
    ),
  ]
}
