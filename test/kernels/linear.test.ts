import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linear } from '../../kernels/linear.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, panelsOf, products, sizes, twinsAgree } from './twins.ts'

const none = new Float32Array(0)

describe('linear', () => {
  twinsAgree(
    'is its definition, with and without what follows a product',
    products(sizes(30), fc.oneof(fc.constant(0), sizes())),
    ({ rows, k, n, ending, hasBias, hasResidual }, width) => {
      const weights = panelsOf(numbers(k * n, 7), k, n, width)
      const extras = [hasBias ? numbers(n, 8) : none, hasResidual ? numbers(rows * n, 9) : none] as const
      const arrays = [new Float32Array(rows * n), numbers(rows * k, 6), weights, ...extras] as const
      return trial('linear', [...arrays, ending, k, n, width, rows], Math.ceil(n / width))
    },
    { tolerance: 5e-6 },
  )

  twinsAgree(
    'is its definition when the rows fill more than one block',
    fc.constantFrom(127, 131, 140),
    (rows, width) => {
      const [k, n] = [1400, width + 1]
      const weights = panelsOf(numbers(k * n, 7), k, n, width)
      const args = [new Float32Array(rows * n), numbers(rows * k, 6), weights, numbers(n), none] as const
      return trial('linear', [...args, 0, k, n, width, rows], 2)
    },
    { tolerance: 5e-5 },
  )
})

test('the definition on a product that is easy to check', () => {
  const w = panelsOf(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3, 2)
  const out = new Float32Array(6)
  linear(out, Float32Array.of(1, 10, -1, 0), w, Float32Array.of(0.5, 0, 0), none, 1, 2, 3, 2, 2, 0, 2)
  expect(Array.from(out)).toEqual([41.5, 52, 63, 0, 0, 0])
  linear(out, Float32Array.of(1, 10, -1, 0), w, none, Float32Array.of(1, 1, 1, 2, 2, 2), 0, 2, 3, 2, 2, 0, 2)
  expect(Array.from(out)).toEqual([42, 53, 64, 1, 0, -1])
})
