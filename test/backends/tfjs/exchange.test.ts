// Tensors of tfjs in and out, and what happens when the two are mixed up.
import { expect, test } from 'vitest'
import {
  fromTfjs,
  GPT2LMHeadModel,
  type IdsLike,
  loadTfjs,
  openBackend,
  type Tensor,
  type TensorValues,
  type TfjsTensor,
  toTfjs,
} from '../../../src/index.ts'
import { refuseTfjs } from '../../../src/tensor/tfjsTensor.ts'
import { onTfjs } from '../../backends.ts'
import { goldenPath } from '../../golden.ts'

/** The functions of tf that are used here. */
interface Tf {
  tensor(values: unknown, shape?: number[], dtype?: string): TfTensor
  tidy<R>(body: () => R): R
}

interface TfTensor extends TfjsTensor {
  add(other: TfjsTensor): TfTensor
  relu(): TfTensor
  arraySync(): unknown
}

/** What callers without types may hand over. */
const untyped = <T>(value: unknown): T => value as T

onTfjs('exchange', backend => {
  const tf = loadTfjs<Tf>()
  const mismatch = expect.objectContaining({ code: 'BACKEND_MISMATCH' })

  test('a tensor goes to tfjs without a copy, and lives there on its own', () => {
    const x = backend.tensor([
      [1, -2],
      [3, -4],
    ])
    const t = toTfjs<TfTensor>(x)
    x.dispose()
    expect([t.shape, t.dtype, t.arraySync()]).toEqual([
      [2, 2],
      'float32',
      [
        [1, -2],
        [3, -4],
      ],
    ])
    expect(t.add(t).relu().arraySync()).toEqual([
      [2, 0],
      [6, 0],
    ])
    t.dispose()
    expect(t.isDisposed).toBe(true)
  })

  test('whole numbers, single numbers, empty tensors and weights go too', async () => {
    expect(toTfjs<TfTensor>(backend.tensor([1, 2], { dtype: 'int32' }))).toMatchObject({ dtype: 'int32', shape: [2] })
    expect(toTfjs<TfTensor>(backend.tensor(7)).arraySync()).toBe(7)
    expect(toTfjs(backend.zeros([0, 3])).shape).toEqual([0, 3])
    using model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
    const weight = model.transformer.wte.weight.value
    const { live } = backend
    expect(Array.from(toTfjs(weight).dataSync())).toEqual(Array.from(weight.data))
    expect(backend.live).toBe(live)
  })

  test('a tensor of another back end goes by a copy', async () => {
    using wasm = await openBackend('wasm')
    expect(toTfjs<TfTensor>(wasm.tensor([[1], [2]])).arraySync()).toEqual([[1], [2]])
  })

  test('what is made in tf.tidy ends with it', () => {
    const before = loadTfjs().memory().numTensors
    tf.tidy(() => void toTfjs(backend.ones([2])))
    expect(loadTfjs().memory().numTensors).toBe(before)
  })

  test('a tensor of tfjs comes in without a copy, and lives on when it is disposed of there', () => {
    const t = tf.tensor([[1, 2, 3]])
    const x = fromTfjs(t, { backend })
    t.dispose()
    expect([x.shape, x.dtype, x.tolist()]).toEqual([[1, 3], 'float32', [[1, 2, 3]]])
    expect(x.backend).toBe(backend)
    expect(x.add(1).tolist()).toEqual([[2, 3, 4]])
    x.dispose()
  })

  test('the types that have a place here come in, others are refused', () => {
    expect(fromTfjs(tf.tensor([1, 2], [2], 'int32'))).toMatchObject({ dtype: 'int32', shape: [2] })
    const truth = fromTfjs(tf.tensor([true, false], [2], 'bool'), { backend })
    expect([truth.dtype, truth.tolist()]).toEqual(['int32', [1, 0]])
    const text = tf.tensor(['a'], [1], 'string')
    expect(() => fromTfjs(text)).toThrow(expect.objectContaining({ code: 'BAD_DTYPE' }))
    expect(() => fromTfjs(text)).toThrow('a tensor of dtype string has no place here')
  })

  test('a tensor comes to the shared back end unless one is given, and to others by a copy', async () => {
    const shared = fromTfjs(tf.tensor([1]))
    expect(shared.backend.name).toBe('tfjs')
    expect(shared.backend).not.toBe(backend)
    using wasm = await openBackend('wasm')
    const far = fromTfjs(tf.tensor([[true], [false]], [2, 1], 'bool'), { backend: wasm })
    expect([far.backend.name, far.dtype, far.tolist()]).toEqual(['wasm', 'int32', [[1], [0]]])
  })

  test('what is disposed of, or is no tensor of the right kind, is refused', () => {
    const t = tf.tensor([1])
    t.dispose()
    expect(() => fromTfjs(t)).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
    const x = backend.ones([1])
    x.dispose()
    expect(() => toTfjs(x)).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
    const badType = expect.objectContaining({ code: 'BAD_TYPE' })
    for (const wrong of [backend.ones([1]), [1], 5, null])
      expect(() => fromTfjs(untyped<TfjsTensor>(wrong))).toThrow(badType)
    for (const wrong of [tf.tensor([1]), [1], undefined]) expect(() => toTfjs(untyped<Tensor>(wrong))).toThrow(badType)
  })

  test('tensors of tfjs and ours do not mix without a word', async () => {
    const t = tf.tensor([[1, 2]])
    const x = backend.tensor([[1, 2]])
    expect(() => x.add(untyped<Tensor>(t))).toThrow(mismatch)
    expect(() => x.add(untyped<Tensor>(t))).toThrow(
      'add: the other operand is a tensor of tfjs (bring it over: fromTfjs(x))',
    )
    expect(() => backend.tensor(untyped<TensorValues>(t))).toThrow(mismatch)
    using model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
    expect(() => model.forward({ input_ids: untyped<IdsLike>(t) })).toThrow(mismatch)
    const { logits } = backend.scope(() => model.forward({ input_ids: fromTfjs(tf.tensor([[1, 2]], [1, 2], 'int32')) }))
    expect(logits.shape.slice(0, 2)).toEqual([1, 2])
  })
})

test('only what looks like a tensor of tfjs is taken for one', () => {
  const lookalike = { dataId: {}, shape: [1], dtype: 'float32', dataSync: () => new Float32Array(1) }
  expect(() => refuseTfjs(lookalike, 'add: it')).toThrow('add: it is a tensor of tfjs')
  for (const other of [undefined, null, 1, [1], {}, { shape: [1], dtype: 'float32' }]) refuseTfjs(other, 'add: it')
})
