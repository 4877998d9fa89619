import fc from 'fast-check'
import { describe } from 'vitest'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

// How near the functions are to the truth is tested in test/tensor/accuracy.test.ts; here every length and every cut.
describe.each(['neg', 'abs', 'exp', 'tanh', 'erf'] as const)('%s', name => {
  const drawn = fc.tuple(sizes(), fc.constantFrom(0.1, 3, 20))
  twinsAgree('is its definition', drawn, ([n, size]) => trial(name, [new Float32Array(n), numbers(n, n, size)], n), {
    tolerance: 5e-7,
  })
})

describe.each(['log', 'sqrt', 'rsqrt'] as const)('%s', name => {
  const drawn = fc.tuple(sizes(), fc.constantFrom(1e-6, 3, 1e6))
  const positive = (n: number, size: number) => numbers(n, n, size).map(Math.abs)
  twinsAgree('is its definition', drawn, ([n, size]) => trial(name, [new Float32Array(n), positive(n, size)], n), {
    tolerance: 5e-7,
  })
})
