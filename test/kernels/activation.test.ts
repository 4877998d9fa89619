import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ended, endings } from '../../kernels/activation.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

describe.each(['relu', 'sigmoid', 'silu', 'gelu', 'geluTanh'] as const)('%s', name => {
  const drawn = fc.tuple(sizes(), fc.constantFrom(0.1, 3, 20))
  twinsAgree('is its definition', drawn, ([n, size]) => trial(name, [new Float32Array(n), numbers(n, n, size)], n), {
    tolerance: 5e-7,
  })
})

test('the functions a product may end with are those of the same name', () => {
  const x = numbers(50, 3, 4)
  for (const [number, name] of endings.entries()) {
    const actual = x.slice()
    ended(actual, number, 0, 50)
    if (name === 'none') expect(actual).toEqual(x)
    else expect(Math.abs(actual[0]! - x[0]!)).toBeGreaterThan(0)
  }
})
