// Whatever an operation is called with, it gives a sound tensor or an error of the library that names the operation.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Backend, concat, type DType, openBackend, stack, Tensor, VitrineError } from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'

/** Not operations: they hold, print or free. */
const holding = ['constructor', 'dispose', 'item', 'keep', 'tolist', 'toString', 'dims2', 'dims3', 'dims4']

/** Parts of operations that TypeScript keeps from users. */
const inner = [
  ...['like', 'live', 'plain', 'typed', 'floats', 'operand', 'inSteps', 'spread', 'number'],
  ...['reshaped', 'permuted', 'sliced', 'flipped'],
]

/** The public methods of Tensor, whichever part of the class they stand in. */
function operationNames(): string[] {
  const names: string[] = []
  for (let part: object = Tensor.prototype; part !== Object.prototype; part = Object.getPrototypeOf(part)) {
    const own = Object.entries(Object.getOwnPropertyDescriptors(part))
    names.push(...own.filter(([, { value }]) => typeof value === 'function').map(([name]) => name))
  }
  return [...new Set(names)].filter(name => !holding.includes(name) && !inner.includes(name))
}

/** Arguments that nobody should give, and some that fit. */
const plainArguments: readonly unknown[] = [
  ...[Number.NaN, Infinity, 0, -0, 1, -1, 2, 3, 1.5, -0.5, 2 ** 31, 2 ** 53, -(2 ** 31)],
  ...[undefined, null, true, '', '1', 'float32', 'int32', 'float16', 1n, Symbol('x'), () => 0],
  ...[[], [0], [1, 2], [-1], [-1, -1], [Number.NaN], ['1'], [[1]], [null], [1.5], [2 ** 31, 2], [0, 0]],
  ...[
    {},
    { dim: 1 },
    { keepdim: 1 },
    { keepdim: true },
    { length: 1.5 },
    { length: 2 },
    { causal: 'no' },
    { mask: [1] },
  ],
  ...[{ scale: Number.NaN }, { approximate: 'tnah' }, { largest: 0 }, { correction: 'x' }, new Map(), new Date(0)],
  ...[new Float32Array(2), new Proxy([], {})],
]

const shapes: readonly (readonly number[])[] = [
  ...[[], [0], [1], [3], [2, 3], [3, 2], [1, 2, 3], [1, 1, 2, 3], [0, 2], [2, 2, 2, 2]],
]

/** Numbers, tensors with whole dims and as many elements, or lists and records of them. */
function isSound(result: unknown): boolean {
  if (result instanceof Tensor) {
    return result.shape.every(size => Number.isInteger(size) && size >= 0) && result.data.length === result.size
  }
  if (result instanceof Float32Array) return true
  return typeof result === 'object' && result !== null && Object.values(result).every(isSound)
}

/** Fails unless `run` gives something sound or throws an error of the library that begins with one of the names. */
function expectSoundOrRefused(names: readonly string[], run: () => unknown): void {
  try {
    if (!isSound(run())) expect.fail(`${names} gave something unsound`)
  } catch (error) {
    if (!(error instanceof VitrineError && names.some(name => error.message.startsWith(`${name}:`)))) throw error
  }
}

onPlainBackends('any arguments', (backend, backendName) => {
  const values = (other: Backend) => [
    ...plainArguments,
    ...shapes.flatMap(shape => [backend.full(shape, 1.5), backend.zeros(shape, 'int32')]),
    ...[other.zeros([2, 3]), freed(backend)],
  ]

  test.each(operationNames())('%s', async name => {
    const other = await openBackend(backendName)
    const float = shapes.map(shape => backend.full(shape, 1.5))
    const whole = shapes.map(shape => backend.full(shape, 1, 'int32'))
    const receivers = fc.constantFrom(...float, ...whole, freed(backend), freed(backend, 'int32'), other.ones([2, 3]))
    const lists = fc.array(fc.constantFrom(...values(other)), { maxLength: 3 })
    const lives = () => [backend.live, other.live]
    const before = lives()
    fc.assert(
      fc.property(receivers, lists, (x, list) => {
        const method: unknown = Reflect.get(x, name)
        const call = () => x.backend.scope(() => isSound(Reflect.apply(method as () => unknown, x, list)) && [])
        expectSoundOrRefused([name], call)
      }),
      { seed: 20261125, numRuns: 1000 },
    )
    expect(lives(), 'storages left behind').toEqual(before)
    other.dispose()
  })

  test.each([
    ['concat', concat],
    ['stack', stack],
  ] as const)('%s', (name, join) => {
    const lists = fc.array(fc.constantFrom(...values(backend)), { maxLength: 3 })
    const anything = fc.constantFrom(...plainArguments)
    fc.assert(
      fc.property(fc.oneof(lists, anything), anything, (parts, dim) => {
        expectSoundOrRefused([name], () => backend.scope(() => isSound(join(parts as Tensor[], dim as number)) && []))
      }),
      { seed: 20261125, numRuns: 1000 },
    )
  })

  test.each(['tensor', 'zeros', 'ones', 'full', 'arange'] as const)('backend.%s', name => {
    const lists = fc.array(fc.constantFrom(...values(backend)), { maxLength: 4 })
    fc.assert(
      fc.property(lists, list => {
        // What reads a freed tensor is its `data`.
        const names = list[0] instanceof Tensor && list[0].storage.disposed ? [name, 'data'] : [name]
        expectSoundOrRefused(names, () =>
          backend.scope(() => isSound(Reflect.apply(backend[name], backend, list)) && []),
        )
      }),
      { seed: 20261125, numRuns: 1000 },
    )
  })
})

function freed(backend: Backend, dtype: DType = 'float32'): Tensor {
  const x = backend.zeros([2, 3], dtype)
  x.dispose()
  return x
}
