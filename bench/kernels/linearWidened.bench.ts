// Products of a prompt with a weight in int8 or 4 bits that is turned back into float32 panel by panel.
import { paddedInputs, quantiseInt8 } from '../../kernels/int8.ts'
import { linearWidenedInt8, linearWidenedQ4 } from '../../kernels/linearWidened.ts'
import { blocksOf, quantiseQ4 } from '../../kernels/q4.ts'
import { type KernelCases, kernelCase, normal, room } from './case.ts'

export const cases: KernelCases = ({ T, C, M, width, group }) => {
  const panels = Math.ceil(M / width)
  const weight = normal(panels * width * C, 2)
  const bytes = new Int8Array(panels * width * paddedInputs(C))
  const [scales, sums] = [room(panels * width), new Int32Array(panels * width)]
  quantiseInt8(bytes, scales, sums, weight, C, width, group, 0, panels)
  const halves = new Uint8Array(panels * blocksOf(C) * 16 * width)
  const blockScales = new Uint16Array(panels * blocksOf(C) * width)
  quantiseQ4(halves, blockScales, weight, C, width, 0, panels)
  const [out, x, bias, none, scratch] = [room(T * M), normal(T * C), normal(M, 3), room(0), room(C * width)]
  const about = { units: panels, flops: 2 * T * C * M, tolerance: 1e-2 }
  const subject = `(${T}, ${C}) x (${C}, ${M})`
  return [
    kernelCase(
      'linearWidenedInt8',
      subject,
      linearWidenedInt8,
      [out, x, bytes, scales, bias, none, 0, C, M, width, group, T, scratch] as const,
      about,
    ),
    kernelCase(
      'linearWidenedQ4',
      subject,
      linearWidenedQ4,
      [out, x, halves, blockScales, bias, none, 0, C, M, width, T, scratch] as const,
      about,
    ),
  ]
}
