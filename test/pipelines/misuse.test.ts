// What a pipeline cannot do is refused by name, with the next step.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  AutoModelForCausalLM,
  AutoModelForMaskedLM,
  AutoTokenizer,
  BertTokenizer,
  FillMaskPipeline,
  type PipelineTokenizer,
  pipeline,
  type Task,
  TextGenerationPipeline,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const poet = fileURLToPath(new URL('../../checkpoints/gpt2-tang-poetry', import.meta.url))
const critic = fileURLToPath(new URL('../../checkpoints/bert-tiny-sentiment-zh', import.meta.url))
const mlm = goldenPath('weights/bert-mlm')
const code = (wanted: string, message?: string | RegExp) =>
  expect.objectContaining({ code: wanted, ...(message && { message: expect.stringMatching(message) }) })

test('tasks, models and tokenizers that do not go together', async () => {
  await expect(pipeline('text-generatoin' as Task, poet)).rejects.toThrow("did you mean 'text-generation'?")
  await expect(pipeline('summarization' as Task, poet)).rejects.toEqual(code('UNKNOWN_TASK', /known: text-generation/))
  await expect(pipeline('text-generation', critic)).rejects.toEqual(code('NO_SUCH_HEAD'))
  await expect(pipeline('text-generation', '/no/such/folder')).rejects.toThrow('there is no model folder')
  const model = await AutoModelForCausalLM.from_pretrained(poet)
  const tokenizer = await AutoTokenizer.from_pretrained(poet)
  await expect(pipeline('text-generation', model)).rejects.toEqual(code('NO_TOKENIZER', /AutoTokenizer/))
  await expect(pipeline('text-classification', model, tokenizer)).rejects.toEqual(
    code('WRONG_MODEL', /AutoModelForSequenceClassification, got GPT2LMHeadModel/),
  )
  expect(() => new FillMaskPipeline(model as never, tokenizer)).toThrow(code('WRONG_MODEL'))
  expect(() => new TextGenerationPipeline(model, undefined as never)).toThrow(code('NO_TOKENIZER'))
  expect(() => new TextGenerationPipeline(undefined as never, tokenizer)).toThrow(code('WRONG_MODEL'))
})

test('options that do not exist, of a call, of the pipeline and of loading', async () => {
  const classifier = await pipeline('text-classification', critic)
  await expect(classifier('好', { topk: 2 } as object)).rejects.toEqual(code('UNKNOWN_OPTION', /did you mean top_k\?/))
  await expect(classifier('好', { pooling: 'mean' } as object)).rejects.toEqual(code('UNKNOWN_OPTION'))
  await expect(pipeline('fill-mask', mlm, { topk: 2 } as object)).rejects.toEqual(code('UNKNOWN_OPTION', /topk/))
  const model = await AutoModelForMaskedLM.from_pretrained(mlm)
  const tokenizer = await AutoTokenizer.from_pretrained(mlm)
  await expect(pipeline('fill-mask', model, tokenizer, { topk: 2 } as object)).rejects.toThrow('did you mean top_k?')
  await expect(pipeline('fill-mask', model, tokenizer, { device: 'wasm' })).rejects.toEqual(code('UNKNOWN_OPTION'))
  expect(() => new FillMaskPipeline(model, tokenizer, { top_k: 0 })).toThrow(code('OPTION_VALUE'))
  const generator = await pipeline('text-generation', poet)
  await expect(generator('好', { max_new_token: 3 } as object)).rejects.toThrow('did you mean max_new_tokens?')
  const poetModel = generator.model
  expect(() => new TextGenerationPipeline(poetModel, tokenizer, { max_new_token: 3 } as object)).toThrow(
    code('UNKNOWN_OPTION'),
  )
})

test('loading options that mean nothing here', async () => {
  const load = (options: Record<string, unknown>) => pipeline('fill-mask', mlm, options as object)
  const others = ['framework', 'attn_implementation', 'binary_output']
  for (const name of ['session_options', 'model_file_name', 'trust_remote_code', 'device_map', ...others]) {
    await expect(load({ [name]: 1 }), name).rejects.toEqual(code('UNSUPPORTED_OPTION', new RegExp(name)))
  }
  await expect(load({ num_workers: -1 })).rejects.toEqual(code('OPTION_VALUE', /num_workers/))
  await expect(load({ session_options: undefined })).resolves.toBeInstanceOf(FillMaskPipeline)
  for (const device of ['webgpu', 'cuda', 0, 'gpu']) {
    await expect(load({ device }), String(device)).rejects.toEqual(code('UNSUPPORTED_OPTION', /device/))
  }
  await expect(load({ dtype: 'uint8' })).rejects.toEqual(code('UNSUPPORTED_DTYPE'))
  await expect(load({ use_safetensors: 1 })).rejects.toEqual(code('OPTION_VALUE', /use_safetensors/))
  // The folder has no pytorch_model.bin.
  await expect(load({ use_safetensors: false })).rejects.toEqual(code('WEIGHTS_MISSING'))
})

test('options of loading that ask for what is there', async () => {
  const usual: object = {
    ...{
      device: 'cpu',
      dtype: 'auto',
      framework: 'pt',
      trust_remote_code: false,
      num_workers: 4,
      binary_output: false,
    },
    ...{ attn_implementation: 'eager', device_map: 'auto', use_safetensors: true },
  }
  const { model, tokenizer } = await pipeline('fill-mask', mlm, {
    ...usual,
    model_kwargs: { attn_implementation: 'sdpa' },
  })
  const filler = await pipeline('fill-mask', model, tokenizer, usual)
  expect(filler.defaults).toEqual({ num_workers: 4 })
  await expect(filler('[MASK]', { num_workers: 0 })).resolves.toHaveLength(5)
  await expect(pipeline('fill-mask', model, tokenizer, { dtype: 'float16' } as object)).rejects.toEqual(
    code('UNKNOWN_OPTION'),
  )
})

test('the model may be an option, and has to be one', async () => {
  const folder = await pipeline('fill-mask', { model: mlm, top_k: 2 })
  await expect(folder('[MASK]')).resolves.toHaveLength(2)
  const { model, tokenizer } = folder
  const filler = await pipeline('fill-mask', { model, tokenizer, top_k: 3 })
  await expect(filler('[MASK]')).resolves.toHaveLength(3)
  for (const nothing of [undefined, null, {}, { tokenizer }]) {
    await expect(pipeline('fill-mask', nothing as never), String(nothing)).rejects.toEqual(
      code('WRONG_MODEL', /got (undefined|null|an object).*AutoModelForMaskedLM/),
    )
  }
})

test('the names in a pair are checked', async () => {
  const classifier = await pipeline('text-classification', critic)
  await expect(classifier({ text: '好', text_pairs: '坏' } as never)).rejects.toEqual(
    code('UNKNOWN_OPTION', /did you mean text_pair\?/),
  )
})

test('a text that is too long: each task names an option that it has', async () => {
  const long = '好'.repeat(400)
  const hints = async (answer: Promise<unknown>, hint: RegExp, wanted = 'TOO_LONG'): Promise<void> => {
    await expect(answer).rejects.toEqual(code(wanted, hint))
  }
  const filler = await pipeline('fill-mask', mlm)
  await hints(filler(`${long}[MASK]`), /\(pass \{ tokenizer_kwargs: \{ truncation: true \} \}\)$/)
  const classifier = await pipeline('text-classification', critic)
  await hints(classifier(long), /\(pass \{ truncation: true \}\)$/)
  const answerer = await pipeline('question-answering', goldenPath('weights/bert-qa'))
  await hints(answerer({ question: long, context: '好' }), /room for the text: give a larger max_seq_len/, 'TRUNCATION')
  await hints(answerer({ question: '好', context: long }, { max_seq_len: 384 }), /smaller max_seq_len/)
  const generator = await pipeline('text-generation', goldenPath('weights/gpt2-lm'))
  await hints(generator(long, { max_new_tokens: 2 }), /handle_long_generation: 'hole'/)
  await hints(generator('好', { max_new_tokens: 200, eos_token_id: null }), /\(give a smaller max_new_tokens\)$/)
})

test('a pipeline that cannot be made leaves no weights behind', async () => {
  const { model } = await pipeline('fill-mask', mlm)
  const before = model.backend.live
  await expect(pipeline('fill-mask', mlm, { top_k: 0 })).rejects.toEqual(code('OPTION_VALUE'))
  expect(model.backend.live).toBe(before)
})

test('values that cannot be', async () => {
  const classifier = await pipeline('text-classification', critic)
  for (const options of [
    { top_k: 0 },
    { top_k: 1.5 },
    { function_to_apply: 'tanh' },
    { batch_size: 0 },
    { batch_size: '2' },
  ]) {
    await expect(classifier('好', options as object), JSON.stringify(options)).rejects.toEqual(code('OPTION_VALUE'))
  }
  const generator = await pipeline('text-generation', poet)
  for (const options of [
    { return_tensors: true, return_full_text: true },
    { return_text: true, return_tensors: true },
    { return_text: true, return_full_text: false },
    { return_type: 'text' },
    { return_type: 3 },
    { handle_long_generation: 'cut' },
  ]) {
    await expect(generator('好', options as object), JSON.stringify(options)).rejects.toEqual(code('OPTION_VALUE'))
  }
  const extractor = await pipeline('feature-extraction', critic)
  for (const options of [
    { pooling: 'max' },
    { quantize: true },
    { quantize: true, pooling: 'mean', return_tensors: true },
    { quantize: true, pooling: 'mean', precision: 'int8' },
    { truncation: true, tokenize_kwargs: { truncation: true } },
  ]) {
    await expect(extractor('好', options as object), JSON.stringify(options)).rejects.toEqual(code('OPTION_VALUE'))
  }
  const ner = await pipeline('ner', goldenPath('weights/bert-tokcls'))
  for (const options of [
    { aggregation_strategy: 'last' },
    { stride: 4 },
    { stride: -1, aggregation_strategy: 'simple' },
    { stride: 128, aggregation_strategy: 'simple' },
  ]) {
    await expect(ner('好', options as object), JSON.stringify(options)).rejects.toEqual(code('OPTION_VALUE'))
  }
  await expect(ner(['好', '好'], { offset_mapping: [[0, 1]] })).rejects.toEqual(code('OPTION_VALUE'))
  const answerer = await pipeline('question-answering', goldenPath('weights/bert-qa'), { use_fast: false })
  for (const options of [
    { top_k: 0 },
    { max_answer_len: 0 },
    { max_seq_len: 0 },
    { doc_stride: 0 },
    { max_question_len: 0 },
    { doc_stride: 9, max_seq_len: 8 },
  ]) {
    await expect(answerer('a', 'b', options as never), JSON.stringify(options)).rejects.toEqual(code('OPTION_VALUE'))
  }
  const chooser = await pipeline('zero-shot-classification', critic)
  await expect(chooser('好', ['a'], { hypothesis_template: '这是。' })).rejects.toEqual(code('OPTION_VALUE'))
})

test('inputs that are no texts', async () => {
  const classifier = await pipeline('text-classification', critic)
  await expect(classifier([['a', 'b']] as never)).rejects.toEqual(code('TEXT_TYPE', /text_pair/))
  await expect(classifier({ text: 'a', text_pair: 3 } as never)).rejects.toEqual(code('TEXT_TYPE'))
  for (const nothing of [null, undefined, 3, {}, [3]]) {
    await expect(classifier(nothing as never), String(nothing)).rejects.toEqual(code('TEXT_TYPE'))
  }
  const generator = await pipeline('text-generation', poet)
  await expect(generator([{ role: 'user', content: '好' }] as never)).rejects.toEqual(code('TEXT_TYPE', /chat/))
  const ner = await pipeline('ner', goldenPath('weights/bert-tokcls'))
  await expect(ner([['a', 'b']])).rejects.toEqual(code('TEXT_TYPE', /is_split_into_words/))
  await expect(ner('a', { is_split_into_words: true })).rejects.toEqual(code('TEXT_TYPE'))
  await expect(ner([3] as never, { is_split_into_words: true })).rejects.toEqual(code('TEXT_TYPE'))
  const answerer = await pipeline('question-answering', goldenPath('weights/bert-qa'), { use_fast: false })
  await expect(answerer({ question: '', context: 'a' })).rejects.toEqual(code('EMPTY_INPUT', /question is empty/))
  await expect(answerer({ question: 'a', context: '' })).rejects.toEqual(code('EMPTY_INPUT', /context is empty/))
  await expect(answerer({ question: 'a' } as never)).rejects.toEqual(code('TEXT_TYPE', /context/))
  await expect(answerer('a' as never)).rejects.toEqual(code('TEXT_TYPE'))
  await expect(answerer({ question: ['a', 'b'], context: ['c'] })).rejects.toEqual(code('RAGGED'))
  await expect(answerer({ question: 'a'.repeat(30), context: 'c' }, { max_seq_len: 20 })).rejects.toEqual(
    code('TOO_LONG'),
  )
  const chooser = await pipeline('zero-shot-classification', critic)
  await expect(chooser('好')).rejects.toEqual(code('EMPTY_INPUT', /candidate_labels/))
  await expect(chooser('好', ' , ')).rejects.toEqual(code('EMPTY_INPUT'))
})

test('fill-mask: no mask, a mask that was cut off, no mask token, no target', async () => {
  const filler = await pipeline('fill-mask', mlm)
  await expect(filler('no mask')).rejects.toEqual(code('NO_MASK', /put \[MASK\] where/))
  await expect(filler(['[MASK]', 'no mask'])).rejects.toEqual(code('NO_MASK'))
  const cut = { tokenizer_kwargs: { truncation: true, max_length: 4 } }
  await expect(filler('今天好[MASK]', cut)).rejects.toEqual(code('NO_MASK', /cut off by truncation/))
  await expect(filler('[MASK]', { targets: [] })).rejects.toEqual(code('OPTION_VALUE', /targets/))
  await expect(filler('[MASK]', { targets: '' })).rejects.toEqual(code('OPTION_VALUE'))
  const tokenizer = Object.assign((text: string) => ({ input_ids: [text.length] }), {
    decode: () => '',
    padding_side: 'right',
    pad_token_id: 0,
    sep_token_id: undefined,
  })
  const { model } = filler
  expect(() => new FillMaskPipeline(model, tokenizer)).toThrow(code('NO_MASK_TOKEN'))
})

test('a text that is too long is refused, and fits with truncation', async () => {
  const classifier = await pipeline('text-classification', critic)
  const long = '好'.repeat(400)
  await expect(classifier(long)).rejects.toEqual(code('TOO_LONG'))
  await expect(classifier(long, { truncation: true })).resolves.toHaveLength(1)
  const generator = await pipeline('text-generation', goldenPath('weights/gpt2-lm'))
  await expect(generator('好'.repeat(200), { max_new_tokens: 2 })).rejects.toEqual(code('TOO_LONG'))
  await expect(generator('好', { max_new_tokens: 200, eos_token_id: null })).rejects.toEqual(code('TOO_LONG'))
})

test("tasks about words need a tokenizer that knows them, and tokens' names", async () => {
  const folder = goldenPath('weights/bert-tokcls')
  const slow = await pipeline('ner', folder, await BertTokenizer.from_pretrained(folder))
  for (const options of [
    { aggregation_strategy: 'first' },
    { stride: 2, aggregation_strategy: 'simple' },
    { is_split_into_words: true },
  ]) {
    await expect(slow(['a'], options as object), JSON.stringify(options)).rejects.toEqual(
      code('SLOW_TOKENIZER', /BertTokenizerFast/),
    )
  }
  const tokenizer: PipelineTokenizer = Object.assign(() => ({ input_ids: [1] }), {
    decode: () => '',
    padding_side: 'right',
    pad_token_id: 0,
    sep_token_id: undefined,
  })
  const ner = await pipeline('ner', folder, tokenizer)
  await expect(ner('a')).rejects.toEqual(code('TOKENIZER'))
})

test('two models with one tokenizer: ids that the smaller vocabulary does not have are refused at once', async () => {
  const generator = new TextGenerationPipeline(
    await AutoModelForCausalLM.from_pretrained(goldenPath('weights/gpt2-lm')),
    await AutoTokenizer.from_pretrained(poet),
  )
  await expect(generator('春眠不觉晓，', { max_new_tokens: 2 })).rejects.toEqual(code('ID_RANGE'))
})
