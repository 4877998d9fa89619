// Rows of the word table for a prompt, from the panels that the output layer multiplies by.
import { embedding } from '../../kernels/embedding.ts'
import { type KernelCases, kernelCase, normal, room, whole } from './case.ts'

export const cases: KernelCases = ({ T, C, V, width }) => {
  const rows = Math.ceil(V / width) * width
  const table = normal(rows * C)
  const ids = whole(T, V)
  return [1, width].map(panel =>
    kernelCase(
      'embedding',
      `${T} of (${V}, ${C}), ${panel === 1 ? 'rows' : 'panels'}`,
      embedding,
      [room(T * C), table, ids, C, panel] as const,
      { units: T, bytes: 8 * T * C },
    ),
  )
}
