// Wrong shapes, dims, types and operands: every refusal has its code, and names the operation and the shapes.
import { expect, test } from 'vitest'
import { type Backend, concat, openBackend, stack, type Tensor } from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'

type Refusal = readonly [code: string, text: string, run: () => unknown]

/** A call from outside of TypeScript. */
const call = (x: object, method: string, ...list: unknown[]): unknown =>
  Reflect.apply(Reflect.get(x, method) as () => unknown, x, list)

onEachBackend('misuse', (backend, backendName) => {
  const x = backend.zeros([2, 3])
  const whole = backend.tensor(Int32Array.of(0, 1))
  const four = (...shape: number[]) => backend.zeros(shape)
  const q = four(2, 1, 2, 4)

  const shapes: Refusal[] = [
    ['SHAPE', 'matmul: shapes (2, 3) and (4, 5)', () => x.matmul(backend.zeros([4, 5]))],
    ['SHAPE', 'matmul: shapes (2, 3) and (2,)', () => x.matmul(backend.zeros([2]))],
    ['RANK', 'matmul: shapes () and (2, 3) need one dim', () => backend.tensor(1).matmul(x)],
    ['SHAPE', 'add: shapes (2,) and (3,)', () => backend.zeros([2]).add(backend.zeros([3]))],
    ['SHAPE', 'where: shapes', () => x.where(backend.zeros([2]), x)],
    ['SHAPE', 'maskedFill: shapes', () => x.maskedFill(backend.zeros([2]), 0)],
    ['SHAPE', 'clamp: shapes', () => x.clamp(backend.zeros([2]))],
    ['SHAPE', 'cannot become (4,)', () => x.reshape([4])],
    ['SHAPE', 'cannot become (-1, -1)', () => x.reshape([-1, -1])],
    ['BAD_SHAPE', "reshape: ('6',) has the dim '6'", () => call(x, 'reshape', ['6'])],
    ['BAD_SHAPE', 'reshape: expected a list of dims such as [2, 3], got 6', () => call(x, 'reshape', 6)],
    ['SHAPE', 'expand: (2, 3) cannot be repeated to (3,)', () => x.expand([3])],
    ['SHAPE', 'expand: (3,) cannot be repeated to (1,)', () => backend.tensor([1, 2, 3]).expand([1])],
    ['SHAPE', 'expand: (2, 3) cannot be repeated to (4, 3)', () => x.expand([4, 3])],
    ['BAD_SHAPE', 'expand: (-1, 2, 3) has the dim -1', () => x.expand([-1, 2, 3])],
    ['DIM_RANGE', 'sum: dim 5 is outside', () => x.sum(5)],
    ['DIM_RANGE', 'mean: dim 1 is named twice', () => x.mean([1, -1])],
    ['DIM_RANGE', 'sum: dim NaN is outside', () => x.sum(Number.NaN)],
    ['DIM_RANGE', "sum: dim '1' is outside", () => call(x, 'sum', '1')],
    ['DIM_RANGE', 'max: dim 1 is outside a tensor of shape ()', () => backend.tensor(1).max(1)],
    ['DIM_RANGE', 'softmax: dim -3 is outside', () => x.softmax(-3)],
    ['DIM_RANGE', 'cumsum: dim 0.5 is outside', () => x.cumsum(0.5)],
    ['RANK', 'dims3: expected 3 dims', () => x.dims3()],
    ['RANK', 'attend: expected 4 dims', () => x.attend(q, q)],
    ['PERMUTE', 'does not name each dim', () => x.permute([0, 0])],
    ['PERMUTE', 'permute: expected a list of dims, got 0', () => call(x, 'permute', 0)],
    ['INDEX', 'select: 2 is outside', () => x.select(0, 2)],
    ['INDEX', 'select: 0.5 is outside', () => x.select(0, 0.5)],
    ['RANK', 'select: a single number has no dims', () => backend.tensor(1).select(0, 0)],
    ['BAD_TYPE', 'slice: start must be a whole number, got NaN', () => x.slice(1, Number.NaN)],
    ['BAD_TYPE', 'slice: end must be a whole number, got 2.7', () => x.slice(1, 0, 2.7)],
    ['BAD_TYPE', "slice: start must be a whole number, got '1'", () => call(x, 'slice', 1, '1')],
    ['SPLIT', 'split3', () => backend.zeros([4]).split3()],
    ['SPLIT', 'split: 3 places cannot be cut into parts of 0', () => x.split(0, 1)],
    ['SPLIT', 'split: 3 places cannot be cut into parts of (1, 1)', () => x.split([1, 1], 1)],
    ['SPLIT', 'split: 3 places cannot be cut into parts of (4, -1)', () => x.split([4, -1], 1)],
    ['HEADS', 'heads: the width of (1, 2, 6) cannot be shared by 4 heads', () => backend.zeros([1, 2, 6]).heads(4)],
    ['TOPK', 'topk: cannot take 4 of the 3', () => x.topk(4)],
    ['TOPK', 'topk: cannot take 1.5 of the 3', () => x.topk(1.5)],
    ['EMPTY', 'max: there is nothing to choose from in (0,)', () => backend.zeros([0]).max()],
    ['EMPTY', 'argmin: there is nothing to choose from in (2, 0)', () => backend.zeros([2, 0]).argmin(1)],
    ['SHAPE', 'linear: input (2, 3)', () => x.linear(backend.zeros([4, 5]))],
    ['SHAPE', 'bias (3,)', () => x.linear(backend.zeros([4, 3]), backend.zeros([3]))],
    ['SHAPE', 'layerNorm', () => x.layerNorm(backend.zeros([2]), backend.zeros([3]), 1e-5)],
    [
      'SHAPE',
      'gather: index (3, 1) does not fit (2, 3) along dim 1',
      () => x.gather(1, backend.zeros([3, 1], 'int32')),
    ],
    ['INDEX', 'gather: index -1 is outside dim 1', () => x.gather(1, backend.full([1, 1], -1, 'int32'))],
    ['INDEX', 'gather: index 0.5 is outside dim 1', () => x.gather(1, backend.full([1, 1], 0.5))],
    ['SHAPE', 'item: a tensor of shape (2, 3)', () => x.item()],
  ]

  const attention: Refusal[] = [
    [
      'SHAPE',
      'attend: queries (2, 1, 2, 4) do not fit keys (2, 1, 2, 5)',
      () => q.attend(four(2, 1, 2, 5), four(2, 1, 2, 5)),
    ],
    [
      'SHAPE',
      'attend: queries (2, 1, 2, 4) do not fit keys (1, 1, 2, 4)',
      () => q.attend(four(1, 1, 2, 4), four(1, 1, 2, 4)),
    ],
    ['SHAPE', 'attend: values (1, 1, 1, 1) do not fit keys (2, 1, 2, 4)', () => q.attend(q, four(1, 1, 1, 1))],
    ['SHAPE', 'attend: values (2, 1, 1, 4) do not fit keys (2, 1, 2, 4)', () => q.attend(q, four(2, 1, 1, 4))],
    ['SHAPE', 'of length 3', () => q.attend(q, q, { length: 3 })],
    ['SHAPE', 'of length 1', () => q.attend(q, q, { length: 1, causal: true })],
    ['BAD_TYPE', 'attend: length must be a whole number from 0 on, got 1.5', () => q.attend(q, q, { length: 1.5 })],
    ['BAD_TYPE', 'attend: length must be a whole number from 0 on, got -1', () => q.attend(q, q, { length: -1 })],
    ['BAD_TYPE', 'attend: scale must be a number, got NaN', () => q.attend(q, q, { scale: Number.NaN })],
    ['BAD_TYPE', "attend: causal must be true or false, got 'no'", () => call(q, 'attend', q, q, { causal: 'no' })],
    ['SHAPE', 'attend: the mask (2, 2) does not fit', () => q.attend(q, q, { mask: backend.zeros([2, 2]) })],
    ['SHAPE', 'attend: the mask (3, 1, 1, 2) does not fit', () => q.attend(q, q, { mask: four(3, 1, 1, 2) })],
    ['SHAPE', 'attend: the mask (2, 1, 3, 2) does not fit', () => q.attend(q, q, { mask: four(2, 1, 3, 2) })],
    ['SHAPE', 'attentionScores: queries', () => q.attentionScores(four(1, 1, 2, 4))],
    [
      'SHAPE',
      'probabilities (1, 1, 1, 64) do not fit values (1, 1, 1, 4)',
      () => four(1, 1, 1, 64).attentionValues(four(1, 1, 1, 4)),
    ],
    ['SHAPE', 'append: rows (2, 1, 2, 4) do not fit behind 1 rows', () => q.append(q, 1)],
    ['SHAPE', 'append: rows (2, 1, 1, 3)', () => q.append(four(2, 1, 1, 3), 0)],
    ['BAD_TYPE', 'append: filled must be a whole number from 0 on, got NaN', () => q.append(q, Number.NaN)],
  ]

  const values: Refusal[] = [
    ['BAD_SHAPE', 'zeros: (NaN,) has the dim NaN', () => backend.zeros([Number.NaN])],
    ['BAD_SHAPE', 'ones: (2, -1) has the dim -1', () => backend.ones([2, -1])],
    ['BAD_SHAPE', 'full: (1.5,) has the dim 1.5', () => backend.full([1.5], 1)],
    ['BAD_SHAPE', "zeros: ('3',) has the dim '3'", () => call(backend, 'zeros', ['3'])],
    ['BAD_SHAPE', 'zeros: expected a list of dims such as [2, 3], got 3', () => call(backend, 'zeros', 3)],
    ['TOO_LARGE', 'more than', () => backend.zeros([2 ** 31])],
    ['TOO_LARGE', 'more than', () => backend.zeros([2 ** 30, 2 ** 30, 2 ** 30])],
    ['TOO_LARGE', 'more than', () => backend.zeros([0, 2 ** 40])],
    ['TOO_LARGE', 'add: ', () => backend.zeros([2 ** 16, 1]).add(backend.zeros([2 ** 16]))],
    ['TOO_LARGE', 'expand: ', () => x.expand([2 ** 40, 2, 3])],
    ['TOO_LARGE', 'matmul: ', () => backend.zeros([2 ** 16, 1]).matmul(backend.zeros([1, 2 ** 16]))],
    ['RAGGED', 'tensor: rows of different shapes, (2,) and (1,)', () => backend.tensor([[1, 2], [3]])],
    ['SHAPE', '3 values do not fill the shape (2, 2)', () => backend.tensor([1, 2, 3], { shape: [2, 2] })],
    ['BAD_TYPE', "got 'a'", () => call(backend, 'tensor', ['a'])],
    ['BAD_TYPE', 'tensor: expected numbers or nested arrays of numbers, got undefined', () => call(backend, 'tensor')],
    ['BAD_TYPE', 'got null', () => call(backend, 'tensor', [[1, null]])],
    ['BAD_TYPE', 'got a DataView', () => call(backend, 'tensor', new DataView(new ArrayBuffer(8)))],
    ['BAD_SHAPE', 'nested more than 64 deep', () => backend.tensor(holdingItself())],
    [
      'BAD_DTYPE',
      "tensor: there is no dtype 'float16' (known: float32, int32)",
      () => call(backend, 'tensor', [1.5], { dtype: 'float16' }),
    ],
    ['BAD_DTYPE', "zeros: there is no dtype 'float64'", () => call(backend, 'zeros', [2], 'float64')],
    ['BAD_DTYPE', 'to: there is no dtype undefined', () => call(x, 'to')],
    [
      'BAD_VALUE',
      'tensor: int32 cannot hold NaN, at place 1',
      () => backend.tensor([1, Number.NaN], { dtype: 'int32' }),
    ],
    ['BAD_VALUE', 'full: int32 cannot hold 2147483648', () => backend.full([2], 2 ** 31, 'int32')],
    ['BAD_VALUE', 'tensor: int32 cannot hold 4294967295', () => backend.tensor(Uint32Array.of(2 ** 32 - 1))],
    ['BAD_VALUE', 'arange: steps of 0 do not lead from 0 to 3', () => backend.arange(0, 3, 0)],
    ['BAD_VALUE', 'arange: steps of 1 do not lead from 5 to 2', () => backend.arange(5, 2)],
    ['BAD_TYPE', 'arange: end must be a number, got NaN', () => backend.arange(Number.NaN)],
    ['BAD_VALUE', 'arange: int32 cannot hold 2147483648', () => backend.arange(2 ** 31 - 2, 2 ** 31 + 1)],
    [
      'UNKNOWN_OPTION',
      "tensor: there is no option 'type' (did you mean",
      () => call(backend, 'tensor', [1], { type: 'int32' }),
    ],
    [
      'UNKNOWN_OPTION',
      "sum: there is no option 'keepDim' (did you mean 'keepdim'?)",
      () => call(x, 'sum', 0, { keepDim: true }),
    ],
    ['UNKNOWN_OPTION', "attend: there is no option 'maks'", () => call(q, 'attend', q, q, { maks: 1 })],
    ['BAD_TYPE', 'sum: expected an object of options, got true', () => call(x, 'sum', 0, true)],
    ['BAD_TYPE', 'sum: keepdim must be true or false, got 1', () => call(x, 'sum', 0, { keepdim: 1 })],
    ['BAD_TYPE', 'sort: descending must be', () => call(x, 'sort', 0, { descending: 'yes' })],
    ['BAD_TYPE', 'topk: largest must be', () => call(x, 'topk', 1, 0, { largest: null })],
    ['BAD_TYPE', "var: correction must be a number, got 'x'", () => call(x, 'var', 0, { correction: 'x' })],
    [
      'BAD_TYPE',
      "gelu: approximate must be 'none' or 'tanh', got 'tnah'",
      () => call(x, 'gelu', { approximate: 'tnah' }),
    ],
    [
      'BAD_TYPE',
      'layerNorm: eps must be a number, got undefined',
      () => call(x, 'layerNorm', ...[1, 1].map(() => backend.ones([3]))),
    ],
    ['BAD_TYPE', 'clamp: expected min, max or both', () => x.clamp()],
    ['BAD_TYPE', "maskedFill: the value must be a number, got '0'", () => call(x, 'maskedFill', x, '0')],
    ['BAD_TYPE', 'full: expected a number, got undefined', () => call(backend, 'full', [2])],
    [
      'NEGATIVE_POWER',
      "pow: int32 to the power of -1 has no whole result (call to('float32') first)",
      () => whole.pow(-1),
    ],
  ]

  const operands: Refusal[] = [
    [
      'BAD_TYPE',
      'add: the other operand must be a Tensor, got an array of 1 (backend.tensor(values) makes one)',
      () => call(x, 'add', [1]),
    ],
    ['BAD_TYPE', 'add: the other operand must be a Tensor, got true', () => call(x, 'add', true)],
    ['BAD_TYPE', 'matmul: the other operand must be a Tensor, got undefined', () => call(x, 'matmul')],
    ['BAD_TYPE', 'linear: the bias must be a Tensor, got null', () => call(x, 'linear', backend.zeros([4, 3]), null)],
    ['BAD_TYPE', 'attend: the mask must be a Tensor', () => call(q, 'attend', q, q, { mask: [[0]] })],
    ['EMPTY', 'concat: there is nothing to join', () => concat([])],
    ['BAD_TYPE', 'concat: expected a list of tensors, got a Tensor', () => Reflect.apply(concat, undefined, [x])],
    ['BAD_TYPE', 'concat: part 1 must be a Tensor, got 3', () => Reflect.apply(concat, undefined, [[x, 3]])],
    ['SHAPE', 'concat: shapes (2, 3) and (3, 2) differ in more than dim 0', () => concat([x, backend.zeros([3, 2])])],
    ['RANK', 'concat: single numbers', () => concat([backend.tensor(1), backend.tensor(2)])],
    ['SHAPE', 'stack: shapes (2, 3) and (3,) differ', () => stack([x, backend.zeros([3])])],
  ]

  test.each([...shapes, ...attention, ...values, ...operands])('%s: %s', (code, text, run) => {
    const { live } = backend
    expect(() => backend.scope(() => void run())).toThrow(expect.objectContaining({ code }))
    expect(() => backend.scope(() => void run())).toThrow(text)
    expect(backend.live).toBe(live)
  })

  /**
   * Each operand of each operation but the tensor itself, in whose place a tensor may stand that does not belong there.
   */
  const places: [name: string, run: (other: (...shape: number[]) => Tensor) => unknown][] = [
    ['add', other => x.add(other(2, 3))],
    ['eq', other => x.eq(other(2, 3))],
    ['matmul', other => x.matmul(other(3, 2))],
    ['linear', other => x.linear(other(4, 3))],
    ['linear', other => x.linear(backend.zeros([4, 3]), other(4))],
    ['conv1d', other => x.conv1d(backend.zeros([3, 4]), other(4))],
    ['layerNorm', other => x.layerNorm(other(3), backend.zeros([3]), 1e-5)],
    ['layerNorm', other => x.layerNorm(backend.zeros([3]), other(3), 1e-5)],
    ['attend', other => q.attend(other(2, 1, 2, 4), q)],
    ['attend', other => q.attend(q, other(2, 1, 2, 4))],
    ['attend', other => q.attend(q, q, { mask: other(2, 1, 1, 2) })],
    ['attentionScores', other => q.attentionScores(q, { mask: other(2, 1, 1, 2) })],
    ['attentionValues', other => q.attentionValues(other(2, 1, 4, 4))],
    ['append', other => q.append(other(2, 1, 2, 4), 0)],
    ['where', other => x.where(other(2, 3), x)],
    ['where', other => x.where(x, other(2, 3))],
    ['maskedFill', other => x.maskedFill(other(2, 3), 1)],
    ['clamp', other => x.clamp(other(2, 3))],
    ['clamp', other => x.clamp(0, other(2, 3))],
    ['embedding', other => x.embedding(other(1))],
    ['gather', other => x.gather(0, other(1, 1))],
    ['concat', other => concat([x, other(2, 3)])],
    ['stack', other => stack([x, other(2, 3)])],
  ]

  test.each(places)('%s takes no tensor of another back end, nor one that was freed', async (name, run) => {
    const other = await openBackend(backendName)
    const foreign = () => run((...shape) => other.zeros(shape))
    expect(foreign).toThrow(expect.objectContaining({ code: 'BACKEND_MISMATCH' }))
    expect(foreign).toThrow(new RegExp(`^${name}: .*bring it over: backend\\.tensor\\(x\\)`))
    const freed = () => run((...shape) => freedTensor(backend, shape))
    expect(freed).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
    expect(freed).toThrow(new RegExp(`^${name}: the tensor of shape .* was freed`))
    other.dispose()
  })

  test('what is brought over from another back end can be used', async () => {
    const other = await openBackend('reference')
    expect(
      x
        .add(backend.tensor(other.full([2, 3], 2)))
        .sum()
        .item(),
    ).toBe(12)
    expect(backend.tensor(other.arange(2)).dtype).toBe('int32')
  })

  test('ids outside of a table are refused before anything is read', () => {
    const table = backend.zeros([4, 2])
    for (const id of [-1, 4, 0.5, Number.NaN]) {
      expect(() => table.embedding(backend.tensor([0, id]))).toThrow(expect.objectContaining({ code: 'ID_RANGE' }))
    }
  })

  test('a tensor cannot be sent to a worker, which has another memory', () => {
    expect(() => structuredClone(x)).toThrow(/lives in the thread that made it.* could not be cloned/)
  })
})

function holdingItself(): number[] {
  const list: unknown[] = []
  list.push(list)
  return list as number[]
}

function freedTensor(backend: Backend, shape: readonly number[]): Tensor {
  const x = backend.zeros(shape)
  x.dispose()
  return x
}
