// Outputs: fields by name, by number or as a tuple; models that can be called; types that tell what comes out.
import { inspect } from 'node:util'
import { expect, expectTypeOf, test } from 'vitest'
import {
  AutoModelForSequenceClassification,
  BertConfig,
  type BertForPreTraining,
  type BertForPreTrainingOutput,
  BertForSequenceClassification,
  BertModel,
  DynamicCache,
  type GPT2DoubleHeadsModel,
  type GPT2ForSequenceClassification,
  GPT2LMHeadModel,
  GPT2Model,
  Linear,
  ModelOutput,
  type OutputValue,
  openBackend,
  type SequenceClassifierOutput,
  type Tensor,
} from '../../src/index.ts'

const backend = await openBackend('reference')
const bert = { model_type: 'bert', vocab_size: 30, hidden_size: 8, num_hidden_layers: 2, num_attention_heads: 2 }
const small = { ...bert, intermediate_size: 16, max_position_embeddings: 12 }
const gpt2 = { model_type: 'gpt2', vocab_size: 30, n_embd: 8, n_layer: 2, n_head: 2, n_positions: 12 }
const classifier = BertForSequenceClassification.from_config(small, { seed: 1, backend })
const poet = GPT2LMHeadModel.from_config(gpt2, { seed: 1, backend })
const input_ids = [[3, 4, 5]]

test('fields that are there have numbers in order; absent ones have none and no key', () => {
  const plain = classifier.forward({ input_ids })
  expect(plain.keys()).toEqual(['logits'])
  expect(Object.keys(plain)).toEqual(['logits'])
  expect(plain[0]).toBe(plain.logits)
  expect(plain[1]).toBeUndefined()
  expect('loss' in plain).toBe(false)
  const full = classifier.forward({ input_ids, labels: [1], output_attentions: true, output_hidden_states: true })
  expect(full.keys()).toEqual(['loss', 'logits', 'hidden_states', 'attentions'])
  expect(full[0]).toBe(full.loss)
  expect(full[2]).toBe(full.hidden_states)
  expect(full.to_tuple()).toEqual([full.loss, full.logits, full.hidden_states, full.attentions])
  const { loss, logits, ...rest } = full
  expect(loss!.shape).toEqual([])
  expect(logits.shape).toEqual([1, 2])
  expect(Object.keys(rest)).toEqual(['hidden_states', 'attentions'])
})

test('an output prints and spreads as its fields', () => {
  const output = classifier.forward({ input_ids })
  expect(inspect(output)).toMatch(/^ModelOutput \{\n? *logits: tensor\(\[\[/)
  expect(Object.keys({ ...output })).toEqual(['logits'])
  expect(output).toBeInstanceOf(ModelOutput)
})

test('a scope keeps what an output holds', () => {
  const { live } = backend
  const output = backend.scope(() => classifier.forward({ input_ids, output_hidden_states: true }))
  expect(backend.live).toBe(live + 1 + 3)
  expect(output.logits.data).toHaveLength(2)
})

test('return_dict: false gives a tuple, asked for in the call or in the config', () => {
  const tuple = classifier.forward({ input_ids, labels: [0], return_dict: false })
  expect(Array.isArray(tuple)).toBe(true)
  expect(tuple.map(item => (item as Tensor).shape)).toEqual([[], [1, 2]])
  const body = new BertModel(new BertConfig({ ...small, return_dict: false }))
  expect(body.config.return_dict).toBe(false)
  const model = BertForSequenceClassification.from_config({ ...small, return_dict: false }, { seed: 1, backend })
  const logits = classifier.forward({ input_ids }).logits.tolist()
  expect((model.forward({ input_ids })[0] as Tensor).tolist()).toEqual(logits)
  expect(Array.isArray(model.forward({ input_ids }))).toBe(true)
  expect(model.forward({ input_ids, return_dict: true }).logits.tolist()).toEqual(logits)
})

test('output_hidden_states and output_attentions may stand in the config, and the call decides', () => {
  const model = BertModel.from_config({ ...small, output_hidden_states: true, output_attentions: true }, { backend })
  expect(model.forward({ input_ids }).keys()).toEqual([
    'last_hidden_state',
    'pooler_output',
    'hidden_states',
    'attentions',
  ])
  const quiet = { output_hidden_states: false, output_attentions: false }
  expect(model.forward({ input_ids, ...quiet }).keys()).toEqual(['last_hidden_state', 'pooler_output'])
})

test("GPT-2's last hidden state is after ln_f: the head makes the logits of it", () => {
  const { hidden_states, logits } = poet.forward({ input_ids, output_hidden_states: true })
  expect(poet.lm_head.forward(hidden_states!.at(-1)!).tolist()).toEqual(logits.tolist())
  const body = GPT2Model.from_config(gpt2, { seed: 1, backend })
  const output = body.forward({ input_ids, output_hidden_states: true })
  expect(output.hidden_states!.at(-1)).toBe(output.last_hidden_state)
})

test('a model, and every module, can be called', async () => {
  const inputs = { input_ids, labels: [1] }
  expect(classifier(inputs).loss!.item()).toBe(classifier.forward(inputs).loss!.item())
  expect((await poet({ input_ids })).logits.tolist()).toEqual(poet.forward({ input_ids }).logits.tolist())
  const seen: unknown[] = []
  const hook = classifier.register_forward_hook((_, args) => void seen.push(args[0]))
  classifier(inputs)
  hook.remove()
  expect(seen).toEqual([inputs])
  const x = backend.tensor([[1, 2, 3, 4, 5, 6, 7, 8]])
  expect(classifier.classifier(x).tolist()).toEqual(classifier.classifier.forward(x).tolist())
  expect(Array.from(new Linear(1, 1).named_weights(), ([name]) => name)).toEqual(['weight', 'bias'])
  expect(Object.keys(new Linear(1, 1))).not.toContain('length')
  expect(String(poet.lm_head)).toBe('Linear(in_features=8, out_features=30, bias=False)')
})

test('eval() is what there is, train() is refused', () => {
  expect(classifier.eval()).toBe(classifier)
  expect(classifier.train(false)).toBe(classifier)
  expect(classifier.training).toBe(false)
  expect(() => classifier.train()).toThrow(expect.objectContaining({ name: 'VitrineError', code: 'NO_TRAINING' }))
})

test('keys and values go in and out: a cache, pairs of tensors, or by number', () => {
  const whole = poet
    .forward({ input_ids: [[3, 4, 5, 6]] })
    .logits.select(1, -1)
    .tolist()
  const { past_key_values } = poet.forward({ input_ids, use_cache: true })
  expect(past_key_values).toBeInstanceOf(DynamicCache)
  expect(past_key_values![1]![0].shape).toEqual([1, 2, 3, 4])
  const legacy = past_key_values!.to_legacy_cache()
  const next = poet.forward({ input_ids: [[6]], past_key_values: legacy })
  expect(next.past_key_values!.get_seq_length()).toBe(4)
  expect(next[1]).toBe(next.past_key_values)
  expect(past_key_values!.get_seq_length()).toBe(3)
  const silent = poet.forward({ input_ids: [[6]], past_key_values: past_key_values!, use_cache: false })
  expect(silent.keys()).toEqual(['logits'])
  expect(past_key_values!.get_seq_length()).toBe(4)
  for (const { logits } of [next, silent]) {
    const worst = Math.max(
      ...(logits.select(1, -1).tolist() as number[][])[0]!.map((x, i) => Math.abs(x - (whole as number[][])[0]![i]!)),
    )
    expect(worst).toBeLessThan(1e-5)
  }
  expect(poet.forward({ input_ids }).past_key_values).toBeUndefined()
  for (const cache of [past_key_values!, next.past_key_values!]) cache.dispose()
})

test('a forward that fails leaves the cache as it was, and nothing of its own', () => {
  using cache = new DynamicCache()
  poet.forward({ input_ids, past_key_values: cache })
  const { live } = backend
  const stop = poet.transformer.h[1]!.mlp.register_forward_hook(() => {
    throw new Error('stop')
  })
  expect(() => poet.forward({ input_ids: [[6]], past_key_values: cache })).toThrow('stop')
  expect(() => poet.forward({ input_ids: [[6]], use_cache: true })).toThrow('stop')
  stop.remove()
  expect(cache.layers.map(({ length }) => length)).toEqual([3, 3])
  expect(backend.live).toBe(live)
  expect(() => poet.forward({ input_ids: [new Array<number>(10).fill(3)], past_key_values: cache })).toThrow(
    expect.objectContaining({ code: 'TOO_LONG' }),
  )
})

test('the class of a model, and what its forward gives, are known to the type checker', () => {
  const load = () => BertForSequenceClassification.from_pretrained('folder')
  expectTypeOf(load).returns.resolves.toEqualTypeOf<BertForSequenceClassification>()
  const choose = () => AutoModelForSequenceClassification.from_pretrained('folder')
  expectTypeOf(choose).returns.resolves.toEqualTypeOf<BertForSequenceClassification | GPT2ForSequenceClassification>()
  expectTypeOf(classifier.forward({ input_ids })).toEqualTypeOf<SequenceClassifierOutput>()
  expectTypeOf(classifier({ input_ids })).toEqualTypeOf<SequenceClassifierOutput>()
  expectTypeOf(classifier.forward({ input_ids, return_dict: false })).toEqualTypeOf<OutputValue[]>()
  expectTypeOf<ReturnType<BertForPreTraining['forward']>>().toEqualTypeOf<BertForPreTrainingOutput>()
  expectTypeOf(poet.forward({ input_ids }).hidden_states).toEqualTypeOf<Tensor[] | undefined>()
  expectTypeOf<Parameters<GPT2DoubleHeadsModel['forward']>[0]>().toHaveProperty('mc_token_ids')
  // @ts-expect-error a slip in an input's name
  expect(() => classifier.forward({ input_ids, lables: [1] })).toThrow("did you mean 'labels'?")
})
