// Arithmetic of two arrays: the residual sum, a bias added to every row, and the rest element by element.
import * as binary from '../../kernels/binary.ts'
import { type KernelCases, kernelCase, positive, room } from './case.ts'

type Operands = [Float32Array, Float32Array, Float32Array, number, number, number, number, number]
type BinaryKernel = (...args: [...Operands, number, number]) => void

export const cases: KernelCases = ({ T, C }) => {
  const [a, b] = [positive(T * C, 4), positive(T * C, 5)]
  const grid = Object.entries(binary).map(([name, definition]: [string, BinaryKernel]) =>
    kernelCase(name, `(${T}, ${C}) and the same`, definition, [room(T * C), a, b, C, C, 1, C, 1], {
      units: T,
      tolerance: 1e-5,
    }),
  )
  const row: Operands = [room(T * C), a, positive(C), C, C, 1, 0, 1]
  return [...grid, kernelCase('add', `(${T}, ${C}) and one row`, binary.add, row, { units: T })]
}
