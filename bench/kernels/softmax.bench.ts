// Softmax of attention scores, and over the vocabulary.
import { logSoftmax, softmax } from '../../kernels/softmax.ts'
import { type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, H, V }) => {
  const functions = { softmax, logSoftmax }
  return Object.entries(functions).flatMap(([name, definition]) =>
    [[H * T, T] as const, [1, V] as const].map(([rows, cols]) =>
      kernelCase(name, `(${rows}, ${cols})`, definition, [room(rows * cols), normal(rows * cols), cols] as const, {
        units: rows,
        tolerance: 1e-5,
      }),
    ),
  )
}
