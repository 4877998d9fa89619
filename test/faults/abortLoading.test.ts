// A signal ends loading at every stage: soon, with its reason, nothing stays in memory or open, and the next load works.
import fs from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { ReferenceBackend } from '../../src/backends/reference.ts'
import {
  AutoModelForCausalLM,
  AutoModelForSequenceClassification,
  type Backend,
  type FromPretrainedOptions,
  type PreTrainedModel,
  type ProgressInfo,
  pipeline,
  type WeightDType,
} from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { goldenPath } from '../golden.ts'

const enough = new Error('enough')
const weights = (name: string): string => goldenPath(`weights/${name}`)

/** Folders in each form that weights come in: float32, halves that are widened, several files, PyTorch's. */
const gpt2Folders = ['gpt2-lm', 'gpt2-lm/f16', 'gpt2-lm/sharded', 'gpt2-lm/bin'].map(weights)

/** And small ones. */
const smallFolder = temporaryFolder()

beforeAll(async () => {
  using backend = new ReferenceBackend()
  for (const dtype of ['int8', 'q4'] as const) {
    using model = await AutoModelForCausalLM.from_pretrained(weights('gpt2-lm'), { backend, dtype })
    await model.save_pretrained(join(smallFolder, dtype))
  }
})

/** GPT-2 with zeros for weights, most of them in one table: 155 MB, which the disk does not really give. */
function largeFolder(): string {
  const folder = temporaryFolder()
  const [V, C, P] = [50_257, 512, 1024]
  const layer: [string, number[]][] = [
    ...(['ln_1', 'ln_2'] as const).flatMap((name): [string, number[]][] => [
      [`${name}.weight`, [C]],
      [`${name}.bias`, [C]],
    ]),
    ...Object.entries({ 'attn.c_attn': 3 * C, 'attn.c_proj': C, 'mlp.c_fc': 4 * C }).flatMap(
      ([name, n]): [string, number[]][] => [
        [`${name}.weight`, [C, n]],
        [`${name}.bias`, [n]],
      ],
    ),
    ['mlp.c_proj.weight', [4 * C, C]],
    ['mlp.c_proj.bias', [C]],
  ]
  const n_layer = 4
  const shapes: [string, number[]][] = [
    ['transformer.wte.weight', [V, C]],
    ['transformer.wpe.weight', [P, C]],
    ...Array.from({ length: n_layer }, (_, i) =>
      layer.map(([name, shape]): [string, number[]] => [`transformer.h.${i}.${name}`, shape]),
    ).flat(),
    ['transformer.ln_f.weight', [C]],
    ['transformer.ln_f.bias', [C]],
  ]
  let end = 0
  const entries = shapes.map(([name, shape]) => {
    const begin = end
    end += shape.reduce((size, dim) => size * dim, 4)
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }]
  })
  const text = JSON.stringify(Object.fromEntries(entries))
  const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const file = join(folder, 'model.safetensors')
  fs.writeFileSync(file, Buffer.concat([length, header]))
  fs.truncateSync(file, 8 + header.length + end)
  const config = { model_type: 'gpt2', n_embd: C, n_layer, n_head: 4, n_positions: P, vocab_size: V }
  fs.writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  return folder
}

const large = largeFolder()

/** The files that are open, after `watchFiles`. */
const open = new Set<number>()

function watchFiles(): void {
  const { openSync, closeSync } = fs
  vi.spyOn(fs, 'openSync').mockImplementation((...args) => {
    const fd = openSync(...args)
    open.add(fd)
    return fd
  })
  vi.spyOn(fs, 'closeSync').mockImplementation(fd => {
    closeSync(fd)
    open.delete(fd)
  })
}

afterEach(() => {
  vi.restoreAllMocks()
  open.clear()
})

/** The scores of a few tokens, whatever the model. */
function scores(model: PreTrainedModel, backend: Backend): number[] {
  return backend.scope(() => {
    const input_ids = backend.tensor([[5, 9, 12, 7]], { dtype: 'int32' })
    const { logits } = Reflect.apply(model.forward, model, [{ input_ids }])
    return Array.from(logits.data)
  })
}

const memory = ({ live, bytes }: Backend): object => ({ live, bytes })

onPlainBackends('an abort', (backend: Backend, name) => {
  const kinds: readonly WeightDType[] = name === 'tfjs' ? ['float32'] : ['float32', 'int8', 'q4']
  const load = (folder: string, options: FromPretrainedOptions) =>
    AutoModelForCausalLM.from_pretrained(folder, { backend, ...options })

  test.each([...gpt2Folders, join(smallFolder, 'int8'), join(smallFolder, 'q4')])(
    'ends the loading of %s wherever it is',
    async folder => {
      watchFiles()
      for (const dtype of kinds) {
        const events: ProgressInfo[] = []
        const whole = await load(folder, { dtype, progress_callback: info => events.push(info) })
        const wanted = scores(whole, backend)
        whole.dispose()
        expect(events.length).toBeGreaterThan(10)
        const before = memory(backend)
        for (let stop = 0; stop < events.length; stop++) {
          const controller = new AbortController()
          let seen = 0
          const progress_callback = () => {
            if (seen++ === stop) controller.abort(enough)
          }
          const { signal } = controller
          await expect(load(folder, { dtype, signal, progress_callback })).rejects.toBe(enough)
          expect(seen).toBe(stop + 1)
          expect(memory(backend)).toEqual(before)
          expect(open.size).toBe(0)
        }
        using again = await load(folder, { dtype, signal: new AbortController().signal })
        expect(scores(again, backend)).toEqual(wanted)
      }
    },
  )

  test.each(kinds)('from a timer ends the loading of large weights as %s', async dtype => {
    const before = memory(backend)
    const waited: number[] = []
    for (const delay of [0, 5, 10]) {
      watchFiles()
      const reads = vi.spyOn(fs, 'readSync')
      const controller = new AbortController()
      let [aborted, readBefore, read] = [0, 0, 0]
      setTimeout(() => {
        aborted = performance.now()
        readBefore = reads.mock.calls.length
        controller.abort(enough)
      }, delay)
      const progress_callback = (info: ProgressInfo) => {
        if (info.status === 'progress') read = info.progress
      }
      await expect(load(large, { dtype, signal: controller.signal, progress_callback })).rejects.toBe(enough)
      waited.push(performance.now() - aborted)
      expect(reads.mock.calls.length).toBe(readBefore)
      expect(read).toBeLessThan(100)
      expect(memory(backend)).toEqual(before)
      expect(open.size).toBe(0)
      vi.restoreAllMocks()
    }
    // A machine that has much else to do may hold up one of them.
    expect(Math.min(...waited)).toBeLessThan(100)
  })

  test('of one load leaves another one at the same time alone', async () => {
    using alone = await load(weights('gpt2-lm'), {})
    const wanted = scores(alone, backend)
    const before = memory(backend)
    const { signal } = new AbortController()
    const controller = new AbortController()
    const loads = [
      load(weights('gpt2-lm'), { signal }),
      load(large, { signal: controller.signal, progress_callback: () => controller.abort(enough) }),
      load(weights('gpt2-lm/sharded'), {}),
    ]
    const [first, stopped, second] = await Promise.allSettled(loads)
    expect(stopped).toEqual({ status: 'rejected', reason: enough })
    for (const each of [first, second]) {
      if (each?.status !== 'fulfilled') throw new Error('a load that nobody has stopped did not end well')
      expect(scores(each.value, backend)).toEqual(wanted)
      each.value.dispose()
    }
    expect(memory(backend)).toEqual(before)
  })

  test('before the first step opens nothing', async () => {
    watchFiles()
    const spy = vi.mocked(fs.openSync)
    await expect(load(weights('gpt2-lm'), { signal: AbortSignal.abort(enough) })).rejects.toBe(enough)
    expect(spy).not.toHaveBeenCalled()
  })

  test('ends pipeline() while it reads the model, and before it reads the tokenizer', async () => {
    const before = memory(backend)
    for (const status of ['initiate', 'progress', 'done'] as const) {
      const controller = new AbortController()
      const progress_callback = (info: ProgressInfo) => {
        if (info.status === status) controller.abort(enough)
      }
      const options = { backend, signal: controller.signal, progress_callback }
      await expect(pipeline('text-classification', weights('bert-seqcls5'), options)).rejects.toBe(enough)
      expect(memory(backend)).toEqual(before)
    }
    using pipe = await pipeline('text-classification', weights('bert-seqcls5'), {
      backend,
      signal: new AbortController().signal,
    })
    expect(await pipe('今天你好')).toHaveLength(1)
  })

  test('frees also the fresh weights of a head, and a progress callback that throws frees what an abort does', async () => {
    const before = memory(backend)
    const controller = new AbortController()
    const fresh = { backend, num_labels: 7, ignore_mismatched_sizes: true, seed: 1 }
    const progress_callback = (info: ProgressInfo) => {
      if (info.status === 'progress') controller.abort(enough)
    }
    const classifier = AutoModelForSequenceClassification
    const signal = controller.signal
    await expect(
      classifier.from_pretrained(weights('bert-seqcls5'), { ...fresh, signal, progress_callback }),
    ).rejects.toBe(enough)
    expect(memory(backend)).toEqual(before)
    for (const status of ['progress', 'done']) {
      const throwing = (info: ProgressInfo) => {
        if (info.status === status) throw enough
      }
      await expect(load(weights('gpt2-lm'), { progress_callback: throwing })).rejects.toBe(enough)
      expect(memory(backend)).toEqual(before)
    }
  })

  test('is not waited for by other work: timers are heard while large weights are read', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    using model = await load(large, {})
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(0)
    expect(model.num_parameters()).toBeGreaterThan(38e6)
  })
})
