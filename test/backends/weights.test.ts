// Weights lie in an order that suits their product; whatever else is done with one gives what it gives with an ordinary
// tensor.
import { expect, test } from 'vitest'
import type { WeightForm } from '../../src/backend.ts'
import { Tensor } from '../../src/index.ts'
import { arraySource } from '../../src/nn/initialize.ts'
import { onEachBackend } from '../backends.ts'

const forms: readonly WeightForm[] = ['plain', 'table', 'linear', 'conv1d']
const shapes = [
  [1, 1],
  [3, 5],
  [8, 8],
  [17, 9],
  [16, 65],
] as const

onEachBackend('weights', backend => {
  test.each(forms.flatMap(form => shapes.map(shape => [form, ...shape] as const)))(
    '%s (%i, %i)',
    (form, rows, cols) => {
      backend.scope(() => {
        const values = Float32Array.from({ length: rows * cols }, (_, i) => ((i * 7) % 23) - 11)
        const weight = new Tensor(backend.weight(arraySource(values, [rows, cols]), form), [rows, cols])
        const plain = backend.tensor(values, { shape: [rows, cols] })
        const square = backend.tensor(values.subarray(0, rows), { shape: [1, rows] })
        const wide = backend.tensor(values.subarray(0, cols), { shape: [1, cols] })
        const ids = backend.tensor([rows - 1, 0])
        const uses: ((w: Tensor) => Tensor)[] = [
          w => w,
          w => wide.linear(w),
          w => square.conv1d(w),
          w => w.embedding(ids),
          w => square.matmul(w),
          w => w.transpose(0, 1),
          w => w.add(1),
          w => w.to('int32'),
          w => w.sum(0),
          w => w.reshape([-1]),
        ]
        for (const use of uses) expect(use(weight).tolist(), String(use)).toEqual(use(plain).tolist())
      })
    },
  )
})
