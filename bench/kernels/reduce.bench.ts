// Sums and the like along rows and along columns, and the best token of the vocabulary.
import { argmax, cumsum, max, mean, min, sum } from '../../kernels/reduce.ts'
import { type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, C, V }) => {
  const x = normal(T * C)
  const functions = Object.entries({ sum, mean, max, min })
  return [
    ...functions.map(([name, definition]) =>
      kernelCase(name, `(${T}, ${C}) along rows`, definition, [room(T), x, C, 1] as const, {
        units: T,
        tolerance: 1e-3,
      }),
    ),
    ...functions.map(([name, definition]) =>
      kernelCase(name, `(${T}, ${C}) along columns`, definition, [room(C), x, T, C] as const, {
        units: C,
        tolerance: 1e-3,
      }),
    ),
    kernelCase('argmax', `(1, ${V})`, argmax, [new Int32Array(1), normal(V), V, 1] as const, { units: 1 }),
    kernelCase('cumsum', `(${T}, ${C}) along rows`, cumsum, [room(T * C), x, C, 1] as const, {
      units: T,
      tolerance: 1e-3,
    }),
  ]
}
