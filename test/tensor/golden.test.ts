// Every operation of Tensor gives torch's result, on every back end.
import { expect, test } from 'vitest'
import { fastNames } from '../../src/backends/kernels.ts'
import { ReferenceBackend } from '../../src/backends/reference.ts'
import { WasmBackend } from '../../src/backends/wasm/wasm.ts'
import { type Backend, type BackendName, concat, stack, type Tensor } from '../../src/index.ts'
import { onEachBackend, takesForZero } from '../backends.ts'
import { type GoldenTensor, golden, numbersOf } from '../golden.ts'
import { kernelsRun } from '../kernelSpy.ts'

interface Case {
  readonly op: string
  readonly inputs: readonly GoldenTensor[]
  readonly options: Options
  readonly outputs: readonly GoldenTensor[]
}

interface Options {
  readonly dim: number
  readonly dims: readonly [number, number]
  readonly keepdim?: boolean
  readonly correction?: number
  readonly k: number
  readonly largest: boolean
  readonly descending: boolean
  readonly eps: number
  readonly causal: boolean
  readonly order: readonly number[]
  readonly start: number
  readonly end: number
  readonly step: number
  readonly place: number
  readonly sizes: number | readonly number[]
  readonly heads: number
  readonly value: number
  readonly min?: number | 'nan'
  readonly max?: number
  readonly shape: readonly number[]
  readonly seed: number
}

type Run = (inputs: Tensor[], options: Options, backend: Backend) => Tensor | Tensor[]

const elementwise = [
  ...(['neg', 'abs', 'exp', 'log', 'sqrt', 'rsqrt', 'tanh', 'erf', 'relu', 'sigmoid', 'silu', 'gelu'] as const),
] as const
const pairwise = [
  ...(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const),
] as const
const reductions = ['sum', 'mean', 'max', 'min', 'argmax', 'argmin', 'all', 'any', 'var', 'std'] as const
const alongOne = ['cumsum', 'softmax', 'logSoftmax'] as const

/** JSON has null where torch has None and we have undefined. */
const orNone = <T>(value: T | null): T | undefined => value ?? undefined

const operations: Readonly<Record<string, Run>> = {
  ...Object.fromEntries(elementwise.map(name => [name, ([x]: Tensor[]) => x![name]()])),
  ...Object.fromEntries(pairwise.map(name => [name, ([a, b]: Tensor[], { value }: Options) => a![name](b ?? value)])),
  ...Object.fromEntries(
    reductions.map(name => [name, ([x]: Tensor[], { dim, ...rest }: Options) => x![name](orNone(dim), rest)]),
  ),
  ...Object.fromEntries(alongOne.map(name => [name, ([x]: Tensor[], { dim }: Options) => x![name](dim)])),
  geluTanh: ([x]) => x!.gelu({ approximate: 'tanh' }),
  topk: ([x], { k, dim, largest }) => Object.values(x!.topk(k, dim, { largest })),
  sort: ([x], { dim, descending }) => Object.values(x!.sort(dim, { descending })),
  layerNorm: ([x, weight, bias], { eps }) => x!.layerNorm(weight!, bias!, eps),
  matmul: ([a, b]) => a!.matmul(b!),
  linear: ([x, weight, bias]) => x!.linear(weight!, bias),
  conv1d: ([x, weight, bias]) => x!.conv1d(weight!, bias),
  attend: ([q, k, v, mask], { causal }) => q!.attend(k!, v!, { causal, mask }),
  reshape: ([x], { shape }) => x!.reshape(shape),
  squeeze: ([x], { dim }) => x!.squeeze(orNone(dim)),
  unsqueeze: ([x], { dim }) => x!.unsqueeze(dim),
  permute: ([x], { order }) => x!.permute(order),
  transpose: ([x], { dims }) => x!.transpose(...dims),
  slice: ([x], { dim, start, end }) => x!.slice(dim, start, end),
  select: ([x], { dim, place }) => x!.select(dim, place),
  flip: ([x], { dim }) => x!.flip(dim),
  concat: (parts, { dim }) => concat(parts, dim),
  stack: (parts, { dim }) => stack(parts, dim),
  split: ([x], { sizes, dim }) => x!.split(sizes, dim),
  heads: ([x], { heads }) => x!.heads(heads),
  merge: ([x]) => x!.merge(),
  embedding: ([table, ids]) => table!.embedding(ids!),
  gather: ([x, index], { dim }) => x!.gather(dim, index!),
  where: ([a, b, condition]) => a!.where(condition!, b!),
  maskedFill: ([x, mask], { value }) => x!.maskedFill(mask!, value),
  clamp: ([x], { min, max }) => x!.clamp(min === 'nan' ? Number.NaN : min, max),
  expand: ([x], { shape }) => x!.expand(shape),
  toInt: ([x]) => x!.to('int32'),
  rand: (_, { shape, seed }, backend) => backend.rand(shape, { seed }),
  randn: (_, { shape, seed }, backend) => backend.randn(shape, { seed }),
  arange: (_, { start, end, step }, backend) => backend.arange(start, end, step),
}

/** The kernels that an operation is made of, beside those of its own name; none where only the shape changes. */
const kernelsOf: Readonly<Record<string, readonly string[]>> = {
  argmin: ['neg', 'argmax'],
  all: ['eq'],
  any: ['ne'],
  var: ['mean', 'sub', 'mul', 'sum', 'div'],
  std: ['mean', 'sub', 'mul', 'sum', 'div', 'sqrt'],
  sort: ['topk'],
  conv1d: ['linear', 'pack'],
  linear: ['linear', 'pack'],
  attend: ['attention'],
  permute: ['swapAxes', 'gatherSteps'],
  transpose: ['gatherSteps'],
  heads: ['swapAxes'],
  merge: ['swapAxes'],
  ...Object.fromEntries(['slice', 'select', 'split', 'concat', 'stack'].map(name => [name, ['copyBlocks']])),
  flip: ['gather'],
  maskedFill: ['where'],
  clamp: ['maximum', 'minimum'],
  expand: ['gatherSteps'],
  toInt: ['cast'],
  ...Object.fromEntries(['reshape', 'squeeze', 'unsqueeze', 'arange', 'rand', 'randn'].map(name => [name, []])),
}

/** Relative to the size of a value; sums of products round at each step. */
const toleranceOf = (op: string) => (['matmul', 'linear', 'conv1d', 'attend'].includes(op) ? 8e-6 : 2e-6)

function expectSame(actual: Tensor, wanted: GoldenTensor, tolerance: number, what: string): void {
  expect(actual.shape, `${what}: shape`).toEqual(wanted.shape)
  expect(actual.dtype, `${what}: dtype`).toBe(wanted.dtype)
  const numbers = numbersOf(wanted)
  for (const [i, value] of actual.data.entries()) {
    const target = numbers[i]!
    const isSame =
      Object.is(value, target) ||
      value === target ||
      Math.abs(value - target) <= tolerance * Math.max(1, Math.abs(target))
    if (!isSame && !(Number.isNaN(value) && Number.isNaN(target))) {
      expect.fail(`${what}[${i}]: torch gives ${target}, got ${value}`)
    }
  }
}

function tensorOf(backend: Backend, packed: GoldenTensor): Tensor {
  return backend.tensor(numbersOf(packed), { shape: packed.shape, dtype: packed.dtype as 'float32' | 'int32' })
}

const { cases } = golden<{ cases: readonly Case[] }>('tensor/ops.json')
const byOp = new Map(cases.map(({ op }) => [op, cases.filter(other => other.op === op)]))

/** What tfjs computes by definitions, because TensorFlow's own operations do not give torch's results. */
const definedOnTfjs = ['argmax', 'topk', 'pow']

/**
 * A case with 0 for each number that the back end takes for it. What is wanted then is what the definitions give, and
 * those are held to torch's results beside it.
 */
function withoutTiny(name: BackendName, item: Case): Case {
  const isTiny = (value: number | string) => typeof value === 'number' && takesForZero(name, value)
  if (!item.inputs.some(({ data }) => data.some(isTiny))) return item
  const inputs = item.inputs.map(input => ({ ...input, data: input.data.map(value => (isTiny(value) ? 0 : value)) }))
  using reference = new ReferenceBackend()
  const results = resultsOf(item.op, inputs, item.options, reference)
  return { ...item, inputs, outputs: results.map(({ shape, dtype, data }) => ({ shape, dtype, data: [...data] })) }
}

function resultsOf(op: string, inputs: readonly GoldenTensor[], options: Options, backend: Backend): Tensor[] {
  const tensors = inputs.map(input => tensorOf(backend, input))
  return [operations[op]!(tensors, options, backend)].flat()
}

onEachBackend('tensor operations', (backend, name) => {
  const sharedParts = (): number => (backend instanceof WasmBackend ? backend.sharedParts : 0)

  test.each([...byOp])('%s', (op, group) => {
    const items = group.map(item => withoutTiny(name, item))
    const before = sharedParts()
    const { compiled, defined } = kernelsRun(() => checkAll(op, items))
    if (name === 'tfjs') {
      expect([...defined].filter(kernel => !definedOnTfjs.includes(kernel))).toEqual([])
      return
    }
    for (const kernel of kernelsOf[op] ?? [op]) {
      const ran = name === 'wasm' && fastNames.some(fast => fast === kernel) ? compiled : defined
      // Other threads may have been faster than this one, which is seen.
      if (ran === compiled && sharedParts() > before) continue
      expect([...ran], `kernels that ran on ${name}`).toContain(kernel)
    }
    if (name !== 'wasm') expect([...compiled]).toEqual([])
  })

  function checkAll(op: string, group: readonly Case[]): void {
    for (const [i, { inputs, options, outputs }] of group.entries()) {
      const live = backend.live
      backend.scope(() => {
        const results = resultsOf(op, inputs, options, backend)
        const shapes = inputs.map(({ shape }) => `(${shape.join(', ')})`).join(' ')
        for (const [j, wanted] of outputs.entries())
          expectSame(results[j]!, wanted, toleranceOf(op), `${op} case ${i} of ${shapes}, output ${j}`)
      })
      expect(backend.live, 'storages left behind').toBe(live)
    }
  }
})

test('torch has a case for every operation, and every operation a case', () => {
  expect([...byOp.keys()].sort()).toEqual(Object.keys(operations).sort())
})
