import fc from 'fast-check'
import { describe } from 'vitest'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

describe.each(['add', 'sub', 'mul', 'div'] as const)('%s', name => {
  // Steps of whole rows, of one row for all, of one column for all, of one number for all.
  const steps = (cols: number) => [[cols, 1] as const, [0, 1] as const, [1, 0] as const, [0, 0] as const]
  const drawn = fc.tuple(fc.integer({ min: 1, max: 6 }), sizes(40), fc.nat(3), fc.nat(3))
  twinsAgree(
    'is its definition for every way of repeating',
    drawn,
    ([rows, cols, a, b]) => {
      const [aStep, bStep] = [steps(cols)[a]!, steps(cols)[b]!]
      const inputs = [numbers(rows * cols, 1), numbers(rows * cols, 2).map(x => x + Math.sign(x) + 0.5)] as const
      return trial(name, [new Float32Array(rows * cols), ...inputs, cols, ...aStep, ...bStep], rows)
    },
    { tolerance: 1e-7 },
  )
})
