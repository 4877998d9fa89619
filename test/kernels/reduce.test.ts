import fc from 'fast-check'
import { describe } from 'vitest'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

describe.each(['sum', 'mean', 'max', 'min'] as const)('%s', name => {
  const drawn = fc.tuple(fc.integer({ min: 1, max: 4 }), sizes(60), fc.constantFrom(1, 2, 5, 16))
  twinsAgree(
    'is its definition along any dim',
    drawn,
    ([outer, n, inner]) =>
      trial(name, [new Float32Array(outer * inner), numbers(outer * n * inner, n), n, inner], outer * inner),
    { tolerance: 1e-6 },
  )
})
