// config.json: every field that is used is checked before anything is allocated, and an error names it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { expect, test, vi } from 'vitest'
import { AutoConfig, BertConfig, BertForMaskedLM, GPT2Config, GPT2Model } from '../../src/index.ts'
import { golden } from '../golden.ts'

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
  ['id2label', bert({ id2label: ['a', 'b'] })],
  ['label2id', bert({ id2label: { 0: 'a', 1: 'b' }, label2id: { a: 'first' } })],
  ['label2id', bert({ id2label: { 0: 'a', 1: 'b' }, label2id: 'a' })],
  ['num_labels', bert({ num_labels: 0 })],
  ['problem_type', bert({ problem_type: 'single_label' })],
  ['position_embedding_type', bert({ position_embedding_type: 'rotary' })],
  ['summary_type', gpt2({ summary_type: 'attn' })],
  ['summary_activation', gpt2({ summary_activation: 'tahn' })],
  ['use_cache', gpt2({ use_cache: 'yes' })],
  ['pruned_heads', gpt2({ pruned_heads: { 0: 1 } })],
  ['pruned_heads', gpt2({ pruned_heads: { first: [1] } })],
  ['pruned_heads', bert({ pruned_heads: [[1]] })],
  ['classifier_dropout', bert({ classifier_dropout: '0.1' })],
  ['classifier_dropout', gpt2({ classifier_dropout: 1.1 })],
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

test('a near name is told, and the known ones', () => {
  expect(gpt2({ activation_function: 'gelu_nwe' })).toThrow("did you mean 'gelu_new'?")
  expect(bert({ problem_type: 'regresion' })).toThrow("did you mean 'regression'?")
  expect(bert({ hidden_act: 'zzz' })).toThrow('one of gelu, gelu_10')
})

test('a config of another architecture is refused', () => {
  const wrong = () => new GPT2Config({ model_type: 'bert' })
  expect(wrong).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'MODEL_TYPE' }))
  expect(wrong).toThrow("this is a config of model_type 'bert', not 'gpt2'")
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
    label2id: { LABEL_0: 0, LABEL_1: 1 },
    position_embedding_type: 'absolute',
    is_decoder: false,
  })
  expect(bert({ id2label: { 1: '好', 0: '差' } })()).toMatchObject({
    id2label: ['差', '好'],
    label2id: { 差: 0, 好: 1 },
  })
  expect(bert({ pad_token_id: null })().pad_token_id).toBeUndefined()
  expect(gpt2({ eos_token_id: null, bos_token_id: null })()).toMatchObject({
    eos_token_id: undefined,
    bos_token_id: undefined,
  })
  expect(bert({ num_labels: 3 })().id2label).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2'])
})

test("GPT-2's fields may have the names of other architectures", () => {
  const config = gpt2({ hidden_size: 64, num_attention_heads: 2, num_hidden_layers: 3, max_position_embeddings: 99 })()
  expect(config).toMatchObject({ n_embd: 64, n_head: 2, n_layer: 3, n_positions: 99 })
})

interface FieldCase {
  readonly fields: Readonly<Record<string, number>>
  readonly config: Readonly<Record<string, unknown>>
}

test.each(golden<{ config_fields: readonly FieldCase[] }>('generate/inputs.json').config_fields)(
  'fields are set as in Hugging Face: $fields',
  ({ fields, config }) => {
    const own = Object.assign(gpt2({})(), fields)
    const found = Object.fromEntries(Object.keys(config).map(name => [name, Reflect.get(own, name)]))
    expect({ ...found, id2label: { ...own.id2label } }).toEqual(config)
  },
)

test('num_labels cannot become what is no number', () => {
  expect(() => Object.assign(bert({})(), { num_labels: 'two' })).toThrow(
    expect.objectContaining({ code: 'CONFIG_VALUE' }),
  )
})

test('a model is made of a config, not of its fields', () => {
  const wrong = () => new BertForMaskedLM({ num_hidden_layers: 1 } as never)
  expect(wrong).toThrow(expect.objectContaining({ code: 'CONFIG_CLASS' }))
  expect(wrong).toThrow('BertForMaskedLM.from_config(fields)')
  expect(() => new GPT2Model(undefined as never)).toThrow(expect.objectContaining({ code: 'CONFIG_CLASS' }))
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

interface Recorded {
  readonly model: string
  readonly class: string
  readonly config_repr: string
  readonly config_diff: Readonly<Record<string, unknown>>
}

test.each(golden<readonly Recorded[]>('prints/print_models.json').map(item => [item.model, item] as const))(
  'the config of %s is written as Hugging Face writes it',
  (folder, item) => {
    const seen = { dtype: 'float32', transformers_version: '4.57.1' } // what Hugging Face adds where it is missing
    const config = AutoConfig.from_json({ ...seen, ...golden<Record<string, unknown>>(`${folder}/config.json`) })
    expect(config.to_diff_dict()).toEqual(item.config_diff)
    expect(String(config)).toBe(item.config_repr)
    expect(inspect(config)).toBe(item.config_repr)
    expect(config.to_json_string()).toBe(item.config_repr.slice(config.constructor.name.length + 1))
    expect(AutoConfig.from_json(JSON.parse(JSON.stringify(config))).to_dict()).toEqual(config.to_dict())
  },
)

test('JSON of a config: Chinese labels, small numbers and unlike ones as Python writes them', () => {
  const config = bert({
    id2label: { 0: '差', 1: 'good "one"' },
    layer_norm_eps: 1e-5,
    problem_type: 'regression',
    extra: [1, {}],
  })()
  expect(config.to_json_string()).toContain(`  "extra": [
    1,
    {}
  ],`)
  expect(config.to_json_string()).toContain(`  "id2label": {
    "0": "\\u5dee",
    "1": "good \\"one\\""
  },`)
  expect(config.to_json_string()).toContain('"layer_norm_eps": 1e-05,')
  expect(config.to_json_string()).toContain('"problem_type": "regression"')
  expect(config.to_dict()).toMatchObject({
    output_attentions: false,
    return_dict: true,
    pad_token_id: 0,
    eos_token_id: null,
  })
})

test('fields that change later are seen by forward and written', () => {
  const config = gpt2({ n_layer: 1 })() as GPT2Config
  config.pad_token_id = 7
  expect(config.to_diff_dict()).toMatchObject({ pad_token_id: 7, n_layer: 1 })
})

test("GPT-2's fields can be read by the names of other architectures too", () => {
  const config = gpt2({ hidden_size: 64, n_head: 2, num_hidden_layers: 3, n_positions: 99 })() as GPT2Config
  expect(config.hidden_size).toBe(64)
  expect(config.num_attention_heads).toBe(2)
  expect(config.num_hidden_layers).toBe(3)
  expect(config.max_position_embeddings).toBe(99)
  expect(Object.keys(config.to_dict())).not.toContain('hidden_size')
})

test('more names than num_labels says count, with a warning', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()
  try {
    expect(bert({ num_labels: 3, id2label: { 0: 'a', 1: 'b' } })()).toMatchObject({ num_labels: 2 })
    expect(emitted.mock.calls.map(([message]) => message)).toEqual([
      'BertConfig: num_labels is 3, but id2label has 2 names, and they count.',
    ])
  } finally {
    emitted.mockRestore()
  }
})

/** A folder with this config.json, and what reading it warns of. */
async function read(text: string | Uint8Array): Promise<{ config: GPT2Config; warnings: unknown[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-config-'))
  const emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()
  try {
    writeFileSync(join(folder, 'config.json'), text)
    const config = await GPT2Config.from_pretrained(folder)
    return { config, warnings: emitted.mock.calls.map(([message]) => String(message).replace(folder, '')) }
  } finally {
    emitted.mockRestore()
    rmSync(folder, { recursive: true })
  }
}

test.each([
  ['', 'the file is empty'],
  ['  ', 'line 1, column 3: the end where a value should be'],
  ['{', 'line 1, column 2: the end where'],
  ['{\n  "n_layer": 2,\n}', 'line 3, column 1: "}" where'],
  ['[]', 'must be an object'],
  ['"gpt2"', 'must be an object'],
  ['\uFEFF{}', 'byte order mark'],
  ['{"n_layer": NaN}', 'line 1, column 13: "N" where a value should be'],
  ['{"n_layer": 2} x', 'line 1, column 16: "x" where the end should be'],
  ["{'n_layer': 2}", 'line 1, column 2'],
  ['{"差": "n",, }', 'line 1, column 11'],
  [new Uint8Array([0x7b, 0xff, 0x7d]), 'not UTF-8'],
  ['['.repeat(100_000), 'more than 127 objects and arrays'],
  [`{"a": "${'x'.repeat(2 ** 20)}"}`, 'at most 1048576 bytes'],
])('config.json %# is refused: %s', async (text, reason) => {
  const reading = read(text)
  await expect(reading).rejects.toMatchObject({ name: 'FileError', code: 'CONFIG_JSON' })
  await expect(reading).rejects.toThrow(reason)
})

test('a field that stands twice counts as it stands last, with a warning', async () => {
  const { config, warnings } = await read('{"n_layer": 2, "n_head": 4, "n_layer": 3}')
  expect(config.n_layer).toBe(3)
  expect(warnings).toEqual(["/config.json: 'n_layer' stands there twice, and the last one counts."])
})

test('__proto__ in a file is a field like any other', async () => {
  const { config } = await read('{"__proto__": {"n_layer": 3}, "n_embd": 24.0, "n_head": 2}')
  expect(config).toMatchObject({ n_layer: 12, n_embd: 24 })
  expect(Object.getPrototypeOf(config.json)).toBe(Object.prototype)
  expect('n_layer' in {}).toBe(false)
})

test('code of its own that a config names is not run, and a note says so', async () => {
  const { config, warnings } = await read('{"model_type": "gpt2", "auto_map": {"AutoModel": "modeling.Evil"}}')
  expect(config).toBeInstanceOf(GPT2Config)
  expect(warnings).toEqual([expect.stringContaining('(auto_map): it is not run')])
})

test('fields may replace those of the file', async () => {
  const folder = fileURLToPath(new URL('../golden/weights/gpt2-lm', import.meta.url))
  expect((await GPT2Config.from_pretrained(folder, { n_layer: 5 })).n_layer).toBe(5)
  expect((await AutoConfig.from_pretrained(folder, { num_labels: 5 })).num_labels).toBe(5)
})
