// Products with a weight: a prompt and one new token, inwards and outwards, alone and with what follows them in a model.
import { endings } from '../../kernels/activation.ts'
import { linear } from '../../kernels/linear.ts'
import { type KernelCase, type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, C, M, V, width }) => {
  const product = (rows: number, k: number, n: number, ending: (typeof endings)[number] = 'none'): KernelCase => {
    const panels = Math.ceil(n / width)
    const arrays = [room(rows * n), normal(rows * k), normal(panels * width * k, 2), normal(n, 3)] as const
    const isEnded = ending !== 'none'
    return kernelCase(
      'linear',
      `(${rows}, ${k}) x (${k}, ${n})${isEnded ? `, ${ending}, residual` : ''}`,
      linear,
      [...arrays, isEnded ? normal(rows * n, 4) : room(0), endings.indexOf(ending), k, n, width, rows] as const,
      { units: panels, flops: 2 * rows * k * n, tolerance: 1e-3 },
    )
  }
  return [
    product(T, C, M),
    product(T, C, M, 'geluTanh'),
    product(T, M, C),
    product(1, C, M),
    product(1, M, C),
    product(1, C, V),
  ]
}
