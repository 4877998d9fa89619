// What the back end tfjs has of its own: its memory, its recipes, the cache that is written in place.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { tfjsFacts } from '../../../src/backends/tfjs/facts.ts'
import { Operations } from '../../../src/backends/tfjs/operations.ts'
import { fusedLayerNorm, plainLayerNorm } from '../../../src/backends/tfjs/recipes.ts'
import { TfjsBackend } from '../../../src/backends/tfjs/tfjs.ts'
import type { TfBinding } from '../../../src/backends/tfjs/tfjsNode.ts'
import { BertForSequenceClassification, GPT2LMHeadModel, loadTfjs } from '../../../src/index.ts'
import { onTfjs } from '../../backends.ts'
import { goldenPath } from '../../golden.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

onTfjs('tfjs', backend => {
  const { binding } = backend.tensorflow
  /** Everything that could grow: our storages, tensors of TensorFlow, tensors of tfjs. */
  const inUse = () => [backend.live, backend.bytes, binding.getNumOfTensors(), loadTfjs().memory().numTensors]

  test('memory is flat over 1,000 generations', async () => {
    using model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
    const generate = async () => {
      using _ = await model.generate([[1, 2, 3]], { max_new_tokens: 2, do_sample: false, eos_token_id: null })
    }
    await generate()
    const before = inUse()
    for (let i = 0; i < 1000; i++) await generate()
    expect(inUse()).toEqual(before)
  })

  test('memory is flat over prompts of every length', async () => {
    using model = await BertForSequenceClassification.from_pretrained(goldenPath('weights/bert-seqcls'), { backend })
    const classify = (length: number) =>
      backend.scope(() => model.forward({ input_ids: [new Array<number>(length).fill(5)] }).logits.data)
    for (let length = 1; length <= 16; length++) classify(length)
    const before = inUse()
    for (let i = 0; i < 200; i++) classify(1 + (i % 16))
    expect(inUse()).toEqual(before)
  })

  test('weights are uploaded once, each as often as it is, and freed with the model', async () => {
    const before = inUse()
    const model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
    const loaded = backend.bytes
    expect(loaded - before[1]!).toBe(model.num_parameters() * 4)
    backend.scope(() => model.forward({ input_ids: [[1, 2, 3]] }).logits.data)
    expect(backend.bytes).toBe(loaded)
    model.dispose()
    expect([backend.live, backend.bytes]).toEqual(before.slice(0, 2))
  })

  test('constants such as shapes are kept for the next time, but not without end', () => {
    using x = backend.ones([4000])
    const before = binding.getNumOfTensors()
    for (let i = 1; i < 4000; i++) x.slice(0, 0, i).dispose()
    expect(binding.getNumOfTensors()).toBeLessThan(before + 1100)
  })

  test('disposing of a back end gives everything back to TensorFlow', async () => {
    const before = binding.getNumOfTensors()
    const other = TfjsBackend.open()
    const held = other
      .ones([3, 4])
      .matmul(other.ones([4, 2]))
      .gelu()
      .reshape([2, 3])
    expect(held.shape).toEqual([2, 3])
    expect(binding.getNumOfTensors()).toBeGreaterThan(before)
    other.dispose()
    expect(binding.getNumOfTensors()).toBe(before)
  })

  test('an operation that fails says what and why, and leaves nothing behind', () => {
    const tf = new Operations(binding)
    const before = binding.getNumOfTensors()
    const [a, b] = [2, 3].map(n => tf.create([n, n], binding.TF_FLOAT, new Float32Array(n * n)))
    const run = () => tf.run('MatMul', [tf.run('Neg', [a!]), b!])
    expect(run).toThrow(expect.objectContaining({ code: 'TFJS_OPERATION' }))
    expect(run).toThrow('tfjs: MatMul of (2, 2), (3, 3) failed: ')
    tf.free(a!)
    tf.free(b!)
    expect(binding.getNumOfTensors()).toBe(before)
  })

  test('both recipes of layerNorm give the same numbers', () => {
    const tf = new Operations(binding)
    const values = (length: number, shape: number[]) =>
      tf.step(
        tf.create(
          shape,
          binding.TF_FLOAT,
          Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7) + i / 50),
        ),
      )
    const results = [fusedLayerNorm, plainLayerNorm].map(recipe => {
      const inputs = [values(60, [4, 15]), values(15, [15]), values(15, [15])] as const
      const numbers = binding.tensorDataSync(recipe(tf, ...inputs, 1e-5).id)
      tf.settle()
      return numbers
    })
    for (const [i, value] of results[0]!.entries()) expect(value).toBeCloseTo(results[1]![i]!, 5)
    tf.close()
  })

  test('append writes in place, but for memory that another tensor has too', () => {
    backend.scope(() => {
      const cache = backend.zeros([1, 1, 3, 2])
      const filled = cache.append(backend.ones([1, 1, 1, 2]), 0)
      expect(filled.storage).toBe(cache.storage)
      const shared = backend.full([1, 1, 3, 2], 5)
      const sum = shared.sum(0, { keepdim: true })
      expect(sum.append(backend.ones([1, 1, 2, 2]), 1).tolist()).toEqual([
        [
          [
            [5, 5],
            [1, 1],
            [1, 1],
          ],
        ],
      ])
      expect(shared.sum().item()).toBe(30)
    })
  })

  test('the doctor finds what is there', () => {
    expect(tfjsFacts()).toMatchObject({
      isThere: true,
      tfjsNode: expect.stringMatching(/^4\.\d+\.\d+$/),
      libtensorflow: binding.TF_Version,
      oneDnn: expect.any(Boolean),
    })
  })

  test.each(['0', '1'])(
    'the command line runs on it with TF_ENABLE_ONEDNN_OPTS=%s, and TensorFlow does not talk',
    value => {
      const env = { ...process.env, TF_ENABLE_ONEDNN_OPTS: value }
      const vitrine = (...args: string[]) =>
        spawnSync(process.execPath, ['dist/src/cli/main.js', ...args], { cwd: root, env, encoding: 'utf8' })
      const { stdout, stderr } = vitrine('classify', '这家酒店非常好，下次还来。', '--backend', 'tfjs', '--json')
      expect(stderr).not.toMatch(/tensorflow|deprecat/i)
      const [{ label, score }] = JSON.parse(stdout) as [{ label: string; score: number }]
      expect(label).toBe('POSITIVE')
      expect(score).toBeCloseTo(0.942225, 4)
      expect(JSON.parse(vitrine('doctor', '--json').stdout)).toMatchObject({
        tfjs: { oneDNN: value === '1' ? 'on' : 'off' },
      })
    },
  )
})

/** A binding that computes nothing and knows which of its tensors were freed. */
function countingBinding(execute: () => void = () => undefined) {
  const alive = new Set<number>()
  const make = () => {
    const id = alive.size === 0 ? 0 : Math.max(...alive) + 1
    alive.add(id)
    return id
  }
  const types = { TF_FLOAT: 1, TF_INT32: 3, TF_UINT8: 4, TF_BOOL: 10 }
  const attributes = { TF_ATTR_STRING: 0, TF_ATTR_INT: 1, TF_ATTR_FLOAT: 2, TF_ATTR_BOOL: 3, TF_ATTR_TYPE: 4 }
  const binding: TfBinding = {
    ...types,
    ...attributes,
    TF_Version: '0',
    createTensor: make,
    deleteTensor: id => expect(alive.delete(id)).toBe(true),
    tensorDataSync: () => new Float32Array(1),
    executeOp: () => {
      execute()
      return [{ id: make(), shape: [1], dtype: 1 }]
    },
    getNumOfTensors: () => alive.size,
  }
  return { binding, alive }
}

test('a recipe frees all but its result, whether it ends or fails', () => {
  let memory = 3
  const { binding, alive } = countingBinding(() => {
    if (memory-- === 0) throw new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[9,9]')
  })
  const tf = new Operations(binding)
  const x = tf.create([1], binding.TF_FLOAT, new Float32Array(1))
  const result = tf.run('Add', [tf.run('Neg', [x]), tf.run('Exp', [x])])
  tf.settle(result)
  expect(alive).toEqual(new Set([x.id, result.id]))
  memory = 1
  const fail = () => tf.run('Add', [tf.run('Neg', [x]), x])
  expect(fail).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }))
  expect(alive).toEqual(new Set([x.id, result.id]))
})

test('a constant is made once while it is in use, and goes with the back end', () => {
  const { binding, alive } = countingBinding()
  const tf = new Operations(binding)
  expect(tf.vector([2, 3])).toBe(tf.vector([2, 3]))
  expect(new Set([tf.index(1), tf.scalar(1), tf.vector([1]), tf.vector([1, 1])]).size).toBe(4)
  const make = () => tf.create([1], binding.TF_FLOAT, new Float32Array(1))
  const first = tf.latest('mask', '3', make)
  expect(tf.latest('mask', '3', make)).toBe(first)
  expect(tf.latest('mask', '4', make)).not.toBe(first)
  tf.settle()
  expect(alive.has(first.id)).toBe(false)
  tf.close()
  expect(alive.size).toBe(0)
})
