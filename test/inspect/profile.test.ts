// profile(model): the tree of print(model) with figures that follow from formulas, for every class, on every back end, and a model
// that afterwards is what it was.
import { describe, expect, test } from 'vitest'
import { modelClasses } from '../../models/auto.ts'
import {
  BertForMultipleChoice,
  BertForSequenceClassification,
  BertModel,
  type ConfigJson,
  DynamicCache,
  type FromConfigOptions,
  GPT2DoubleHeadsModel,
  GPT2LMHeadModel,
  type PreTrainedModel,
  type Profile,
  type ProfileRow,
  profile,
} from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'
import { golden, goldenPath } from '../golden.ts'

const gpt2 = golden<ConfigJson>('weights/gpt2-lm/config.json')
const bert = golden<ConfigJson>('weights/bert-seqcls/config.json')

interface MadeOfConfig {
  readonly name: string
  from_config(config: ConfigJson, options: FromConfigOptions): PreTrainedModel
}
const withConfig = (list: readonly MadeOfConfig[], config: ConfigJson) => list.map(Class => [Class, config] as const)
const classes = [...withConfig(modelClasses.gpt2, gpt2), ...withConfig(modelClasses.bert, bert)]

/** Quick and without the machine's limits. */
const quick = { warmup: 0, repeat: 1, roofline: false } as const

function rowAt({ rows }: Profile, path: string): ProfileRow {
  const found = rows.find(({ paths }) => paths.includes(path))
  if (!found) throw new Error(`no row has ${path}`)
  return found
}

onEachBackend('profile', (backend, name) => {
  const gpt2Model = () => GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })

  test('the tree is that of print(model), and every figure of a line stands in front of it', async () => {
    const model = await gpt2Model()
    const found = profile(model, { input_ids: [[5, 17, 42]] }, { ...quick, roofline: { gflops: 10, gigabytes: 1 } })
    const tree = String(model).split('\n')
    const lines = String(found).split('\n').slice(-tree.length)
    const column = lines[0]!.indexOf('GPT2LMHeadModel(')
    expect(lines.map(line => line.slice(column))).toEqual(tree)
    expect(found.rows.map(({ text }) => text)).toEqual(tree.filter(line => !/^ *\)$/.test(line)))
    expect(String(found)).toContain('GPT2LMHeadModel, 1 x 3 tokens')
    expect(String(found)).toContain('10.0 GFLOP/s, 1.00 GB/s (given)')
    expect(lines[1]).toMatch(/^ *[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +\d+ % (mem|mul) /)
    expect(JSON.parse(JSON.stringify(found)).rows).toHaveLength(found.rows.length)
  })

  test('products, attention, normalisation and lookups are counted by formula', async () => {
    const model = await gpt2Model()
    const { n_embd: C, n_head: H, n_layer: L, vocab_size: V } = model.config
    const [B, T] = [2, 3]
    const found = profile(
      model,
      {
        input_ids: [
          [5, 17, 42],
          [1, 2, 3],
        ],
      },
      quick,
    )
    expect(rowAt(found, 'lm_head').flops).toBe(2 * B * T * C * V)
    expect(rowAt(found, 'transformer.ln_f')).toMatchObject({ flops: 8 * B * T * C, bytes: 4 * (2 * B * T * C + 2 * C) })
    expect(rowAt(found, 'transformer.h.0.attn.c_attn').flops).toBe(L * (2 * C + 1) * B * T * 3 * C)
    const pairs = B * H * ((T * (T + 1)) / 2)
    const attention = rowAt(found, 'transformer.h.0.attn')
    expect(attention.ownFlops).toBe(L * pairs * (4 * (C / H) + 4))
    expect(attention.operations.attention).toBe(L)
    // The rows that are looked up, not the whole table, which a back end may fill up to whole panels.
    const lookup = rowAt(found, 'transformer.wte')
    const table = model.backend.weightBytes([V, C], 'linear', 'float32')
    expect(lookup.flops).toBe(0)
    expect(lookup.bytes).toBeCloseTo(4 * (B * T + B * T * C) + (table * B * T) / V, 6)
  })

  test('a line has what its modules and all below took', async () => {
    const found = profile(await gpt2Model(), { input_ids: [[5, 17, 42]] }, quick)
    const [whole] = found.rows
    const leavesOf = (what: 'ownMilliseconds' | 'ownFlops' | 'ownBytes') =>
      found.rows.reduce((sum, row) => sum + row[what], 0)
    expect(found.milliseconds).toBe(whole!.milliseconds)
    expect(leavesOf('ownMilliseconds')).toBeCloseTo(whole!.milliseconds, 6)
    expect([leavesOf('ownFlops'), leavesOf('ownBytes')]).toEqual([whole!.flops, whole!.bytes])
    expect(rowAt(found, 'transformer.h.1')).toBe(rowAt(found, 'transformer.h.0'))
    expect(rowAt(found, 'transformer.h.0')).toMatchObject({ calls: 2, paths: ['transformer.h.0', 'transformer.h.1'] })
    expect(found.rows.every(({ milliseconds }) => milliseconds >= 0)).toBe(true)
  })

  test('what runs is what runs unwatched: endings of products are counted there, and the line says where', async () => {
    const found = profile(await gpt2Model(), undefined, { ...quick, T: 4 })
    const product = rowAt(found, 'transformer.h.0.mlp.c_fc')
    expect(product.operations).toEqual({ 'linear+geluTanh': 2 })
    expect(rowAt(found, 'transformer.h.0.mlp.act')).toMatchObject({
      ...{ calls: 0, milliseconds: 0, flops: 0, operations: {} },
      countedIn: 'transformer.h.0.mlp.c_fc',
    })
    expect(String(found)).toMatch(/- +in c_fc +\(act\): NewGELUActivation\(\)/)
    const classifier = BertForSequenceClassification.from_config(bert, { seed: 1, backend })
    const ofBert = profile(classifier, undefined, { ...quick, T: 4 })
    const output = 'bert.encoder.layer.0.output'
    expect(rowAt(ofBert, `${output}.dense`).operations).toEqual({ 'linear+residual': 2 })
    expect(rowAt(ofBert, `${output}.dropout`).countedIn).toBe(`${output}.dense`)
    expect(rowAt(ofBert, 'bert.pooler.dense').operations).toEqual({ 'linear+tanh': 1 })
  })

  test('hooks are seen too: then the activation is a line of its own', async () => {
    const model = await gpt2Model()
    const path = 'transformer.h.0.mlp.act'
    const handle = model.get_submodule(path).register_forward_hook(() => {})
    const found = profile(model, undefined, { ...quick, T: 4 })
    expect(rowAt(found, path)).toMatchObject({ calls: 1, operations: { geluTanh: 1 } })
    handle.remove()
  })

  test('a step of generate(): one token behind others, which the cache still has afterwards', async () => {
    const model = await gpt2Model()
    const { n_embd: C, n_head: H, n_layer: L } = model.config
    const found = profile(model, undefined, { ...quick, past: 5 })
    expect(found.subject).toBe('1 x 1 token behind 5')
    expect(rowAt(found, 'transformer.h.0.attn').ownFlops).toBe(L * H * 6 * (4 * (C / H) + 4))
    using cache = new DynamicCache()
    const logits = () => {
      const output = model.forward({ input_ids: [[9]], past_key_values: cache })
      cache.crop(3)
      const values = Array.from(output.logits.data)
      output.logits.dispose()
      return values
    }
    model.forward({ input_ids: [[5, 17, 42]], past_key_values: cache }).logits.dispose()
    const before = logits()
    expect(profile(model, { input_ids: [[9]], past_key_values: cache }, quick).subject).toBe('1 x 1 token behind 3')
    expect(logits()).toEqual(before)
  })

  test('nothing stays: no memory, no watch, no changed method, and the same bits', async () => {
    const model = await gpt2Model()
    const logits = () => Array.from(backend.scope(() => model.forward({ input_ids: [[5, 17, 42]] }).logits.data))
    const before = logits()
    const { live, bytes } = backend
    profile(model, { input_ids: [[5, 17, 42]], use_cache: true }, quick)
    profile(model, undefined, { ...quick, past: 4 })
    expect(() => profile(model, { input_ids: [[5, -1]] }, quick)).toThrow(expect.objectContaining({ code: 'ID_RANGE' }))
    expect([backend.live, backend.bytes]).toEqual([live, bytes])
    expect(Object.getOwnPropertyNames(backend)).not.toContain('linear')
    for (const [, module] of model.named_modules()) expect(Object.hasOwn(module, 'forward')).toBe(false)
    expect(logits()).toEqual(before)
  })

  test('every class', () => {
    const choices = [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ]
    for (const [Class, config] of classes) {
      const model = Class.from_config(config, { seed: 1, backend })
      const found = profile(model, undefined, { ...quick, T: 3 })
      expect(found.rows[0]).toMatchObject({ paths: [''], calls: 1 })
      expect(found.rows[0]!.flops).toBeGreaterThan(10_000)
      expect(found).toMatchObject({ model: Class.name, backend: name, repeat: 1 })
      if (model instanceof BertForMultipleChoice || model instanceof GPT2DoubleHeadsModel) {
        expect(profile(model, { input_ids: choices }, quick).subject).toBe('2 x 3 tokens')
      }
      model.dispose()
    }
  })
})

describe('limits', () => {
  const model = GPT2LMHeadModel.from_config(gpt2, { seed: 1, backend: 'reference' })

  test('the share is the least time over the time, by the limit that takes longer', () => {
    const memory = profile(model, undefined, { ...quick, T: 2, roofline: { gflops: 1e9, gigabytes: 1 } }).rows[0]!
    expect(memory.limit).toBe('memory')
    expect(memory.share).toBeCloseTo(memory.bytes / 1e6 / memory.milliseconds, 6)
    const arithmetic = profile(model, undefined, { ...quick, T: 2, roofline: { gflops: 1, gigabytes: 1e9 } }).rows[0]!
    expect(arithmetic.limit).toBe('multiply-add')
    expect(arithmetic.share).toBeCloseTo(arithmetic.flops / 1e6 / arithmetic.milliseconds, 6)
  })

  test('they are measured unless they are given, once in a process', () => {
    const { roofline, rows } = profile(model, undefined, { warmup: 0, repeat: 1, T: 2 })
    expect(roofline!.source).toBe('measured through WebAssembly, 1 thread')
    expect(roofline!.gflops).toBeGreaterThan(0.1)
    expect(roofline!.gigabytes).toBeGreaterThan(0.01)
    expect(rows[0]!.share).toBeGreaterThan(0)
    expect(profile(model, undefined, { warmup: 0, repeat: 1, T: 2 }).roofline).toEqual(roofline)
  })

  test('without them there is no such column', () => {
    const found = profile(model, undefined, { ...quick, T: 2 })
    expect(found.rows[0]).toMatchObject({ share: undefined, limit: undefined })
    expect(String(found)).not.toContain('of limit')
  })
})

test('as many runs as asked for, else as many as fit', () => {
  const model = BertModel.from_config(bert, { seed: 1, backend: 'reference' })
  let calls = 0
  const handle = model.register_forward_hook(() => void calls++)
  profile(model, undefined, { warmup: 3, repeat: 4, T: 2, roofline: false })
  // One more counts the work.
  expect(calls).toBe(3 + 4 + 1)
  handle.remove()
  expect(profile(model, undefined, { T: 2, roofline: false }).repeat).toBeGreaterThanOrEqual(5)
})

describe('what cannot be is refused', () => {
  const model = GPT2LMHeadModel.from_config(gpt2, { seed: 1, backend: 'reference' })
  const misspelt: object = { repeats: 3 }
  test.each([
    ['UNKNOWN_OPTION', () => profile(model, undefined, misspelt)],
    ['OPTION_VALUE', () => profile(model, undefined, { repeat: 0 })],
    ['OPTION_VALUE', () => profile(model, undefined, { warmup: 1.5 })],
    ['OPTION_VALUE', () => profile(model, undefined, { past: -1 })],
    ['OPTION_VALUE', () => profile(model, undefined, { T: 0 })],
    ['OPTION_VALUE', () => profile(model, { input_ids: [[1]] }, { T: 2 })],
    ['OPTION_VALUE', () => profile(model, { input_ids: [[1]], past_key_values: new DynamicCache() }, { past: 2 })],
    ['OPTION_VALUE', () => profile(model, undefined, { roofline: { gflops: 0, gigabytes: 1 } })],
    ['UNKNOWN_OPTION', () => profile(model, undefined, { roofline: { gflop: 1, gigabytes: 1 } as never })],
    ['TOO_LONG', () => profile(model, undefined, { past: 5000 })],
    ['BAD_TYPE', () => profile('gpt2' as never)],
    ['NOT_LOADED', () => profile(new GPT2LMHeadModel(model.config))],
  ])('%s', (code, body) => {
    expect(body).toThrow(expect.objectContaining({ code }))
  })

  test('two watches of one module', () => {
    const inner = model.transformer.register_forward_hook(() => void profile(model, undefined, { ...quick, T: 2 }))
    expect(() => profile(model, undefined, { ...quick, T: 2 })).toThrow(expect.objectContaining({ code: 'WATCHED' }))
    inner.remove()
  })
})
