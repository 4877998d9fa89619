import fc from 'fast-check'
import { expect, test } from 'vitest'
import { topk } from '../../kernels/order.ts'

test('topk is a sort cut off, in which the earlier of equals comes first', () => {
  const rows = fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 9, maxLength: 9 }), { minLength: 1 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 9 }), fc.nat(1), (values, k, largest) => {
      const [out, indices] = [new Float32Array(values.length * k), new Int32Array(values.length * k)]
      topk(out, indices, Float32Array.from(values.flat()), 9, k, largest, 0, values.length)
      for (const [r, row] of values.entries()) {
        const sign = largest === 1 ? -1 : 1
        const order = row.map((_, i) => i).sort((i, j) => sign * (row[i]! - row[j]!) || i - j)
        expect(Array.from(indices.slice(r * k, (r + 1) * k))).toEqual(order.slice(0, k))
        expect(Array.from(out.slice(r * k, (r + 1) * k))).toEqual(order.slice(0, k).map(i => row[i]))
      }
    }),
    { seed: 20261125, numRuns: 100 },
  )
})
