// How pipelines are called: by folder or by model, one text or many, streamed, and with options that do not exist.

import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  type Classification,
  type GeneratedText,
  pipeline,
  type Task,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const checkpoint = (name: string) => fileURLToPath(new URL(`../../checkpoints/${name}`, import.meta.url))
const poet = checkpoint('gpt2-tang-poetry')
const critic = checkpoint('bert-tiny-sentiment-zh')
const poem = {
  do_sample: false,
  max_new_tokens: 64,
  prefix: '[CLS]',
  add_special_tokens: false,
  compact: true,
} as const

test('a folder is enough', async () => {
  const generator = await pipeline('text-generation', poet, { backend: 'wasm' })
  const results: GeneratedText[] = await generator('春眠不觉晓，', poem)
  expect(results).toEqual([{ generated_text: '春眠不觉晓，日日正迟迟。花落人家少，莺啼马上迟。' }])
  const classifier = await pipeline('sentiment-analysis', critic)
  const labels: Classification[] = await classifier('这家酒店非常好，下次还来。')
  expect(labels).toEqual([{ label: 'POSITIVE', score: expect.closeTo(0.942225, 5) }])
})

test('streaming gives the same text, in pieces', async () => {
  const generator = await pipeline('text-generation', poet)
  const pieces: string[] = []
  for await (const piece of generator.stream('床前明月光，', poem)) pieces.push(piece)
  const [{ generated_text }] = (await generator('床前明月光，', poem)) as [GeneratedText]
  expect(pieces.length).toBeGreaterThan(10)
  expect(`床前明月光，${pieces.join('')}`).toBe(generated_text)
})

test('a seed repeats a sampled text, and several answers come in one list', async () => {
  const generator = await pipeline('text-generation', poet)
  const draw = { ...poem, do_sample: true, top_k: 20, temperature: 0.9, seed: 3 }
  expect(await generator('秋夜：', draw)).toEqual(await generator('秋夜：', draw))
  const three = await generator('秋夜：', { ...draw, num_return_sequences: 3 })
  expect(new Set(three.map(({ generated_text }) => generated_text)).size).toBe(3)
})

test('an empty list gives an empty list', async () => {
  const classifier = await pipeline('text-classification', critic)
  expect(await classifier([])).toEqual([])
})

test('without compact, decoded Chinese keeps the spaces of Hugging Face', async () => {
  const generator = await pipeline('text-generation', poet)
  const [{ generated_text }] = (await generator('春眠不觉晓，', { ...poem, compact: false, max_new_tokens: 4 })) as [
    GeneratedText,
  ]
  expect(generated_text).toBe('春眠不觉晓， 日 日 正 迟')
})

test("BertTokenizer's [SEP] behind a prompt is kept as in Hugging Face, with one warning", async () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()
  try {
    const generator = await pipeline('text-generation', poet)
    for (let i = 0; i < 2; i++) await generator('床前明月光，', { do_sample: false, max_new_tokens: 3 })
    const codes = emitted.mock.calls.map(([, options]) => Reflect.get(options as object, 'code'))
    expect(codes.filter(code => code === 'PROMPT_ENDS')).toHaveLength(1)
  } finally {
    emitted.mockRestore()
  }
})

test('what cannot be is refused by name', async () => {
  await expect(pipeline('text-generatoin' as Task, poet)).rejects.toThrow("did you mean 'text-generation'?")
  await expect(pipeline('text-generation', critic)).rejects.toMatchObject({ code: 'NO_SUCH_HEAD' })
  const model = await AutoModelForCausalLM.from_pretrained(poet)
  await expect(pipeline('text-generation', model)).rejects.toMatchObject({ code: 'NO_TOKENIZER' })
  await expect(pipeline('text-classification', model, await AutoTokenizer.from_pretrained(poet))).rejects.toMatchObject(
    { code: 'WRONG_MODEL' },
  )
  const classifier = await pipeline('text-classification', critic)
  await expect(classifier('好', { topk: 2 } as object)).rejects.toThrow('did you mean top_k?')
  await expect(classifier('好', { top_k: 0 })).rejects.toMatchObject({ code: 'OPTION_VALUE' })
  await expect(classifier('好', { function_to_apply: 'tanh' as 'none' })).rejects.toMatchObject({
    code: 'OPTION_VALUE',
  })
  await expect(classifier('好', { batch_size: 0 })).rejects.toThrow('batch_size')
  const generator = await pipeline('text-generation', poet)
  await expect(generator('好', { max_new_token: 3 } as object)).rejects.toThrow('did you mean max_new_tokens?')
  await expect(generator('好', { return_tensors: true, return_full_text: true })).rejects.toMatchObject({
    code: 'OPTION_VALUE',
  })
})

test('a text that is too long is refused, and fits with truncation', async () => {
  const classifier = await pipeline('text-classification', critic)
  const long = '好'.repeat(400)
  await expect(classifier(long)).rejects.toMatchObject({ code: 'TOO_LONG' })
  await expect(classifier(long, { truncation: true })).resolves.toHaveLength(1)
  const generator = await pipeline('text-generation', goldenPath('weights/gpt2-lm'))
  await expect(generator('好'.repeat(200), { max_new_tokens: 2 })).rejects.toMatchObject({ code: 'TOO_LONG' })
})

test('an aborted generation rejects with the reason', async () => {
  const generator = await pipeline('text-generation', poet)
  await expect(generator('好', { ...poem, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
})
