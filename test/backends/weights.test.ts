// Weights lie in an order that suits their product; whatever else is done with one gives what it gives with an ordinary
// tensor.
import { expect, test } from 'vitest'
import type { Backend, WeightForm } from '../../src/backend.ts'
import { ReferenceBackend } from '../../src/backends/reference.ts'
import type { TensorSource, WeightDType } from '../../src/dtype.ts'
import { Tensor } from '../../src/index.ts'
import { arraySource } from '../../src/nn/initialize.ts'
import { packedShapes, unpacked } from '../../src/packed.ts'
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

onEachBackend('reading a weight in steps', backend => {
  const large: [number, number] = [700, 800]
  const values = Float32Array.from({ length: 700 * 800 }, (_, i) => (i % 251) - 125)

  test.each(forms.flatMap(form => backend.weightDTypes.map(dtype => [form, dtype] as const)))(
    '%s as %s may be stopped before its end, by an end or an error, and leaves nothing',
    (form, dtype) => {
      const { live, bytes } = backend
      const read = () => backend.weightSteps(arraySource(values, large), form, dtype)
      let count = 0
      const all = read()
      let step = all.next()
      for (; !step.done; step = all.next()) count++
      expect(count).toBeGreaterThan(1)
      backend.free(step.value)
      for (const stop of [1, 2, count]) {
        let seen = 0
        for (const _ of read()) if (++seen === stop) break
        const steps = read()
        for (let i = 0; i < stop; i++) steps.next()
        expect(() => steps.throw(new Error('enough'))).toThrow('enough')
        expect([backend.live, backend.bytes]).toEqual([live, bytes])
      }
    },
  )
})

/** How far a kept number may be from the one it was, as a share of the largest of its row or block. */
const steps = [
  ['float16', 2 ** -11],
  ['bfloat16', 2 ** -8],
  ['int8', 0.5 / 127],
  // Numbers of the other sign than the farthest one end at 7 of its 8 steps, and a scale has 8 bits.
  ['q4', 1.05 / 8],
] as const satisfies readonly (readonly [WeightDType, number])[]

/** How far a product of numbers up to 1 is from that with the kept numbers: activations of int8 and q4 are rounded too. */
const productErrors: Readonly<Record<WeightDType, number>> = {
  float32: 0,
  float16: 0,
  bfloat16: 0,
  int8: 0.01,
  q4: 0.02,
}

/** A small weight, and the same numbers as an ordinary tensor. */
function kept(backend: Backend, form: WeightForm, dtype: WeightDType, shape: readonly [number, number]) {
  const values = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i * 12.9898))
  const weight = new Tensor(backend.weight(arraySource(values, shape), form, dtype), shape)
  return { values, weight, plain: backend.tensor(weight.data, { shape: [...shape] }) }
}

onEachBackend('small weights', backend => {
  const isKnown = ([dtype]: (typeof steps)[number]) => (backend.weightDTypes as readonly WeightDType[]).includes(dtype)
  const here = steps.filter(isKnown)
  const refused = steps.filter(each => !isKnown(each))
  const cases = here.flatMap(([dtype, step]) => shapes.map(shape => [dtype, step, shape] as const))

  test.each(refused)('%s (step %d) is refused', (dtype, _) => {
    expect(() => kept(backend, 'linear', dtype, [3, 5])).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_DTYPE' }))
    expect(backend.live).toBe(0)
  })

  test.each(cases)('%s is within %d of what was read, %s', (dtype, step, shape) => {
    backend.scope(() => {
      for (const form of ['linear', 'conv1d', 'table'] as const) {
        const { values, plain } = kept(backend, form, dtype, shape)
        for (const [i, value] of plain.data.entries()) {
          expect(Math.abs(value - values[i]!), `${form} ${i}`).toBeLessThanOrEqual(step + 1e-6)
        }
      }
    })
  })

  test.each(cases)('%s (step %d) is the tensor of its numbers to every operation, %s', (dtype, _, shape) => {
    const [rows] = shape
    backend.scope(() => {
      for (const form of ['linear', 'conv1d', 'table', 'plain'] as const) {
        const { weight, plain } = kept(backend, form, dtype, shape)
        const ids = backend.tensor([rows - 1, 0])
        const uses: ((w: Tensor) => Tensor)[] = [
          w => w.embedding(ids),
          w => w.transpose(0, 1),
          w => w.add(1),
          w => w.sum(0),
          w => w.reshape([-1]),
          w => backend.ones([2, rows]).matmul(w),
        ]
        for (const use of uses) expect(use(weight).tolist(), `${form} ${use}`).toEqual(use(plain).tolist())
      }
    })
  })

  test.each(cases)('the product with %s (step %d), %s', (dtype, _, shape) => {
    const [rows, cols] = shape
    backend.scope(() => {
      for (const form of ['linear', 'conv1d'] as const) {
        const { weight, plain } = kept(backend, form, dtype, shape)
        for (const T of [1, 5, 50]) {
          for (const product of ['linear', 'conv1d'] as const) {
            const [k, n] = product === 'linear' ? [cols, rows] : [rows, cols]
            const x = backend.tensor(
              Float32Array.from({ length: T * k }, (_, i) => Math.sin(i * 4.1)),
              { shape: [T, k] },
            )
            const bias = backend.arange(n).to('float32')
            const ending = { activation: 'gelu', residual: backend.ones([T, n]) } as const
            const [actual, wanted] = [weight, plain].map(w => x[product](w, bias, ending).data)
            for (const [i, value] of wanted!.entries()) {
              const allowed = 1e-5 + productErrors[dtype] * Math.sqrt(k)
              expect(Math.abs(actual![i]! - value), `${form} ${product} ${T} ${i}`).toBeLessThanOrEqual(allowed)
            }
          }
        }
      }
    })
  })

  test.each(here)('the memory of %s (step %d) is what weightBytes says, and is given back', (dtype, _) => {
    const [before, live] = [backend.bytes, backend.live]
    const { weight, plain } = kept(backend, 'linear', dtype, [640, 128])
    plain.dispose()
    const taken = backend.bytes - before
    expect(taken).toBeGreaterThanOrEqual(backend.weightBytes([640, 128], 'linear', dtype))
    expect(taken).toBeLessThan(1.1 * backend.weightBytes([640, 128], 'linear', dtype))
    weight.dispose()
    expect([backend.bytes, backend.live]).toEqual([before, live])
  })
})

/** A source that knows nothing of small weights. */
const plainly = ({ dtype, shape, read }: TensorSource): TensorSource => ({ dtype, shape, read })

onEachBackend('the arrays of small weights', (backend, name) => {
  const sizes = [...shapes, [33, 40], [70, 31], [64, 96]] as const
  const forms = ['linear', 'conv1d', 'table'] as const
  const small = name === 'tfjs' ? [] : (['int8', 'q4'] as const)

  test.each(small.flatMap(dtype => sizes.map(shape => [dtype, shape] as const)))(
    'as %s make the same weight again, and are its numbers, %s',
    (dtype, shape) => {
      backend.scope(() => {
        for (const form of forms) {
          const { weight } = kept(backend, form, dtype, shape)
          const packed = backend.packed(weight.storage)!
          expect(packed.kind).toBe(dtype)
          expect(packed.codes.shape).toEqual(packedShapes(dtype, shape, packed.outputs).codes)
          const source = unpacked(packed, shape)
          const again = new Tensor(backend.weight(source, form, dtype), shape)
          const rounded = new Tensor(backend.weight(plainly(source), form), shape)
          expect(again.data).toEqual(weight.data)
          expect(rounded.data).toEqual(weight.data)
          const x = backend.tensor(Float32Array.from({ length: 2 * 96 }, (_, i) => Math.cos(i)))
          const inputs = x.slice(0, 0, 2 * (form === 'conv1d' ? shape[0] : shape[1])).reshape([2, -1])
          const product = (w: Tensor) => (form === 'conv1d' ? inputs.conv1d(w) : inputs.linear(w)).data
          expect(product(again)).toEqual(product(weight))
        }
      })
    },
  )

  test.each(small.flatMap(dtype => forms.map(form => [dtype, form] as const)))(
    'as %s are read from any place to any other, %s',
    (dtype, form) => {
      backend.scope(() => {
        const { weight } = kept(backend, form, dtype, [37, 41])
        const { read } = unpacked(backend.packed(weight.storage)!, [37, 41])
        for (let start = 0; start < 37 * 41; start += 97) {
          const numbers = new Float32Array(Math.min(131, 37 * 41 - start))
          read(new Uint8Array(numbers.buffer), 4 * start)
          expect(numbers).toEqual(weight.data.slice(start, start + numbers.length))
        }
      })
    },
  )

  test('of another kind are made the weight by way of its numbers, and other storages have none', () => {
    backend.scope(() => {
      const plain = backend.tensor([[1, 2]])
      expect(backend.packed(plain.storage)).toBeUndefined()
      for (const dtype of small) {
        const { weight } = kept(backend, 'linear', dtype, [16, 65])
        const source = unpacked(backend.packed(weight.storage)!, [16, 65])
        const other = dtype === 'int8' ? 'q4' : 'int8'
        for (const [form, kind] of [
          ['linear', other],
          ['conv1d', dtype],
        ] as const) {
          const made = new Tensor(backend.weight(source, form, kind), [16, 65])
          const wanted = new Tensor(backend.weight(plainly(source), form, kind), [16, 65])
          expect(made.data).toEqual(wanted.data)
        }
      }
    })
  })
})

/** Widens from two rows on, as the wasm back end does where float32 vectors are joined. */
class WideningBackend extends ReferenceBackend {
  override readonly widenedRows = 2
}

test.each(['int8', 'q4'] as const)('products of many rows with %s are those with the numbers it stands for', dtype => {
  using backend = new WideningBackend()
  const [rows, k, n] = [3, 70, 21]
  const values = Float32Array.from({ length: n * k }, (_, i) => Math.sin(i))
  const [x, bias] = [
    backend.tensor(
      Float32Array.from({ length: rows * k }, (_, i) => Math.cos(i)),
      { shape: [rows, k] },
    ),
    backend.tensor(Float32Array.from({ length: n }, (_, i) => i / 10)),
  ]
  const weight = new Tensor(backend.weight(arraySource(values, [n, k]), 'linear', dtype), [n, k])
  const plain = backend.tensor(weight.to('float32').data, { shape: [n, k] })
  expect(x.linear(weight, bias).tolist()).toEqual(x.linear(plain, bias).tolist())
  // One row alone is rounded to whole numbers.
  const one = x.slice(0, 0, 1)
  expect(one.linear(weight, bias).tolist()).not.toEqual(one.linear(plain, bias).tolist())
})
