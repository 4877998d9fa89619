// Normalisation of a prompt's rows, and of one new token's.
import { layerNorm } from '../../kernels/layerNorm.ts'
import { type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, C }) =>
  [T, 1].map(rows =>
    kernelCase(
      'layerNorm',
      `(${rows}, ${C})`,
      layerNorm,
      [room(rows * C), normal(rows * C), normal(C, 2), normal(C, 3), 1e-5, C] as const,
      { units: rows, tolerance: 1e-4 },
    ),
  )
