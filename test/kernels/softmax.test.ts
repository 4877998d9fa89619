import fc from 'fast-check'
import { describe } from 'vitest'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

describe.each(['softmax', 'logSoftmax'] as const)('%s', name => {
  const drawn = fc.tuple(fc.integer({ min: 1, max: 5 }), sizes(), fc.constantFrom(1, 30, 120))
  twinsAgree(
    'is its definition',
    drawn,
    ([rows, cols, size]) => trial(name, [new Float32Array(rows * cols), numbers(rows * cols, cols, size), cols], rows),
    { tolerance: 1e-6, size: name === 'softmax' ? 1e-20 : 1 },
  )
})
