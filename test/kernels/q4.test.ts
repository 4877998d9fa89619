import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bfloat16,
  blockLength,
  blocksOf,
  dequantiseQ4,
  fromBFloat16,
  linearQ4,
  quantiseBlocks,
  quantiseQ4,
} from '../../kernels/q4.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, products, q4Weight, sizes, twinsAgree } from './twins.ts'

const none = new Float32Array(0)

function activations(rows: number, k: number) {
  const x = numbers(rows * k, 6)
  const q = new Int8Array(rows * blocksOf(k) * blockLength)
  const scale = new Float32Array(rows * blocksOf(k))
  const sum = new Int32Array(rows * blocksOf(k))
  quantiseBlocks(q, scale, sum, x, k, 0, rows)
  return { q, scale, sum, x }
}

describe('quantiseQ4', () => {
  twinsAgree(
    'is its definition',
    fc.tuple(sizes(), sizes(40)),
    ([k, n], width) => {
      const { q, scales, w, panels } = q4Weight(k, n, width)
      return trial('quantiseQ4', [q.slice().fill(0), scales.slice().fill(0), w, k, width], panels)
    },
    { tolerance: 0 },
  )
})

describe('quantiseBlocks', () => {
  twinsAgree(
    'is its definition',
    fc.tuple(fc.integer({ min: 1, max: 4 }), sizes(), fc.constantFrom(0, 1e-3, 1, 50)),
    ([rows, cols, size]) => {
      const blocks = rows * blocksOf(cols)
      const arrays = [new Int8Array(blocks * blockLength), new Float32Array(blocks), new Int32Array(blocks)] as const
      return trial('quantiseBlocks', [...arrays, numbers(rows * cols, cols, size), cols], rows)
    },
    { tolerance: 0 },
  )
})

describe('linearQ4', () => {
  twinsAgree(
    'is its definition, with and without what follows a product',
    products(sizes(20), sizes(100)),
    ({ rows, k, n, ending, hasBias, hasResidual }, width) => {
      const { q, scales, panels } = q4Weight(k, n, width)
      const x = activations(rows, k)
      const extras = [hasBias ? numbers(n, 8) : none, hasResidual ? numbers(rows * n, 9) : none] as const
      const arrays = [new Float32Array(rows * n), x.q, x.scale, x.sum, q, scales, ...extras] as const
      return trial('linearQ4', [...arrays, ending, k, n, width, rows], panels)
    },
    { tolerance: 3e-6 },
  )
})

test('sums of a block come near the end of 16 bits, and stay right', () => {
  const w = new Float32Array(32 * 8).fill(-1)
  const x = new Float32Array(32).fill(3)
  const [q, scales] = [new Uint8Array(16 * 8), new Uint16Array(8)]
  quantiseQ4(q, scales, w, 32, 8, 0, 1)
  const [xq, scale, sum] = [new Int8Array(32), new Float32Array(1), new Int32Array(1)]
  quantiseBlocks(xq, scale, sum, x, 32, 0, 1)
  const out = new Float32Array(8)
  linearQ4(out, xq, scale, sum, q, scales, none, none, 0, 32, 8, 8, 1, 0, 1)
  for (const value of out) expect(value).toBeCloseTo(-96, 3)
})

describe('dequantiseQ4', () => {
  twinsAgree(
    'is its definition',
    fc.tuple(sizes(), sizes(40)),
    ([k, n], width) => {
      const { q, scales, w, panels } = q4Weight(k, n, width)
      return trial('dequantiseQ4', [w.slice().fill(1), q, scales, k, width], panels)
    },
    { tolerance: 0 },
  )
})

test('dequantiseQ4 gives the farthest number of a block back, and the others within half a step', () => {
  const [k, n, width] = [70, 11, 8]
  const { q, scales, w, panels } = q4Weight(k, n, width)
  const back = new Float32Array(w.length)
  dequantiseQ4(back, q, scales, k, width, 0, panels)
  for (const [i, value] of back.entries()) {
    const row = Math.floor(i / width)
    const [p, input] = [Math.floor(row / k), row % k]
    const scale = Math.abs(
      fromBFloat16(scales[(p * blocksOf(k) + Math.floor(input / blockLength)) * width + (i % width)]!),
    )
    // Numbers of the other sign end at 7 steps, and a scale has 8 bits.
    expect(Math.abs(value - w[i]!)).toBeLessThanOrEqual(scale * 1.05)
  }
})

test('bfloat16 rounds to the nearest, ties to even', () => {
  for (const [x, nearest] of [
    [1, 1],
    [1 + 2 ** -8, 1],
    [1 + 3 * 2 ** -8, 1 + 2 ** -6],
    [-0.3, -0.30078125],
  ] as const) {
    expect(fromBFloat16(bfloat16(x))).toBe(nearest)
  }
})
