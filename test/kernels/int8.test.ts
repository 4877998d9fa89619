import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  dequantiseInt8,
  levelsFor,
  linearInt8,
  paddedInputs,
  quantiseInt8,
  quantiseRows,
  roomForSums,
} from '../../kernels/int8.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { groups, int8Weight, numbers, products, sizes, twinsAgree } from './twins.ts'

const none = new Float32Array(0)

/** Rows of random numbers as whole ones. */
function activations(rows: number, k: number, group: number) {
  const x = numbers(rows * k, 6)
  const length = rows * paddedInputs(k)
  const q = group === 4 ? new Uint8Array(2 * length) : new Uint16Array(length)
  const scale = new Float32Array(rows)
  const zero = new Int32Array(rows)
  quantiseRows(q, scale, zero, x, k, levelsFor(k), group, 0, rows)
  return { q, scale, zero, x }
}

describe.each([2, 4])('quantiseInt8, %i inputs at a time', group => {
  const drawn = fc.tuple(sizes(40), sizes(40))
  const arrays = (k: number, n: number, width: number) => {
    const { q, scales, sums, w, panels } = int8Weight(k, n, width, group)
    return { out: q.slice().fill(1), scales, sums, w, panels }
  }
  twinsAgree(
    'is its definition',
    drawn,
    ([k, n], width) => {
      const { out, scales, sums, w, panels } = arrays(k, n, width)
      return trial('quantiseInt8', [out, scales, sums, w, k, width, group], panels)
    },
    { tolerance: 0 },
  )
})

describe.each([2, 4])('quantiseRows for %i inputs at a time', group => {
  twinsAgree(
    'is its definition',
    fc.tuple(fc.integer({ min: 1, max: 4 }), sizes(), fc.constantFrom(0, 1e-3, 1, 50), fc.constantFrom(255, 16383)),
    ([rows, cols, size, levels]) => {
      const length = rows * paddedInputs(cols)
      const out = group === 4 ? new Uint8Array(2 * length) : new Uint16Array(length)
      const x = numbers(rows * cols, cols, size)
      return trial('quantiseRows', [out, new Float32Array(rows), new Int32Array(rows), x, cols, levels, group], rows)
    },
    { tolerance: 0 },
  )
})

describe.each(groups)('linearInt8, %i inputs at a time', group => {
  twinsAgree(
    'is its definition, with and without what follows a product',
    products(sizes(60)),
    ({ rows, k, n, ending, hasBias, hasResidual }, width) => {
      const { q, scales, sums, panels } = int8Weight(k, n, width, group)
      const x = activations(rows, k, group)
      const extras = [hasBias ? numbers(n, 8) : none, hasResidual ? numbers(rows * n, 9) : none] as const
      const arrays = [new Float32Array(rows * n), x.q, x.scale, x.zero, q, scales, sums, ...extras] as const
      const scratch = new Int32Array(roomForSums(width))
      return trial('linearInt8', [...arrays, ending, k, n, width, group, rows, scratch], panels)
    },
    { tolerance: 2e-6 },
    group,
  )
})

test.each([2, 4])('the product is near that of the numbers themselves (%i inputs at a time)', group => {
  const [rows, k, n, width] = [5, 200, 30, 8]
  const { q, scales, sums, w, panels } = int8Weight(k, n, width, group)
  const x = activations(rows, k, group)
  const out = new Float32Array(rows * n)
  const scratch = new Int32Array(roomForSums(width))
  linearInt8(out, x.q, x.scale, x.zero, q, scales, sums, none, none, 0, k, n, width, group, rows, scratch, 0, panels)
  for (const [i, value] of out.entries()) {
    const [r, o] = [Math.floor(i / n), i % n]
    let sum = 0
    for (let j = 0; j < k; j++) {
      sum += x.x[r * k + j]! * w[(Math.floor(o / width) * k + j) * width + (o % width)]!
    }
    // Numbers of size 1, whose errors add up like the root of k.
    expect(Math.abs(value - sum)).toBeLessThan(0.005 * Math.sqrt(k))
  }
})

describe.each([2, 4])('dequantiseInt8, %i inputs at a time', group => {
  twinsAgree(
    'is its definition',
    fc.tuple(sizes(40), sizes(40)),
    ([k, n], width) => {
      const { q, scales, w, panels } = int8Weight(k, n, width, group)
      return trial('dequantiseInt8', [w.slice().fill(1), q, scales, k, width, group], panels)
    },
    { tolerance: 0 },
  )
})

test('dequantiseInt8 is off by half a step at the most', () => {
  const [k, n, width] = [13, 11, 8]
  for (const group of [2, 4]) {
    const { q, scales, w, panels } = int8Weight(k, n, width, group)
    const back = new Float32Array(w.length)
    dequantiseInt8(back, q, scales, k, width, group, 0, panels)
    for (const [i, value] of back.entries()) {
      const scale = scales[Math.floor(i / (k * width)) * width + (i % width)]!
      expect(Math.abs(value - w[i]!)).toBeLessThanOrEqual(scale / 2 + 1e-6)
    }
  }
})

test('a weight and a row of zeros give zeros', () => {
  const [q, scales, sums] = [new Int8Array(8 * 4), new Float32Array(8), new Int32Array(8)]
  quantiseInt8(q, scales, sums, new Float32Array(8 * 4), 4, 8, 2, 0, 1)
  const [x, scale, zero] = [new Uint16Array(4), new Float32Array(1), new Int32Array(1)]
  quantiseRows(x, scale, zero, new Float32Array(4), 4, 255, 2, 0, 1)
  const out = new Float32Array(8).fill(1)
  linearInt8(out, x, scale, zero, q, scales, sums, none, none, 0, 4, 8, 8, 2, 1, new Int32Array(roomForSums(8)), 0, 1)
  expect(Array.from(out, Math.abs)).toEqual(Array(8).fill(0))
})

test.each([1, 3, 768, 3072, 100_000])('sums of the products of %i inputs stay within 32 bits', k => {
  const levels = levelsFor(k)
  expect(levels).toBeGreaterThan(100)
  expect(levels).toBeLessThan(2 ** 14)
  expect(levels * 127 * k).toBeLessThan(2 ** 31)
})

describe.each(groups)('the largest numbers that there are, %i inputs at a time', group => {
  twinsAgree(
    'give the right sums',
    fc.constantFrom(64, 768, 3072),
    (k, width) => {
      const n = width
      const q = new Int8Array(width * paddedInputs(k))
      const [scales, sums] = [new Float32Array(width), new Int32Array(width)]
      quantiseInt8(q, scales, sums, new Float32Array(width * k).fill(-1), k, width, group, 0, 1)
      const x = group === 4 ? new Uint8Array(2 * paddedInputs(k)) : new Uint16Array(paddedInputs(k))
      const [scale, zero] = [new Float32Array(1), new Int32Array(1)]
      quantiseRows(x, scale, zero, new Float32Array(k).fill(1), k, levelsFor(k), group, 0, 1)
      const arrays = [new Float32Array(n), x, scale, zero, q, scales, sums, none, none] as const
      return trial('linearInt8', [...arrays, 0, k, n, width, group, 1, new Int32Array(roomForSums(width))], 1)
    },
    { tolerance: 2e-6 },
    group,
  )
})
