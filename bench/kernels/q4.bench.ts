// Weights in 4 bits: how they are made, how activations are rounded, and the product of a prompt and of one new token.
import { blockLength, blocksOf, dequantiseQ4, linearQ4, quantiseBlocks, quantiseQ4 } from '../../kernels/q4.ts'
import { type KernelCase, type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, C, M, width }) => {
  const panels = Math.ceil(M / width)
  const blocks = blocksOf(C)
  const weight = normal(panels * width * C, 2)
  const w = new Uint8Array(panels * blocks * 16 * width)
  const scales = new Uint16Array(panels * blocks * width)
  quantiseQ4(w, scales, weight, C, width, 0, panels)
  const ofRows = (rows: number): KernelCase[] => {
    const q = new Int8Array(rows * blocks * blockLength)
    const [scale, sum, x] = [room(rows * blocks), new Int32Array(rows * blocks), normal(rows * C)]
    quantiseBlocks(q, scale, sum, x, C, 0, rows)
    const arrays = [room(rows * M), q, scale, sum, w, scales, normal(M, 3), room(0)] as const
    return [
      kernelCase('quantiseBlocks', `(${rows}, ${C})`, quantiseBlocks, [q.slice(), scale, sum, x, C] as const, {
        units: rows,
      }),
      kernelCase('linearQ4', `(${rows}, ${C}) x (${C}, ${M})`, linearQ4, [...arrays, 0, C, M, width, rows] as const, {
        units: panels,
        flops: 2 * rows * C * M,
        tolerance: 1e-2,
      }),
    ]
  }
  return [
    kernelCase('quantiseQ4', `(${C}, ${M})`, quantiseQ4, [w.slice(), scales, weight, C, width] as const, {
      units: panels,
    }),
    kernelCase('dequantiseQ4', `(${C}, ${M})`, dequantiseQ4, [weight.slice(), w, scales, C, width] as const, {
      units: panels,
    }),
    ...ofRows(T),
    ...ofRows(1),
  ]
}
