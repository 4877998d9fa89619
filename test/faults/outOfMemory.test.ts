// Running out of memory in the middle: a typed error with numbers, nothing half made, and the engine works on.
import { expect, test } from 'vitest'
import { WasmBackend } from '../../src/backends/wasm/wasm.ts'
import { BertModel, GPT2LMHeadModel, pipeline } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const folder = goldenPath('weights/gpt2-lm')
const full = expect.objectContaining({
  code: 'OUT_OF_MEMORY',
  fields: expect.objectContaining({ limit: expect.any(Number) }),
})

/** A back end with so many MiB in all. */
const small = (mebibytes: number): WasmBackend => WasmBackend.open({ maximumPages: 16 * mebibytes })

test('loading a model that does not fit leaves nothing, and a smaller one loads', async () => {
  using backend = small(4)
  const config = {
    model_type: 'bert',
    vocab_size: 3000,
    hidden_size: 384,
    num_attention_heads: 4,
    num_hidden_layers: 2,
  }
  expect(() => BertModel.from_config({ ...config, intermediate_size: 512 }, { backend, seed: 1 })).toThrow(full)
  expect([backend.live, backend.bytes]).toEqual([0, 0])
  using model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
  expect((await model.generate([[75]], { max_new_tokens: 3, eos_token_id: null })).shape).toEqual([1, 4])
})

test('a folder that does not fit leaves nothing either', async () => {
  using backend = small(1)
  const critic = goldenPath('../../checkpoints/bert-tiny-sentiment-zh')
  await expect(pipeline('text-classification', critic, { backend })).rejects.toEqual(full)
  expect([backend.live, backend.bytes]).toEqual([0, 0])
})

test.each([
  ['a batch', { input_ids: new Array(64).fill(new Array(60).fill(7)), max_new_tokens: 2 }],
  ['answers', { input_ids: [new Array(60).fill(7)], max_new_tokens: 30, do_sample: true, num_return_sequences: 400 }],
  ['beams', { input_ids: [new Array(60).fill(7)], max_new_tokens: 30, num_beams: 400 }],
])('a generation with too many %s fails, frees its cache, and smaller ones go on', async (_, call) => {
  using backend = small(3)
  using model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
  const five = { max_new_tokens: 5, eos_token_id: null } as const
  const first = await model.generate([[75]], five)
  const wanted = first.tolist()
  // Not left to the garbage collector, whose time nobody knows.
  first.dispose()
  const { live, bytes } = backend
  const going = model.generate([[75]], five)
  await expect(model.generate({ ...call, eos_token_id: null })).rejects.toEqual(full)
  const ids = await going
  expect(ids.tolist()).toEqual(wanted)
  ids.dispose()
  expect([backend.live, backend.bytes]).toEqual([live, bytes])
  expect((await model.generate([[75]], five)).tolist()).toEqual(wanted)
})

test('a forward pass that does not fit fails, and the next one works', async () => {
  using backend = small(3)
  using model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
  const { live } = backend
  const rows = new Array(80).fill(new Array(90).fill(7))
  expect(() => model.forward({ input_ids: rows, use_cache: true })).toThrow(full)
  expect(backend.live).toBe(live)
  expect(model.forward({ input_ids: [[7]] }).logits.shape).toEqual([1, 1, 228])
})
