import fc from 'fast-check'
import { describe } from 'vitest'
import { lanes } from '../../kernels/probe.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

describe('multiplyAdd', () => {
  twinsAgree(
    'is its definition',
    fc.tuple(fc.nat(5), fc.nat(20)),
    ([units, rounds]) => trial('multiplyAdd', [numbers(units * lanes), numbers(rounds, 3), rounds], units),
    { tolerance: 1e-5 },
  )
})

describe('readThrough', () => {
  twinsAgree(
    'is its definition',
    fc.tuple(sizes(9), fc.nat(5)),
    ([units, sixteens]) => {
      const count = 16 * sixteens
      const x = Int32Array.from(numbers(units * count, 5), value => value * 2 ** 20)
      return trial('readThrough', [new Int32Array(units * 4), x, count], units)
    },
    { tolerance: 0 },
  )
})
