// Products with a weight that is kept in half precision: a prompt and one new token.
import { linearBF16, linearF16 } from '../../kernels/linearHalf.ts'
import { type KernelCases, kernelCase, normal, room, whole } from './case.ts'

const functions = { linearF16, linearBF16 }

export const cases: KernelCases = ({ T, C, M, width }) =>
  Object.entries(functions).flatMap(([name, definition]) =>
    [T, 1].map(rows => {
      const panels = Math.ceil(M / width)
      // Numbers up to 1 in binary16, tiny ones in bfloat16: the work is the same.
      const bits = Uint16Array.from(whole(panels * width * C, 15 << 10))
      const arrays = [room(rows * M), normal(rows * C), bits, normal(M, 3), room(0)] as const
      return kernelCase(
        name,
        `(${rows}, ${C}) x (${C}, ${M})`,
        definition,
        [...arrays, 0, C, M, width, rows, room(C * width)] as const,
        { units: panels, flops: 2 * rows * C * M, tolerance: 1e-2 },
      )
    }),
  )
