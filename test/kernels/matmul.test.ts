import fc from 'fast-check'
import { describe } from 'vitest'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

describe('matmul', () => {
  const drawn = fc.tuple(sizes(20), sizes(40), sizes(40), fc.constantFrom('rows', 'columns', 'neither'))
  twinsAgree(
    'is its definition for every order of b',
    drawn,
    ([m, k, n, order]) => {
      const steps = { rows: [n, 1], columns: [1, k], neither: [2 * n, 2] }[order] as [number, number]
      const arrays = [new Float32Array(m * n), numbers(m * k, 1), numbers(2 * k * n, 2)] as const
      return trial('matmul', [...arrays, k, n, ...steps], m)
    },
    { tolerance: 5e-6 },
  )
})
