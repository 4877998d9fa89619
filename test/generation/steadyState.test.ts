// A long generation stands still but for its tokens: no memory grows from step to step, and choosing a token is a small part of one.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { TokenChooser } from '../../src/generation/chooser.ts'
import { prepare } from '../../src/generation/prepare.ts'
import { GenerationConfig, type GenerationOptions, GPT2LMHeadModel, openBackend } from '../../src/index.ts'
import { ScriptedModel } from './scripted.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test.each([{}, { do_sample: true, top_k: 5, top_p: 0.9, temperature: 0.8, repetition_penalty: 1.2, seed: 1 }])(
  '1,000 steps with %j need no more memory than 100',
  async options => {
    using backend = await openBackend('wasm', { threads: 1 })
    const config = { vocab_size: 512, n_embd: 32, n_layer: 2, n_head: 2, n_positions: 1100 }
    using model = GPT2LMHeadModel.from_config({ ...config, bos_token_id: 1, eos_token_id: 2 }, { seed: 1, backend })
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow')
    const seen: { live: number; bytes: number; grown: number; heap: number }[] = []
    for await (const { step } of model.stream([[5, 17, 42]], {
      max_new_tokens: 1001,
      eos_token_id: null,
      ...options,
    })) {
      if (step % 100 !== 0) continue
      collect()
      const { live, bytes } = backend
      seen.push({ live, bytes, grown: grow.mock.calls.length, heap: process.memoryUsage().heapUsed })
    }
    expect(seen).toHaveLength(11)
    const [, first, ...rest] = seen
    for (const { live, bytes, grown } of rest) {
      expect({ live, bytes, grown }).toEqual({ live: first!.live, bytes: first!.bytes, grown: first!.grown })
    }
    // 900 steps make some 60 MB of short-lived objects; compiled code and the like may stay.
    expect(seen.at(-1)!.heap - first!.heap).toBeLessThan(1e6)
    grow.mockRestore()
  },
)

test('the scores of all steps lie in one array, and what is recorded of them does not', async () => {
  using backend = await openBackend('wasm', { threads: 1 })
  const config = {
    vocab_size: 64,
    n_embd: 16,
    n_layer: 1,
    n_head: 1,
    n_positions: 32,
    bos_token_id: 1,
    eos_token_id: 2,
  }
  using model = GPT2LMHeadModel.from_config(config, { seed: 1, backend })
  const arrays = new Set<unknown>()
  const logits_processor = [({ logits }: { logits: Float32Array }) => void arrays.add(logits.buffer)]
  const options = { max_new_tokens: 5, eos_token_id: null, logits_processor, output_logits: true } as const
  const { logits } = await model.generate([[5, 17]], { ...options, return_dict_in_generate: true })
  expect(arrays.size).toBe(1)
  expect(new Set(logits!.map(step => step.data[0])).size).toBe(5)
})

const sampling: readonly GenerationOptions[] = [
  {},
  { do_sample: true, top_k: 50 },
  { do_sample: true, top_k: 50, top_p: 0.95, temperature: 0.8, repetition_penalty: 1.2 },
]

test.each(sampling)('choosing one of 50,257 tokens with %j is a small part of a step', async options => {
  const V = 50_257
  const scores = Float32Array.from({ length: V }, (_, i) => 6 * Math.sin(i * 12.9898) * Math.cos(i * 78.233))
  const prompt = { rows: 1, length: 64, ids: Int32Array.from({ length: 64 }, (_, i) => i * 97) }
  const model = new ScriptedModel([Array.from(scores)], 200)
  const run = prepare(model, { prompt }, { max_new_tokens: 100, ...options }, new GenerationConfig())
  const chooser = new TokenChooser(run)
  // A sixteenth of the 124 million weights that one token of GPT-2 small is multiplied by, on one thread.
  using backend = await openBackend('wasm', { threads: 1 })
  const [k, n] = [768, 10_112]
  const x = backend.ones([1, k])
  const zeros = { dtype: 'F32', shape: [k, n], read: (target: Uint8Array) => void target.fill(0) } as const
  const weight = backend.weight(zeros, 'conv1d')
  const least = { choosing: Infinity, product: Infinity }
  for (let i = 0; i < 60; i++) {
    const logits = scores.slice()
    const start = performance.now()
    chooser.choose(logits, i, [false], { logits })
    const middle = performance.now()
    backend.free(backend.linear(x.storage, weight, undefined, { rows: 1, k, n, form: 'conv1d' }))
    least.choosing = Math.min(least.choosing, middle - start)
    least.product = Math.min(least.product, performance.now() - middle)
  }
  run.dispose()
  // 2 % of a step are a third of this product; three times that is allowed for, because machines differ.
  expect(least.choosing).toBeLessThan(least.product)
})
