// Rows of the word table for a prompt, from the panels that the output layer multiplies by.
import { embedding, embeddingBF16, embeddingF16, embeddingInt8, embeddingQ4 } from '../../kernels/embedding.ts'
import { paddedInputs, quantiseInt8 } from '../../kernels/int8.ts'
import { blocksOf, quantiseQ4 } from '../../kernels/q4.ts'
import { type KernelCases, kernelCase, normal, room, whole } from './case.ts'

export const cases: KernelCases = ({ T, C, V, width, group }) => {
  const panels = Math.ceil(V / width)
  const rows = panels * width
  const table = normal(rows * C)
  const ids = whole(T, V)
  const sizes = `${T} of (${V}, ${C})`
  const work = (bytes: number) => ({ units: T, bytes: (4 + bytes) * T * C })
  // Numbers up to 1 in binary16, tiny ones in bfloat16: the work is the same.
  const words = Uint16Array.from(whole(rows * C, 15 << 10))
  const bytes = new Int8Array(rows * paddedInputs(C))
  const [scales, sums] = [room(rows), new Int32Array(rows)]
  quantiseInt8(bytes, scales, sums, table, C, width, group, 0, panels)
  const fours = new Uint8Array(rows * blocksOf(C) * 16)
  const blockScales = new Uint16Array(rows * blocksOf(C))
  quantiseQ4(fours, blockScales, table, C, width, 0, panels)
  const out = () => room(T * C)
  return [
    kernelCase('embedding', `${sizes}, rows`, embedding, [out(), table, ids, C, 1] as const, work(4)),
    kernelCase('embedding', `${sizes}, panels`, embedding, [out(), table, ids, C, width] as const, work(4)),
    kernelCase('embeddingF16', sizes, embeddingF16, [out(), words, ids, C, width] as const, work(2)),
    kernelCase('embeddingBF16', sizes, embeddingBF16, [out(), words, ids, C, width] as const, work(2)),
    kernelCase('embeddingInt8', sizes, embeddingInt8, [out(), bytes, scales, ids, C, width, group] as const, work(1)),
    kernelCase('embeddingQ4', sizes, embeddingQ4, [out(), fours, blockScales, ids, C, width] as const, work(0.5)),
  ]
}
