// Options of from_pretrained that are about the model: defaults of generate(), a config, Hugging Face's names of what is
// done anyway.
import { expect, test } from 'vitest'
import {
  AutoConfig,
  AutoModel,
  AutoModelForCausalLM,
  BertConfig,
  BertModel,
  BertTokenizer,
  GPT2Config,
  GPT2LMHeadModel,
  pipeline,
} from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { type GoldenTensor, golden, goldenPath, nestedOf } from '../golden.ts'

interface Loaded {
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly generation_config: Readonly<Record<string, unknown>>
  readonly sequences?: GoldenTensor
}

const { loaded } = golden<{ loaded: readonly Loaded[] }>('generate/inputs.json')
const gpt2 = goldenPath('weights/gpt2-lm')
const bert = goldenPath('weights/bert-model')

onPlainBackends('defaults of generate() that are given while loading', backend => {
  test.each(loaded)('$kwargs', async ({ kwargs, generation_config, sequences }) => {
    const options = { ...kwargs, backend }
    for (const load of [
      () => GPT2LMHeadModel.from_pretrained(gpt2, options),
      () => AutoModelForCausalLM.from_pretrained(gpt2, options),
    ]) {
      using model = await load()
      const { transformers_version: _, ...own } = model.generation_config.to_diff_dict()
      expect(own).toEqual(generation_config)
      if (!sequences) continue
      const prompts = [
        [93, 21, 93],
        [55, 58, 41],
      ]
      using found = await model.generate(prompts, { max_new_tokens: 12 })
      expect(found.tolist()).toEqual(nestedOf(sequences))
    }
  })
})

test('special tokens go into the config too, other parameters do not; a model without generate() refuses them', async () => {
  using model = await GPT2LMHeadModel.from_pretrained(gpt2, { pad_token_id: 0, do_sample: true })
  expect(model.config.pad_token_id).toBe(0)
  expect(model.config.to_dict()).not.toHaveProperty('do_sample')
  await expect(BertModel.from_pretrained(bert, { do_sample: true })).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
  await expect(GPT2LMHeadModel.from_pretrained(gpt2, { top_k: -1 })).rejects.toMatchObject({ code: 'GENERATION_VALUE' })
  await expect(GPT2LMHeadModel.from_pretrained(gpt2, { do_sampel: true })).rejects.toMatchObject({
    code: 'UNKNOWN_OPTION',
  })
})

test('add_pooling_layer: false leaves out the pooler', async () => {
  using whole = await BertModel.from_pretrained(bert)
  const options = { add_pooling_layer: false }
  for (const load of [() => BertModel.from_pretrained(bert, options), () => AutoModel.from_pretrained(bert, options)]) {
    using model = (await load()) as BertModel
    expect(model.pooler).toBeUndefined()
    const output = model.forward({ input_ids: [[5, 6, 7]] })
    expect(output.keys()).toEqual(['last_hidden_state'])
    expect(output.last_hidden_state.tolist()).toEqual(
      whole.forward({ input_ids: [[5, 6, 7]] }).last_hidden_state.tolist(),
    )
  }
})

test("a config takes the place of the folder's", async () => {
  const config = await BertConfig.from_pretrained(bert)
  const fields = { ...config.to_dict(), hidden_act: 'relu' }
  for (const given of [new BertConfig(fields), fields]) {
    using model = await BertModel.from_pretrained(bert, { config: given })
    expect(model.config.hidden_act).toBe('relu')
    using auto = await AutoModel.from_pretrained(bert, { config: given })
    expect(auto.config.to_dict()).toEqual(model.config.to_dict())
  }
  using model = await BertModel.from_pretrained(bert, { config: bert, output_attentions: true })
  expect(model.config.output_attentions).toBe(true)
  for (const wrong of [new GPT2Config(), 3, []]) {
    const failing = BertModel.from_pretrained(bert, { config: wrong as never })
    await expect(failing).rejects.toMatchObject({ name: 'ConfigError', code: 'CONFIG_CLASS' })
  }
})

test('names that ask for what is done anyway are taken, other values are refused', async () => {
  const usual = { attn_implementation: 'eager', device: 'cpu', device_map: 'auto', trust_remote_code: false }
  using model = await BertModel.from_pretrained(bert, { ...usual, low_cpu_mem_usage: true, framework: null })
  expect(model.config.to_dict()).not.toHaveProperty('device')
  using _ = await AutoModel.from_pretrained(bert, { attn_implementation: 'sdpa' })
  for (const wrong of [{ attn_implementation: 'flash_attention_2' }, { device: 'cuda' }, { trust_remote_code: true }]) {
    const failing = BertModel.from_pretrained(bert, wrong)
    await expect(failing).rejects.toMatchObject({
      code: 'UNSUPPORTED_OPTION',
      fields: { option: Object.keys(wrong)[0] },
    })
  }
  const options = { trust_remote_code: false, framework: 'pt', num_workers: 4, device: 'cpu' } as const
  const tokenizer = await BertTokenizer.from_pretrained(gpt2)
  const generator = await pipeline('text-generation', gpt2, { ...options, tokenizer })
  expect(generator.model).toBeInstanceOf(GPT2LMHeadModel)
  await expect(pipeline('text-generation', gpt2, { framework: 'tf' as 'pt' })).rejects.toMatchObject({
    code: 'UNSUPPORTED_OPTION',
  })
})

test("Hugging Face's small members: where a model is from and computes, its modules, fields that nothing reads", async () => {
  using model = await GPT2LMHeadModel.from_pretrained(gpt2)
  expect([model.name_or_path, model.device, model.can_generate()]).toEqual([gpt2, 'cpu', true])
  expect(model.to('cpu')).toBe(model)
  expect(() => model.to('cuda')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_OPTION' }))
  expect(model.tie_weights()).toBeUndefined()
  expect([...model.modules()]).toEqual(Array.from(model.named_modules(), ([, module]) => module))
  const visited: unknown[] = []
  expect(model.apply(module => visited.push(module))).toBe(model)
  expect(visited).toHaveLength([...model.modules()].length)
  expect(visited.at(-1)).toBe(model)
  const body = BertModel.from_config({ ...(await BertConfig.from_pretrained(bert)).to_dict() })
  expect([body.name_or_path, body.can_generate()]).toEqual(['', false])
  body.dispose()
  const config = AutoConfig.for_model('gpt2', { n_layer: 3, of_mine: [1], toString: 4 })
  expect(config).toBeInstanceOf(GPT2Config)
  expect(config).toMatchObject({ n_layer: 3, of_mine: [1] })
  expect(String(config)).toContain('"of_mine"')
  config.update({ num_labels: 3, hidden_size: 24, of_mine: 2 })
  expect(config).toMatchObject({ num_labels: 3, n_embd: 24, of_mine: 2 })
  expect(config.to_dict()).toMatchObject({ n_embd: 24, of_mine: 2 })
  const output = model.forward({ input_ids: [[5]], output_hidden_states: true, use_cache: true })
  expect(String(output)).toMatch(
    /^ModelOutput\(\n {2}logits=tensor\([\s\S]*past_key_values=DynamicCache,\n {2}hidden_states=a list of 3\n\)$/,
  )
  output.past_key_values?.dispose()
})
