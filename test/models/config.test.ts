// config.json: every field that is used is checked before anything is allocated, and an error names it.
import { expect, test } from 'vitest'
import { AutoConfig, BertConfig, GPT2Config } from '../../src/index.ts'

const gpt2 = (fields: object) => () => new GPT2Config({ model_type: 'gpt2', ...fields })
const bert = (fields: object) => () => new BertConfig({ model_type: 'bert', ...fields })

test.each([
  ['n_head', gpt2({ n_embd: 8, n_head: 3 })],
  ['n_head', gpt2({ n_head: 0 })],
  ['n_layer', gpt2({ n_layer: 0 })],
  ['n_layer', gpt2({ n_layer: -1 })],
  ['n_embd', gpt2({ n_embd: '8' })],
  ['vocab_size', gpt2({ vocab_size: 0 })],
  ['layer_norm_epsilon', gpt2({ layer_norm_epsilon: -1 })],
  ['layer_norm_epsilon', gpt2({ layer_norm_epsilon: '1e-5' })],
  ['activation_function', gpt2({ activation_function: 'zzz' })],
  ['resid_pdrop', gpt2({ resid_pdrop: 2 })],
  ['n_positions', gpt2({ n_positions: null })],
  ['n_inner', gpt2({ n_inner: -5 })],
  ['eos_token_id', gpt2({ eos_token_id: 'x' })],
  ['num_attention_heads', bert({ hidden_size: 10, num_attention_heads: 4 })],
  ['type_vocab_size', bert({ type_vocab_size: 1.5 })],
  ['id2label', bert({ id2label: 5 })],
  ['id2label', bert({ id2label: { 0: 'a', 2: 'b' } })],
])('%s out of range is refused by name', (field, make) => {
  expect(make).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'CONFIG_VALUE' }))
  expect(make).toThrow(field)
})

test.each([
  ['add_cross_attention', gpt2({ add_cross_attention: true })],
  ['is_encoder_decoder', bert({ is_encoder_decoder: true })],
  ['torchscript', bert({ torchscript: true })],
  ['quantization_config', gpt2({ quantization_config: { bits: 4 } })],
])('%s is refused and not ignored', (field, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_UNSUPPORTED', fields: { field } }))
})

test('a million layers are refused before anything is allocated', () => {
  expect(gpt2({ n_layer: 1e6 })).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
  expect(bert({ vocab_size: 2 ** 31 - 1 })).toThrow('the limit is 4 GiB')
})

test('what is right is taken', () => {
  expect(gpt2({ layer_norm_epsilon: 0, eos_token_id: [1, 2], n_inner: null, unknown_field: 3 })()).toMatchObject({
    eos_token_id: [1, 2],
    n_inner: undefined,
  })
  expect(gpt2({})()).toMatchObject({
    n_embd: 768,
    n_layer: 12,
    vocab_size: 50257,
    bos_token_id: 50256,
    activation_function: 'gelu_new',
  })
  expect(bert({})()).toMatchObject({
    hidden_size: 768,
    pad_token_id: 0,
    num_labels: 2,
    id2label: ['LABEL_0', 'LABEL_1'],
  })
  expect(bert({ num_labels: 3 })().id2label).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2'])
})

test("GPT-2's fields may have the names of other architectures", () => {
  const config = gpt2({ hidden_size: 64, num_attention_heads: 2, num_hidden_layers: 3, max_position_embeddings: 99 })()
  expect(config).toMatchObject({ n_embd: 64, n_head: 2, n_layer: 3, n_positions: 99 })
})

test('__proto__ in a config is a field like any other', () => {
  const config = new GPT2Config(JSON.parse('{"__proto__": {"n_layer": 3}, "model_type": "gpt2"}'))
  expect(config.n_layer).toBe(12)
  expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  expect('n_layer' in {}).toBe(false)
})

test('the architecture comes from model_type, or else from the first class name', () => {
  expect(AutoConfig.from_json({ architectures: ['BertForMaskedLM'] })).toBeInstanceOf(BertConfig)
  expect(AutoConfig.from_json({ model_type: 'gpt2' })).toBeInstanceOf(GPT2Config)
  expect(() => AutoConfig.from_json({})).toThrow('the config has no model_type (known: bert, gpt2)')
  expect(() => AutoConfig.from_json({ model_type: 'bart' })).toThrow("did you mean 'bert'?")
  expect(() => AutoConfig.from_json({ model_type: 'llama' })).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_MODEL_TYPE' }),
  )
})
