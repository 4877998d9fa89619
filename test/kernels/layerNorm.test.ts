import fc from 'fast-check'
import { describe } from 'vitest'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

describe('layerNorm', () => {
  const drawn = fc.tuple(fc.integer({ min: 1, max: 5 }), sizes(100), fc.constantFrom(0, 1, 1000))
  twinsAgree(
    'is its definition, also far from zero',
    drawn,
    ([rows, cols, mean]) => {
      const x = numbers(rows * cols, cols).map(value => value + mean)
      const arrays = [new Float32Array(rows * cols), x, numbers(cols, 5), numbers(cols, 6)] as const
      return trial('layerNorm', [...arrays, 1e-5, cols], rows)
    },
    { tolerance: 2e-6 },
  )
})
