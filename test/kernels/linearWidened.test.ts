import { describe } from 'vitest'
import { trial } from '../../src/backends/wasm/trial.ts'
import { int8Weight, numbers, products, q4Weight, sizes, twinsAgree } from './twins.ts'

const none = new Float32Array(0)

describe.each([2, 4])('linearWidenedInt8, %i inputs side by side', group => {
  twinsAgree(
    'is its definition, with and without what follows a product',
    products(sizes(20), sizes(60)),
    ({ rows, k, n, ending, hasBias, hasResidual }, width) => {
      const { q, scales, panels } = int8Weight(k, n, width, group)
      const extras = [hasBias ? numbers(n, 8) : none, hasResidual ? numbers(rows * n, 9) : none] as const
      const arrays = [new Float32Array(rows * n), numbers(rows * k, 6), q, scales, ...extras] as const
      const scratch = new Float32Array(k * width)
      return trial('linearWidenedInt8', [...arrays, ending, k, n, width, group, rows, scratch], panels)
    },
    { tolerance: 5e-6 },
  )
})

describe('linearWidenedQ4', () => {
  twinsAgree(
    'is its definition, with and without what follows a product',
    products(sizes(20), sizes(100)),
    ({ rows, k, n, ending, hasBias, hasResidual }, width) => {
      const { q, scales, panels } = q4Weight(k, n, width)
      const extras = [hasBias ? numbers(n, 8) : none, hasResidual ? numbers(rows * n, 9) : none] as const
      const arrays = [new Float32Array(rows * n), numbers(rows * k, 6), q, scales, ...extras] as const
      const scratch = new Float32Array(k * width)
      return trial('linearWidenedQ4', [...arrays, ending, k, n, width, rows, scratch], panels)
    },
    { tolerance: 5e-6 },
  )
})
