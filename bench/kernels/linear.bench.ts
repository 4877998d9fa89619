// Products with a weight: a prompt and one new token, inwards and outwards, and the way into panels and back.
import { linear, pack, unpack } from '../../kernels/linear.ts'
import { type KernelCase, type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, C, M, V, width }) => {
  const product = (rows: number, k: number, n: number): KernelCase => {
    const panels = Math.ceil(n / width)
    return kernelCase(
      'linear',
      `(${rows}, ${k}) x (${k}, ${n})`,
      linear,
      [room(rows * n), normal(rows * k), normal(panels * width * k, 2), normal(n, 3), k, n, width, rows] as const,
      { units: panels, flops: 2 * rows * k * n, tolerance: 1e-3 },
    )
  }
  const panels = Math.ceil(M / width)
  const weight = normal(C * M, 2)
  return [
    product(T, C, M),
    product(T, M, C),
    product(1, C, M),
    product(1, M, C),
    product(1, C, V),
    kernelCase(
      'pack',
      `(${C}, ${M}) of Conv1D`,
      pack,
      [room(panels * width * C), weight, C, M, M, 1, width, C * width] as const,
      { units: panels },
    ),
    kernelCase(
      'pack',
      `(${M}, ${C}) of Linear`,
      pack,
      [room(panels * width * C), weight, C, M, 1, C, width, C * width] as const,
      { units: panels },
    ),
    kernelCase(
      'unpack',
      `(${C}, ${M})`,
      unpack,
      [room(C * M), normal(panels * width * C), C, M, M, 1, width] as const,
      {
        units: C,
      },
    ),
  ]
}
