import { expect, test } from 'vitest'
import { gather, where } from '../../kernels/select.ts'

test('where takes from a where the condition is not 0', () => {
  const out = new Float32Array(4)
  where(out, Float32Array.of(1, 0, -1, 0), Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8), 0, 4)
  expect(Array.from(out)).toEqual([1, 6, 3, 8])
})

test('gather picks along the middle of (outer, n, inner)', () => {
  const x = Float32Array.from({ length: 2 * 3 * 2 }, (_, i) => i)
  const out = new Float32Array(2 * 2 * 2)
  gather(out, x, Int32Array.of(2, 0, 1, 1, 0, 2, 2, 2), 3, 2, 2, 0, 8)
  expect(Array.from(out)).toEqual([4, 1, 2, 3, 6, 11, 10, 11])
})
