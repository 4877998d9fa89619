// What holds for any shape and any values, NaN and infinities among them: against plain loops, and against each other.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, stack, type Tensor } from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'

const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 2, 3, 5) },
  { weight: 1, arbitrary: fc.constantFrom(17, 63, 64, 65) },
)
const special = fc.constantFrom(0, -0, 1, -1, 0.5, -2.5, 3, 1e30, -1e30, Infinity, -Infinity, Number.NaN)

/** At most 4,000 elements. */
function shapes(least = 0, most = 4): fc.Arbitrary<number[]> {
  return fc.array(sizes, { minLength: least, maxLength: most }).filter(shape => sizeOf(shape) <= 4000)
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** A shape, numbers for it, and a dim of it, counted from either end. */
function arrays(
  values: fc.Arbitrary<number> = special,
): fc.Arbitrary<{ shape: number[]; data: number[]; dim: number }> {
  return shapes(1).chain(shape =>
    fc.record({
      shape: fc.constant(shape),
      data: fc.array(values, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }),
      dim: fc.integer({ min: -shape.length, max: shape.length - 1 }),
    }),
  )
}

const options = { seed: 20261125, numRuns: 150 }

onEachBackend('properties', backend => {
  const make = ({ shape, data }: { shape: number[]; data: number[] }) =>
    backend.tensor(Float32Array.from(data), { shape })
  /** Runs a property in a scope, which must leave nothing behind. */
  const hold = <T>(arbitrary: fc.Arbitrary<T>, body: (value: T) => void): void => {
    const { live } = backend
    fc.assert(
      fc.property(arbitrary, value => backend.scope(() => void body(value))),
      options,
    )
    expect(backend.live).toBe(live)
  }

  test('parts of a split, joined again, are the whole', () => {
    hold(fc.tuple(arrays(), fc.integer({ min: 1, max: 9 }), fc.boolean()), ([array, size, evenly]) => {
      const x = make(array)
      const total = x.shape.at(array.dim)!
      const uneven = [Math.floor(total / 3), 0, total - Math.floor(total / 3)]
      const parts = x.split(evenly ? size : uneven, array.dim)
      expectSame(concat(parts, array.dim), x)
    })
  })

  test('slices are those of arrays', () => {
    const place = fc.integer({ min: -70, max: 70 })
    hold(fc.tuple(arrays(), place, fc.option(place, { nil: undefined })), ([array, start, end]) => {
      const x = make(array)
      const rows = x.transpose(0, array.dim)
      const wanted = [rows.tolist()].flat(1).slice(start, end)
      expect(x.slice(array.dim, start, end).transpose(0, array.dim).tolist()).toEqual(wanted)
    })
  })

  test('two permutations that undo each other leave everything in its place; so do two transpositions and two flips', () => {
    const orders = arrays().chain(array => {
      const dims = array.shape.map((_, dim) => dim)
      return fc.tuple(fc.constant(array), fc.shuffledSubarray(dims, { minLength: dims.length }))
    })
    hold(orders, ([array, order]) => {
      const x = make(array)
      const back = order.map((_, dim) => order.indexOf(dim))
      expectSame(x.permute(order).permute(back), x)
      expectSame(x.transpose(0, array.dim).transpose(array.dim, 0), x)
      const half = Math.floor(order.length / 2)
      expectSame(x.flip(order.slice(0, half)).flip(order.slice(half)), x.flip(order))
      expectSame(x.flip(array.dim).flip(array.dim), x)
    })
  })

  test('operations of two operands broadcast as plain loops do', () => {
    const ops = {
      add: (a: number, b: number) => Math.fround(a + b),
      sub: (a: number, b: number) => Math.fround(a - b),
      mul: (a: number, b: number) => Math.fround(a * b),
      maximum: Math.max,
      minimum: Math.min,
      lt: (a: number, b: number) => Number(a < b),
      ne: (a: number, b: number) => Number(a !== b),
    } as const
    const names = fc.constantFrom(...(Object.keys(ops) as (keyof typeof ops)[]))
    hold(
      fc.tuple(arrays(), names, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), special),
      ([array, op, isOne, value]) => {
        const a = make(array)
        const shape = a.shape.map((size, dim) => (isOne[dim] ? 1 : size))
        const b = backend.tensor(
          Float32Array.from({ length: sizeOf(shape) }, (_, i) => i - 2),
          { shape },
        )
        const right = b.expand(a.shape).data
        const wanted = Array.from(a.data, (left, i) => ops[op](left, right[i]!))
        expectNumbers(a[op](b), wanted)
        expectNumbers(
          b[op](a),
          Array.from(a.data, (left, i) => ops[op](right[i]!, left)),
        )
        expectNumbers(
          a[op](value),
          Array.from(a.data, left => ops[op](left, Math.fround(value))),
        )
      },
    )
  })

  test('reducing dims together is reducing one after the other', () => {
    const small = fc.constantFrom(0, 1, -1, 2, 0.5)
    hold(fc.tuple(arrays(small), fc.integer({ min: 0, max: 15 }), fc.boolean()), ([array, mask, keepdim]) => {
      const x = make(array)
      const dims = x.shape.map((_, dim) => dim).filter(dim => (mask >> dim) & 1)
      const chosen = dims.length > 0 ? dims : [array.dim]
      for (const op of ['sum', 'max', 'min', 'any', 'all'] as const) {
        const isEmpty = chosen.some(dim => x.shape.at(dim) === 0)
        if (isEmpty && (op === 'max' || op === 'min')) continue
        const together = x[op](chosen, { keepdim })
        const apart = chosen.reduce((y, dim) => y[op](dim, { keepdim: true }), x)
        expectSame(together, keepdim ? apart : apart.reshape(together.shape))
      }
    })
  })

  test('sorted elements stand where their places say, and the first of them are topk', () => {
    hold(fc.tuple(arrays(), fc.boolean()), ([array, descending]) => {
      const x = make(array)
      const { values, indices } = x.sort(array.dim, { descending })
      expectSame(x.gather(array.dim, indices), values)
      const k = Math.ceil(x.shape.at(array.dim)! / 2)
      const top = x.topk(k, array.dim, { largest: descending })
      expectSame(top.values, values.slice(array.dim, 0, k))
      expectSame(top.indices, indices.slice(array.dim, 0, k))
      if (k > 0) expectSame(x.argmax(array.dim), x.sort(array.dim, { descending: true }).indices.select(array.dim, 0))
    })
  })

  test('gather with an index smaller than the tensor takes what plain loops take', () => {
    const cases = arrays().chain(array => {
      const n = array.shape.at(array.dim)!
      const at = array.shape.length + array.dim
      const dim = array.dim < 0 ? at : array.dim
      const index = array.shape.map((size, d) =>
        d === dim ? fc.integer({ min: 0, max: n === 0 ? 0 : 4 }) : fc.integer({ min: 0, max: size }),
      )
      return fc.tuple(fc.constant(array), fc.constant(dim), fc.tuple(...index), fc.nat())
    })
    hold(cases, ([array, dim, indexShape, seed]) => {
      const x = make(array)
      const n = x.shape[dim]!
      const places = Int32Array.from({ length: sizeOf(indexShape) }, (_, i) => (n === 0 ? 0 : (i * 7 + seed) % n))
      const wanted = Array.from(places, (place, i) => {
        const at = unravel(i, indexShape).map((where, d) => (d === dim ? place : where))
        return array.data[at.reduce((sum, where, d) => sum * array.shape[d]! + where, 0)]!
      })
      expectNumbers(x.gather(dim, backend.tensor(places, { shape: indexShape })), wanted.map(Math.fround))
    })
  })

  test('matrix products, vectors among them, are sums of products', () => {
    const few = fc.constantFrom(1, 2, 3, 17, 65)
    const whole = (length: number) =>
      fc.array(fc.integer({ min: -4, max: 4 }), { minLength: length, maxLength: length })
    const cases = fc
      .tuple(few, few, few)
      .chain(([m, k, n]) => fc.tuple(fc.constant([m, k, n] as const), whole(m * k), whole(k * n)))
    hold(cases, ([[m, k, n], left, right]) => {
      const [a, b] = [backend.tensor(left, { shape: [m, k] }), backend.tensor(right, { shape: [k, n] })]
      const wanted = Array.from({ length: m * n }, (_, at) => {
        const [row, column] = [Math.floor(at / n), at % n]
        return left.slice(row * k, (row + 1) * k).reduce((sum, value, i) => sum + value * right[i * n + column]!, 0)
      })
      const product = a.matmul(b)
      expectNumbers(product, wanted)
      expectNumbers(a.linear(b.transpose(0, 1)), wanted)
      expectNumbers(a.conv1d(b), wanted)
      expectSame(a.select(0, 0).matmul(b), product.select(0, 0))
      expectSame(a.matmul(b.select(1, 0)), product.select(1, 0))
      expect(a.select(0, 0).matmul(b.select(1, 0)).shape).toEqual([])
      expectSame(stack([a, a]).matmul(b).select(0, 1), product)
    })
  })

  test('int32 is computed with exactly: products and powers wrap around in 32 bits', () => {
    const whole = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    hold(fc.tuple(whole, whole, fc.integer({ min: 0, max: 40 })), ([a, b, power]) => {
      const x = backend.tensor(Int32Array.of(a))
      const y = backend.tensor(Int32Array.of(b))
      const wrapped = (value: bigint) => Number(BigInt.asIntN(32, value))
      expect(x.mul(y).item()).toBe(wrapped(BigInt(a) * BigInt(b)))
      expect(x.add(y).item()).toBe(wrapped(BigInt(a) + BigInt(b)))
      expect(x.pow(power).item()).toBe(wrapped(BigInt(a) ** BigInt(power)))
      expect(x.lt(b).item()).toBe(Number(a < b))
    })
  })

  test('a number that int32 cannot hold makes the result float32, and is compared as what it is', () => {
    backend.scope(() => {
      const x = backend.tensor(Int32Array.of(0, 1, 2 ** 31 - 1))
      expect([x.add(1).dtype, x.add(0.5).dtype, x.add(2 ** 40).dtype]).toEqual(['int32', 'float32', 'float32'])
      expect(x.add(2 ** 40).tolist()).toEqual([2 ** 40, 2 ** 40, 2 ** 40 + 2 ** 31])
      expect(x.eq(2 ** 40).tolist()).toEqual([0, 0, 0])
      expect(x.lt(3e9).tolist()).toEqual([1, 1, 1])
      expect(x.ge(2 ** 31).tolist()).toEqual([0, 0, 0])
      expect(x.gt(-1e300).tolist()).toEqual([1, 1, 1])
    })
  })

  test('int32 operands count as the numbers they are, wherever float32 is computed with', () => {
    const [x, w] = [Int32Array.of(1, -2, 3, 4), Int32Array.of(2, 0, -1, 5)]
    const [whole, real] = [x, Float32Array.from(x)].map(values => backend.tensor(values, { shape: [2, 2] })) as [
      Tensor,
      Tensor,
    ]
    const [weight, realWeight] = [w, Float32Array.from(w)].map(values => backend.tensor(values, { shape: [2, 2] })) as [
      Tensor,
      Tensor,
    ]
    const row = (t: Tensor) => t.select(0, 0)
    const heads = (t: Tensor) => t.reshape([1, 1, 2, 2])
    const runs: ((a: Tensor, b: Tensor) => Tensor)[] = [
      (a, b) => a.matmul(b),
      (a, b) => row(a).matmul(row(b)),
      (a, b) => a.linear(b, row(b)),
      (a, b) => a.conv1d(b, row(b)),
      (a, b) => a.layerNorm(row(b), row(b), 1e-5),
      (a, b) => heads(a).attend(heads(b), heads(a), { mask: heads(b) }),
      (a, b) => heads(a).attentionScores(heads(b)),
      (a, b) => heads(a).attentionValues(heads(b)),
      a => a.softmax(0),
      a => a.logSoftmax(),
      a => a.mean(),
      a => a.exp(),
      a => a.embedding(backend.arange(2)),
    ]
    backend.scope(() => {
      for (const run of runs) {
        const wanted = run(real, realWeight)
        expectSame(run(whole, weight), wanted)
        expectSame(run(real, weight), wanted)
        expectSame(run(whole, realWeight), wanted)
      }
    })
  })
})

function unravel(at: number, shape: readonly number[]): number[] {
  return shape.map((size, dim) => Math.floor(at / sizeOf(shape.slice(dim + 1))) % size)
}

function expectSame(actual: Tensor, wanted: Tensor): void {
  expect(actual.shape).toEqual(wanted.shape)
  expectNumbers(actual, Array.from(wanted.data))
}

/** The same numbers; NaN is itself, and the two zeros are one. */
function expectNumbers(actual: Tensor, wanted: readonly number[]): void {
  const data = actual.data
  expect(data.length).toBe(wanted.length)
  const bad = wanted.findIndex((value, i) => value !== data[i] && !(Number.isNaN(value) && Number.isNaN(data[i])))
  if (bad >= 0) expect.fail(`at ${bad} of (${actual.shape}): wanted ${wanted[bad]}, got ${data[bad]}`)
}
