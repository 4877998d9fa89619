// What a kernel module must get right before it is used: every kernel whose instructions an engine is free to choose, or that
// an experimental flag changes, at sizes that lead through each of its branches.

import { levelsFor, paddedInputs, roomForSums } from '../../../kernels/int8.ts'
import { lanes } from '../../../kernels/probe.ts'
import { blocksOf } from '../../../kernels/q4.ts'
import type { KernelArray } from '../kernels.ts'
import { definitions } from '../kernels.ts'
import type { BoundKernels } from './module.ts'
import { byDefinition, byTwin, type Trial, trial } from './trial.ts'
import type { WasmMemory } from './wasmTypes.ts'

/** Sums of some dozens of numbers near 1 come within this of their definition. */
const tolerance = 1e-5

/** The first trial that goes wrong, by the name of its kernel; undefined when all are right. */
export function firstFault(
  bound: BoundKernels,
  memory: WasmMemory,
  trials: () => readonly Trial[],
): string | undefined {
  return trials().find(each => !agree(byDefinition(each), byTwin(each, bound, memory)))?.name
}

function agree(expected: KernelArray, actual: KernelArray): boolean {
  return expected.every((value, i) => Math.abs(actual[i]! - value) <= tolerance * Math.max(1, Math.abs(value)))
}

/** A glance at what all modules share: a multiplication and addition in one. */
export const fewTrials = (): Trial[] => [product(8, 5, 9, 11, 2), product(8, 1, 9, 11, 0), fourBitProduct(8, 5)]

/** Every branch of every kernel that the flags change, with panels of `width`. */
export const allTrials = (width: number) => (): Trial[] => {
  const none = new Float32Array(0)
  return [
    ...[1, 4, 6, 13].flatMap(rows => [5, width * 2 + 3].map(n => product(width, rows, 33, n, rows % 5))),
    ...(['exp', 'tanh', 'relu', 'gelu', 'geluTanh', 'sigmoid', 'silu'] as const).map(name =>
      trial(name, [new Float32Array(37), numbers(37, 4)], 37),
    ),
    trial('softmax', [new Float32Array(3 * 37), numbers(3 * 37, 4), 37], 3),
    trial('layerNorm', [new Float32Array(3 * 37), numbers(3 * 37), numbers(37), numbers(37), 1e-5, 37], 3),
    trial('add', [new Float32Array(3 * 37), numbers(3 * 37), numbers(37), 37, 37, 1, 0, 1], 3),
    ...[1, 7].map(T => attention(T, none)),
    ...[1, 6, 13].flatMap(rows => [int8Product(width, rows, 2), fourBitProduct(width, rows)]),
    ...widenedProducts(width, 13),
    trial('multiplyAdd', [numbers(2 * lanes), numbers(9, 0.1), 9], 2),
    trial('readThrough', [new Int32Array(8), Int32Array.from(numbers(96, 2 ** 20)), 48], 2),
  ]
}

/** Products of int8 numbers by the relaxed dot product, with numbers as far from 0 as they get. */
export const dotTrials = (width: number) => (): Trial[] => [1, 6, 13].map(rows => int8Product(width, rows, 4))

/** A product with every kind of ending, so that the rows and columns left over at the sides are met too. */
function product(width: number, rows: number, k: number, n: number, ending: number): Trial {
  const panels = Math.ceil(n / width)
  const w = new Float32Array(panels * width * k)
  definitions.pack(w, numbers(k * n), k, n, n, 1, width, k * width, 0, panels)
  const arrays = [new Float32Array(rows * n), numbers(rows * k), w, numbers(n), numbers(rows * n)] as const
  return trial('linear', [...arrays, ending, k, n, width, rows], panels)
}

function int8Product(width: number, rows: number, group: 2 | 4): Trial {
  const [k, n] = [33, width + 3]
  const { w, scales, sums, panels } = inInt8(k, n, width, group)
  const length = rows * paddedInputs(k)
  const q = group === 4 ? new Uint8Array(2 * length) : new Uint16Array(length)
  const [scale, zero] = [new Float32Array(rows), new Int32Array(rows)]
  definitions.quantiseRows(q, scale, zero, numbers(rows * k), k, levelsFor(k), group, 0, rows)
  const arrays = [new Float32Array(rows * n), q, scale, zero, w, scales, sums, numbers(n), numbers(rows * n)] as const
  return trial('linearInt8', [...arrays, 1, k, n, width, group, rows, new Int32Array(roomForSums(width))], panels)
}

function fourBitProduct(width: number, rows: number): Trial {
  const [k, n] = [65, width + 3]
  const { w, scales, panels } = inFourBits(k, n, width)
  const q = new Int8Array(rows * blocksOf(k) * 32)
  const [scale, sum] = [new Float32Array(rows * blocksOf(k)), new Int32Array(rows * blocksOf(k))]
  definitions.quantiseBlocks(q, scale, sum, numbers(rows * k), k, 0, rows)
  const arrays = [new Float32Array(rows * n), q, scale, sum, w, scales, numbers(n), numbers(rows * n)] as const
  return trial('linearQ4', [...arrays, 1, k, n, width, rows], panels)
}

/** Products with weights that are widened, of 2 and of 4 inputs side by side and of 4 bits. */
function widenedProducts(width: number, rows: number): Trial[] {
  const [k, n] = [37, width + 3]
  const [x, bias, residual] = [numbers(rows * k), numbers(n), numbers(rows * n)]
  const [out, scratch] = [new Float32Array(rows * n), new Float32Array(k * width)]
  const small = ([2, 4] as const).map(group => {
    const { w, scales, panels } = inInt8(k, n, width, group)
    const arrays = [out, x, w, scales, bias, residual] as const
    return trial('linearWidenedInt8', [...arrays, 1, k, n, width, group, rows, scratch], panels)
  })
  const { w, scales, panels } = inFourBits(k, n, width)
  const arrays = [out, x, w, scales, bias, residual] as const
  return [...small, trial('linearWidenedQ4', [...arrays, 1, k, n, width, rows, scratch], panels)]
}

/** A weight of k inputs and n outputs in int8. */
function inInt8(k: number, n: number, width: number, group: 2 | 4) {
  const panels = Math.ceil(n / width)
  const w = new Int8Array(panels * width * paddedInputs(k))
  const [scales, sums] = [new Float32Array(panels * width), new Int32Array(panels * width)]
  definitions.quantiseInt8(w, scales, sums, numbers(panels * width * k), k, width, group, 0, panels)
  return { w, scales, sums, panels }
}

/** The same in 4 bits. */
function inFourBits(k: number, n: number, width: number) {
  const panels = Math.ceil(n / width)
  const w = new Uint8Array(panels * blocksOf(k) * 16 * width)
  const scales = new Uint16Array(panels * blocksOf(k) * width)
  definitions.quantiseQ4(w, scales, numbers(panels * width * k), k, width, 0, panels)
  return { w, scales, panels }
}

function attention(T: number, mask: KernelArray): Trial {
  const [H, S, D] = [2, 35, 36]
  const arrays = [new Float32Array(H * T * D), numbers(H * T * D), numbers(H * S * D), numbers(H * S * D)] as const
  return trial('attention', [...arrays, mask, H, T, S, S, D, 0.2, 1, 0, new Float32Array((S + 16) * (D + 24))], H * T)
}

/** Numbers between -size and size, the same each time. */
function numbers(length: number, size = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => size * Math.sin(i * 12.9898 + length))
}
