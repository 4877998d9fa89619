// Disposing of a back end: its tensors and models are dead, its memory is back, and others go on.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { openBackend, sharedBackend } from '../../src/backends/index.ts'
import { type BackendName, BertForSequenceClassification, GPT2LMHeadModel } from '../../src/index.ts'
import { backendsHere } from '../backends.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const dead = expect.objectContaining({ code: 'DISPOSED' })
const tiny = { vocab_size: 9, n_positions: 8, n_embd: 8, n_layer: 1, n_head: 2 }

describe.each(backendsHere)('dispose of %s', name => {
  test('every tensor says so, and nothing new can be made', async () => {
    const backend = await openBackend(name)
    const [x, kept] = [backend.ones([2, 2]), backend.ones([2, 2]).keep()]
    const view = x.reshape([4])
    backend.dispose()
    expect(backend.disposed).toBe(true)
    expect([backend.live, backend.bytes]).toEqual([0, 0])
    for (const tensor of [x, view, kept]) {
      expect(() => tensor.data).toThrow(dead)
      expect(() => tensor.add(1)).toThrow(`add: the tensor of shape ${`(${tensor.shape.join(', ')}`}`)
      expect(() => tensor.add(1)).toThrow(`was freed with its back end ${name}`)
      expect(String(tensor)).toContain('disposed')
    }
    const makers = [
      () => backend.tensor([1]),
      () => backend.zeros([2]),
      () => backend.arange(3),
      () => backend.scope(() => 1),
    ]
    for (const make of makers) {
      expect(make).toThrow(dead)
      expect(make).toThrow(`the back end ${name} was disposed of`)
    }
    x.dispose()
    backend.dispose()
    backend[Symbol.dispose]()
  })

  test('tensors of open scopes die too, and the scopes close as ever', async () => {
    const backend = await openBackend(name)
    const run = () =>
      backend.scope(() => {
        const x = backend.ones([2])
        backend.scope(() => backend.dispose())
        return x
      })
    expect(() => run().data).toThrow(dead)
    expect(backend.live).toBe(0)
  })

  test('models on it say so; models on another one do not notice', async () => {
    const [backend, other] = [await openBackend(name), await openBackend(name)]
    const [model, survivor] = [backend, other].map(backend => GPT2LMHeadModel.from_config(tiny, { seed: 1, backend }))
    backend.dispose()
    expect(() => model!.forward({ input_ids: [[1, 2]] })).toThrow(dead)
    expect(() => model!.forward({ input_ids: [[1, 2]] })).toThrow(`the back end ${name} was disposed of`)
    await expect(model!.generate([[1, 2]], { max_new_tokens: 1 })).rejects.toThrow(dead)
    expect(() => GPT2LMHeadModel.from_config(tiny, { backend })).toThrow(dead)
    model!.dispose()
    expect(survivor!.forward({ input_ids: [[1, 2]] }).logits.shape).toEqual([1, 2, 9])
    other.dispose()
  })

  test('the back end that models share can be disposed of: the next model gets a new one', () => {
    const first = GPT2LMHeadModel.from_config(tiny, { seed: 1, backend: name })
    const second = GPT2LMHeadModel.from_config(tiny, { seed: 1, backend: name })
    expect(second.backend).toBe(first.backend)
    const logits = first.forward({ input_ids: [[1, 2]] }).logits.tolist()
    first.backend.dispose()
    expect(() => second.forward({ input_ids: [[1, 2]] })).toThrow(dead)
    const third = GPT2LMHeadModel.from_config(tiny, { seed: 1, backend: name })
    expect(third.forward({ input_ids: [[1, 2]] }).logits.tolist()).toEqual(logits)
    expect(sharedBackend(name)).toBe(third.backend)
    third.backend.dispose()
  })

  const where = name === 'tfjs' ? 'TensorFlow, which keeps it for the next tensors,' : 'the system'
  test(`its memory goes back to ${where} although tensors are still held`, async () => {
    const megabytes = 200
    const before = residentMegabytes()
    const backend = await openBackend(name)
    const held = backend.ones([megabytes, 2 ** 18])
    expect(residentMegabytes()).toBeGreaterThan(before + megabytes * 0.8)
    backend.dispose()
    using next = await openBackend(name)
    if (name === 'tfjs') next.ones([megabytes, 2 ** 18])
    expect(residentMegabytes()).toBeLessThan(before + megabytes * (name === 'tfjs' ? 1.3 : 0.3))
    expect(() => held.data).toThrow(dead)
  })

  test('tensors that nobody holds any more are counted off when they are collected', async () => {
    const backend = await openBackend(name)
    const { bytes } = backend
    for (let i = 0; i < 50; i++) backend.ones([1000])
    expect(backend.live).toBe(50)
    await collected(() => backend.live === 0)
    expect([backend.live, backend.bytes]).toEqual([0, bytes])
    backend.dispose()
  })
})

test.each([null, 7, {}, 'gpu'])('a model refuses the back end %o', given => {
  const make = () => BertForSequenceClassification.from_config({}, { backend: given as BackendName })
  expect(make).toThrow(expect.objectContaining({ code: 'UNKNOWN_BACKEND' }))
})

function residentMegabytes(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage.rss() / 2 ** 20
}

/** Finalizers run between the turns of the event loop. */
async function collected(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 50 && !isDone(); i++) {
    collectGarbage()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
