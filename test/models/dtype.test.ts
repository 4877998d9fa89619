// The option dtype and what else loading may be told: names, 'auto', what is refused, progress, and room in memory.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ModelDType } from '../../models/dtype.ts'
import { BertModel, GPT2LMHeadModel, openBackend, type ProgressInfo, pipeline } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const folder = goldenPath('weights/gpt2-lm')
const backend = await openBackend('wasm', { threads: 1 })
afterAll(() => backend.dispose())

const load = (options: object, from = folder) => GPT2LMHeadModel.from_pretrained(from, { backend, ...options })

test.each([
  ['float32', 'float32'],
  ['fp32', 'float32'],
  ['float16', 'float16'],
  ['fp16', 'float16'],
  ['bfloat16', 'bfloat16'],
  ['bf16', 'bfloat16'],
  ['int8', 'int8'],
  ['q8', 'int8'],
  ['q4', 'q4'],
  ['auto', 'float32'],
] as const satisfies [ModelDType, string][])('dtype %s is %s', async (dtype, kept) => {
  using model = await load({ dtype })
  expect(model.dtype).toBe(kept)
  expect(model.transformer.dtype).toBe(kept)
})

test('weights are whole unless something else is asked for, by either spelling', async () => {
  expect((await load({})).dtype).toBe('float32')
  expect((await load({ torch_dtype: 'int8' })).dtype).toBe('int8')
  expect((await load({ dtype: 'bfloat16', torch_dtype: 'int8' })).dtype).toBe('bfloat16')
})

test.each(['uint8', 'bnb4', 'float64', 'int4', '', 8, {}])('dtype %s is refused by name', async dtype => {
  await expect(load({ dtype })).rejects.toMatchObject({ code: 'UNSUPPORTED_DTYPE' })
  await expect(load({ torch_dtype: dtype })).rejects.toThrow('there is no dtype')
})

test('a slip gets the nearest name', async () => {
  await expect(load({ dtype: 'flaot16' })).rejects.toThrow("did you mean 'float16'?")
})

/** A copy of a folder of weights with another config.json. */
function withConfig(from: string, fields: object): string {
  const copy = mkdtempSync(join(tmpdir(), 'vitrine-dtype-'))
  afterAll(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(from, copy, { recursive: true })
  const path = join(copy, 'config.json')
  const { dtype: _, torch_dtype: __, ...config } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  writeFileSync(path, JSON.stringify({ ...config, ...fields }))
  return copy
}

test.each([
  ['what config.json says', '', { dtype: 'float16' }, 'float16'],
  ['by its older name', '', { torch_dtype: 'bfloat16' }, 'bfloat16'],
  ['before what the file has', 'f16', { dtype: 'float32' }, 'float32'],
  ['or else what the file has', 'f16', {}, 'float16'],
  ['or else what the file has', 'bf16', {}, 'bfloat16'],
  ['whole where it says nothing that is a half', '', { dtype: 'float64' }, 'float32'],
])("'auto' is %s", async (_, variant, fields, kept) => {
  using model = await load({ dtype: 'auto' }, withConfig(join(folder, variant), fields))
  expect(model.dtype).toBe(kept)
})

test('a file of half numbers that is kept as it is gives what its numbers give', async () => {
  const ids = [[5, 6, 7, 8]]
  const logits = async (dtype: ModelDType) =>
    (await load({ dtype }, join(folder, 'f16'))).forward({ input_ids: ids }).logits.tolist()
  expect(await logits('float16')).toEqual(await logits('float32'))
})

test('products and the table of words are small; biases, normalisations and positions are whole', async () => {
  using model = await load({ dtype: 'int8' })
  const kinds = new Map(Array.from(model.named_parameters(), ([name, { dtype }]) => [name, dtype]))
  const whole = [...kinds].filter(([, dtype]) => dtype === 'float32').map(([name]) => name)
  expect(whole.every(name => /wpe|ln_|bias/.test(name))).toBe(true)
  expect(kinds.get('transformer.wte.weight')).toBe('int8')
  expect(kinds.get('transformer.h.1.mlp.c_proj.weight')).toBe('int8')
  using bert = await BertModel.from_pretrained(goldenPath('weights/bert-model'), { backend, dtype: 'int8' })
  expect(bert.embeddings.word_embeddings.weight.dtype).toBe('int8')
  expect(bert.embeddings.position_embeddings.weight.dtype).toBe('float32')
})

test('as q4 the later layers and the tables are int8', async () => {
  using model = await load({ dtype: 'q4' })
  const kinds = new Map(Array.from(model.named_parameters(), ([name, { dtype }]) => [name, dtype]))
  expect(kinds.get('transformer.h.0.attn.c_attn.weight')).toBe('q4')
  expect(kinds.get('transformer.h.1.attn.c_attn.weight')).toBe('int8')
  expect(kinds.get('transformer.wte.weight')).toBe('int8')
})

test('small weights take less memory, which get_memory_footprint tells, and print alike', async () => {
  const models = await Promise.all((['float32', 'float16', 'int8', 'q4'] as const).map(dtype => load({ dtype })))
  const bytes = models.map(model => model.get_memory_footprint())
  expect(bytes).toEqual([...bytes].sort((a, b) => b - a))
  expect(bytes[0]).toBeGreaterThanOrEqual(4 * models[0]!.num_parameters())
  expect(new Set(models.map(String)).size).toBe(1)
})

test('from_config makes small weights too', () => {
  const json = { model_type: 'gpt2', n_layer: 1, n_embd: 32, n_head: 2, vocab_size: 40, n_positions: 16 }
  using model = GPT2LMHeadModel.from_config(json, { backend, dtype: 'int8', seed: 1 })
  expect(model.dtype).toBe('int8')
  using auto = GPT2LMHeadModel.from_config({ ...json, torch_dtype: 'float16' }, { backend, dtype: 'auto', seed: 1 })
  expect(auto.dtype).toBe('float16')
  const [a, b] = [model, auto].map(each => each.forward({ input_ids: [[1, 2, 3]] }).logits.data)
  expect(a!.every((value, i) => Math.abs(value - b![i]!) < 0.05)).toBe(true)
})

test('weights that are resized stay what they were kept as', async () => {
  using model = await load({ dtype: 'int8' })
  const { num_embeddings } = model.resize_token_embeddings(model.config.vocab_size + 3)
  expect(num_embeddings).toBe(model.config.vocab_size)
  expect(model.transformer.wte.weight.dtype).toBe('int8')
  expect(model.forward({ input_ids: [[num_embeddings - 1]] }).logits.shape).toEqual([1, 1, num_embeddings])
})

test('small weights are tensors like others in the state_dict', async () => {
  using model = await load({ dtype: 'int8' })
  using whole = await load({})
  const [small, full] = [model, whole].map(each => each.state_dict().get('transformer.wte.weight')!.data)
  expect(small!.length).toBe(full!.length)
  expect(small!.every((value, i) => Math.abs(value - full![i]!) < 0.01)).toBe(true)
})

test('progress_callback is told of every hundredth', async () => {
  const told: ProgressInfo[] = []
  using _ = await load({ progress_callback: (info: ProgressInfo) => told.push(info) })
  const name = { name: folder, file: 'model.safetensors' }
  expect(told[0]).toEqual({ status: 'initiate', ...name })
  expect(told.at(-1)).toEqual({ status: 'done', ...name })
  const steps = told.filter(info => info.status === 'progress')
  expect(steps.length).toBeGreaterThan(10)
  expect(steps.length).toBeLessThanOrEqual(100)
  for (const [i, { loaded, total, progress, ...rest }] of steps.entries()) {
    expect(rest).toEqual({ status: 'progress', ...name })
    expect(progress).toBeCloseTo((100 * loaded) / total, 9)
    expect(loaded).toBeGreaterThan(steps[i - 1]?.loaded ?? 0)
  }
  expect(steps.at(-1)).toMatchObject({ progress: 100 })
})

test('a pipeline has small weights too, and tells when it is ready', async () => {
  const told: ProgressInfo[] = []
  const tiny = goldenPath('weights/bert-seqcls')
  const options = { backend, dtype: 'q8', progress_callback: (info: ProgressInfo) => told.push(info) } as const
  const classifier = await pipeline('sentiment-analysis', tiny, options)
  expect(classifier.model.dtype).toBe('int8')
  expect(told.at(-1)).toEqual({ status: 'ready', task: 'text-classification', model: tiny })
  expect(told.filter(({ status }) => status === 'done')).toHaveLength(1)
  classifier.dispose()
})

test('a model that does not fit is refused before anything is read, with the numbers and what would fit', async () => {
  using narrow = await openBackend('wasm', { threads: 1, maximumPages: 64 })
  const json = { model_type: 'gpt2', n_layer: 6, n_embd: 128, n_head: 2, vocab_size: 64, n_positions: 16 }
  const make = (dtype: ModelDType) => GPT2LMHeadModel.from_config(json, { backend: narrow, dtype, seed: 1 })
  const { bytes, live } = narrow
  expect(() => make('float32')).toThrow(
    expect.objectContaining({ code: 'OUT_OF_MEMORY', fields: { needed: expect.any(Number), used: 0, limit: 4194304 } }),
  )
  expect(() => make('float32')).toThrow(
    /needs 4\.\d MB for its weights as float32; the back end wasm has room for 4\.2 MB/,
  )
  expect(() => make('float32')).toThrow("dtype: 'float16' needs")
  expect([narrow.bytes, narrow.live]).toEqual([bytes, live])
  expect(make('int8').dtype).toBe('int8')
  expect(() => make('int8')).not.toThrow()
  expect(() => make('bfloat16')).toThrow('are in use')
})

test('a model of more than 4 GiB is refused by its shapes alone', () => {
  const json = { model_type: 'gpt2', n_layer: 48, n_embd: 1600, n_head: 25, vocab_size: 50257, n_positions: 1024 }
  expect(() => GPT2LMHeadModel.from_config(json, { backend, seed: 1 })).toThrow(
    /GPT2LMHeadModel needs 6\.\d\d GB for its weights as float32; the back end wasm has room for 4\.29 GB.*dtype: 'float16' needs 3\.\d\d GB; .*'int8' needs 1\.\d\d GB/,
  )
})

test('unknown options name those that there are', async () => {
  await expect(load({ dtpye: 'int8' })).rejects.toThrow("did you mean 'dtype'?")
  await expect(load({ progress_calback: () => {} })).rejects.toThrow("did you mean 'progress_callback'?")
})
