// Splitting q, k and v off each other, heads apart and together, general permutations, conversion.
import { cast, copyBlocks, gatherSteps, swapAxes } from '../../kernels/move.ts'
import { type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, C, H, D }) => {
  const n = T * C
  const x = normal(n)
  return [
    kernelCase(
      'copyBlocks',
      `(${T}, ${C}) of (${T}, ${3 * C})`,
      copyBlocks,
      [room(n), normal(3 * n), C, 3 * C, C] as const,
      {
        units: T,
        bytes: 8 * n,
      },
    ),
    kernelCase('swapAxes', `(${T}, ${H}, ${D}) to heads`, swapAxes, [room(n), x, T, H, D] as const, { units: H }),
    kernelCase('gatherSteps', `(${T}, ${C}) transposed`, gatherSteps, [room(n), x, [C, T], [1, C]] as const, {
      units: n,
    }),
    kernelCase('cast', `(${T}, ${C}) to int32`, cast, [new Int32Array(n), x] as const, { units: n }),
  ]
}
