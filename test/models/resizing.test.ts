// Models of another size: heads cut out, tokens added and taken away.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  BertConfig,
  BertForMaskedLM,
  BertModel,
  DynamicCache,
  GPT2Config,
  GPT2LMHeadModel,
  type Tensor,
  VitrineError,
} from '../../src/index.ts'
import { onEachBackend, tolerances } from '../backends.ts'

const bert = {
  model_type: 'bert',
  vocab_size: 20,
  hidden_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  intermediate_size: 8,
  max_position_embeddings: 10,
  initializer_range: 0.4,
}
const gpt2 = {
  model_type: 'gpt2',
  vocab_size: 20,
  n_embd: 12,
  n_layer: 2,
  n_head: 3,
  n_positions: 10,
  initializer_range: 0.4,
}
const input_ids = [
  [3, 4, 5],
  [6, 7, 8],
]

function distance(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape)
  const right = b.data
  return Math.max(...Array.from(a.data, (x, i) => Math.abs(x - right[i]!)))
}

onEachBackend('heads cut out', (backend, name) => {
  test('give what a mask of zeros for them gives', () => {
    fc.assert(
      fc.property(
        fc.subarray([0, 1, 2], { maxLength: 2 }),
        fc.subarray([0, 1, 2], { maxLength: 2 }),
        (first, second) => {
          const head_mask = [first, second].map(cut => [0, 1, 2].map(head => (cut.includes(head) ? 0 : 1)))
          const masked = GPT2LMHeadModel.from_config(gpt2, { seed: 4, backend })
          const pruned = GPT2LMHeadModel.from_config(gpt2, { seed: 4, backend })
          pruned.prune_heads({ 0: first, 1: second })
          const gap = distance(pruned.forward({ input_ids }).logits, masked.forward({ input_ids, head_mask }).logits)
          expect(gap).toBeLessThanOrEqual(tolerances[name])
          expect(pruned.transformer.h[0]!.attn.c_attn.nf).toBe(3 * 4 * (3 - first.length))
          masked.dispose()
          pruned.dispose()
        },
      ),
      { numRuns: 8 },
    )
  })

  test('leave a model that caches, counts, prints and frees as any other', () => {
    const { live } = backend
    const model = GPT2LMHeadModel.from_config(gpt2, { seed: 4, backend })
    const loaded = backend.live
    const before = model.num_parameters()
    model.prune_heads({ 1: [0, 2] })
    expect(backend.live).toBe(loaded)
    expect(model.num_parameters()).toBe(before - 2 * 4 * (3 * 12 + 3 + 12))
    expect(String(model.transformer.h[1]!.attn.c_proj)).toBe('Conv1D(nf=12, nx=4)')
    backend.scope(() => {
      const whole = model.forward({ input_ids }).logits.select(1, 2)
      using cache = new DynamicCache()
      for (const column of [0, 1, 2]) {
        const { logits } = model.forward({ input_ids: input_ids.map(row => [row[column]!]), past_key_values: cache })
        if (column === 2) expect(distance(logits.select(1, 0), whole)).toBeLessThanOrEqual(tolerances[name])
      }
      expect(cache[1]![0].shape).toEqual([2, 1, 3, 4])
    })
    model.dispose()
    expect(backend.live).toBe(live)
  })
})

test('heads can be cut out before there are weights, by the call or by the config', () => {
  const called = new BertModel(new BertConfig(bert))
  called.prune_heads({ 0: [1] })
  called.prune_heads({ 0: [1, 2], 1: [] })
  const configured = new BertModel(new BertConfig({ ...bert, pruned_heads: { 0: [1, 2] } }))
  const shapes = (model: BertModel) => Array.from(model.named_weights(), ([name, { shape }]) => `${name} ${shape}`)
  expect(shapes(called)).toEqual(shapes(configured))
  expect(called.config.pruned_heads).toEqual({ 0: [1, 2], 1: [] })
  expect(called.encoder.layer[0]!.attention.self.query.out_features).toBe(4)
})

test.each([
  ['there is no layer 2, they are 0..1', { 2: [0] }],
  ['there is no head 3, they are 0..2', { 0: [1], 1: [3] }],
  ['there is no head 0.5', { 1: [0.5] }],
  ['at least one head of a layer must stay', { 0: [0, 1, 2] }],
])('prune_heads: %s', (reason, heads) => {
  const model = new GPT2LMHeadModel(new GPT2Config(gpt2))
  const before = model.num_parameters()
  expect(() => model.prune_heads(heads)).toThrow(expect.objectContaining({ name: 'InputError', code: 'HEAD_RANGE' }))
  expect(() => model.prune_heads(heads)).toThrow(reason)
  expect(model.num_parameters()).toBe(before)
  expect(() => new GPT2LMHeadModel(new GPT2Config({ ...gpt2, pruned_heads: heads }))).toThrow(VitrineError)
})

test('a head mask must fit the heads that are left', async () => {
  const model = BertModel.from_config(bert, { seed: 1, backend: 'reference' })
  model.prune_heads({ 1: [0] })
  expect(() => model.forward({ input_ids, head_mask: [1, 1, 1] })).toThrow(
    'head_mask: expected the shape (2), (2, 2) or',
  )
})

onEachBackend('token embeddings', (backend, name) => {
  test('grow and shrink together with what is tied to them', () => {
    const model = GPT2LMHeadModel.from_config(gpt2, { seed: 4, backend })
    const before = model.forward({ input_ids }).logits
    const table = model.resize_token_embeddings(25)
    expect(table).toBe(model.get_input_embeddings())
    expect(table).toBe(model.transformer.wte)
    expect(model.lm_head.weight).toBe(table.weight)
    expect(model.get_output_embeddings()).toBe(model.lm_head)
    expect([table.num_embeddings, model.lm_head.out_features, model.config.vocab_size]).toEqual([25, 25, 25])
    const after = model.forward({ input_ids: [[3, 4, 24]] }).logits
    expect(after.shape).toEqual([1, 3, 25])
    const known = after.slice(1, 0, 2).slice(2, 0, 20)
    expect(distance(known, before.slice(0, 0, 1).slice(1, 0, 2))).toBeLessThanOrEqual(tolerances[name])
    const rows = table.weight.value.tolist() as number[][]
    const mean = rows[0]!.map((_, c) => rows.slice(0, 20).reduce((sum, row) => sum + row[c]! / 20, 0))
    expect(Math.max(...rows[22]!.map((x, c) => Math.abs(x - mean[c]!)))).toBeLessThan(1e-6)
    model.resize_token_embeddings(20)
    expect(model.forward({ input_ids }).logits.tolist()).toEqual(before.tolist())
    expect(() => model.forward({ input_ids: [[20]] })).toThrow(expect.objectContaining({ code: 'ID_RANGE' }))
  })

  test('take the place of the old ones in memory', () => {
    const { live } = backend
    const model = GPT2LMHeadModel.from_config(gpt2, { seed: 4, backend })
    const loaded = backend.live
    backend.scope(() => {
      model.resize_token_embeddings(25)
      model.prune_heads({ 0: [1] })
    })
    expect(backend.live).toBe(loaded)
    expect(model.forward({ input_ids: [[24]] }).logits.dispose()).toBeUndefined()
    model.dispose()
    expect(backend.live).toBe(live)
  })

  test('of BERT: the bias of the masked-token head grows too', () => {
    const model = BertForMaskedLM.from_config(bert, { seed: 4, backend })
    model.resize_token_embeddings(21, { pad_to_multiple_of: 8 })
    expect(model.config.vocab_size).toBe(24)
    expect(model.cls.predictions.bias.shape).toEqual([24])
    expect(model.cls.predictions.decoder.weight).toBe(model.bert.embeddings.word_embeddings.weight)
    expect(model.forward({ input_ids: [[23]] }).logits.shape).toEqual([1, 1, 24])
  })

  test('new rows may be random, from a seed', () => {
    const grown = (seed: number) => {
      const model = GPT2LMHeadModel.from_config(gpt2, { seed: 4, backend })
      const table = model.resize_token_embeddings(22, { mean_resizing: false, seed })
      return (table.weight.value.tolist() as number[][]).slice(20)
    }
    expect(grown(1)).toEqual(grown(1))
    expect(grown(1)).not.toEqual(grown(2))
    expect(grown(1)[0]).not.toEqual(grown(1)[1])
  })
})

test('resize_token_embeddings before there are weights, and what it refuses', () => {
  const model = new BertForMaskedLM(new BertConfig(bert))
  expect(model.resize_token_embeddings()).toBe(model.bert.embeddings.word_embeddings)
  expect(model.config.vocab_size).toBe(20)
  expect(String(model.resize_token_embeddings(30))).toBe('Embedding(30, 12, padding_idx=0)')
  expect(new BertModel(new BertConfig(bert)).get_output_embeddings()).toBeUndefined()
  for (const count of [0, -1, 2.5, Number.NaN]) {
    expect(() => model.resize_token_embeddings(count), String(count)).toThrow(
      expect.objectContaining({ name: 'ConfigError', code: 'CONFIG_VALUE' }),
    )
  }
  expect(() => model.resize_token_embeddings(4, { pad_to_multiple_of: 0 })).toThrow('in multiples of 0')
})
