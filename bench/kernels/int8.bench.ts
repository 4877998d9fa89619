// Weights in int8: how they are made, how activations are rounded, and the product of a prompt and of one new token.
import {
  dequantiseInt8,
  levelsFor,
  linearInt8,
  paddedInputs,
  quantiseInt8,
  quantiseRows,
  roomForSums,
} from '../../kernels/int8.ts'
import { type KernelCase, type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, C, M, width, group }) => {
  const panels = Math.ceil(M / width)
  const inputs = paddedInputs(C)
  const levels = levelsFor(C)
  const weight = normal(panels * width * C, 2)
  const w = new Int8Array(panels * width * inputs)
  const [scales, sums] = [room(panels * width), new Int32Array(panels * width)]
  quantiseInt8(w, scales, sums, weight, C, width, group, 0, panels)
  const ofRows = (rows: number): KernelCase[] => {
    const q = group === 4 ? new Uint8Array(2 * rows * inputs) : new Uint16Array(rows * inputs)
    const [scale, zero, x] = [room(rows), new Int32Array(rows), normal(rows * C)]
    quantiseRows(q, scale, zero, x, C, levels, group, 0, rows)
    const arrays = [room(rows * M), q, scale, zero, w, scales, sums, normal(M, 3), room(0)] as const
    return [
      kernelCase(
        'quantiseRows',
        `(${rows}, ${C})`,
        quantiseRows,
        [q.slice(), scale, zero, x, C, levels, group] as const,
        {
          units: rows,
        },
      ),
      kernelCase(
        'linearInt8',
        `(${rows}, ${C}) x (${C}, ${M})`,
        linearInt8,
        [...arrays, 0, C, M, width, group, rows, new Int32Array(roomForSums(width))] as const,
        { units: panels, flops: 2 * rows * C * M, tolerance: 1e-2 },
      ),
    ]
  }
  return [
    kernelCase(
      'quantiseInt8',
      `(${C}, ${M})`,
      quantiseInt8,
      [w.slice(), scales, sums, weight, C, width, group] as const,
      { units: panels },
    ),
    kernelCase(
      'dequantiseInt8',
      `(${C}, ${M})`,
      dequantiseInt8,
      [weight.slice(), w, scales, C, width, group] as const,
      { units: panels },
    ),
    ...ofRows(T),
    ...ofRows(1),
  ]
}
