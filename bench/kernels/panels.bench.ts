// The way of a weight into panels, from either order of a file, and back.
import { pack, unpack } from '../../kernels/panels.ts'
import { type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ C, M, width }) => {
  const panels = Math.ceil(M / width)
  const weight = normal(C * M, 2)
  const packed = [room(panels * width * C), weight, C, M] as const
  const units = { units: panels }
  return [
    kernelCase('pack', `(${C}, ${M}) of Conv1D`, pack, [...packed, M, 1, width, C * width] as const, units),
    kernelCase('pack', `(${M}, ${C}) of Linear`, pack, [...packed, 1, C, width, C * width] as const, units),
    kernelCase(
      'unpack',
      `(${C}, ${M})`,
      unpack,
      [room(C * M), normal(panels * width * C), C, M, M, 1, width] as const,
      { units: C },
    ),
  ]
}
