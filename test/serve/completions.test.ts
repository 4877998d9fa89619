// /v1/completions, /v1/embeddings and /v1/models: OpenAI's forms, our numbers.
import { expect, test } from 'vitest'
import { AutoModelForCausalLM, AutoTokenizer, type CompletionChoice, pipeline } from '../../src/index.ts'
import { golden } from '../golden.ts'
import { eventsOf } from './events.ts'
import { critic, get, guesser, poet, post, ready, shipped } from './serving.ts'

const server = await ready([shipped(poet), shipped(critic), shipped(guesser)])
const complete = async (fields: object) =>
  (await post(server, '/v1/completions', { model: poet, temperature: 0, compact: true, ...fields })).body
const prompt = '春眠不觉晓，'

test('a completion has text, reason and usage', async () => {
  const body = await complete({ prompt, max_tokens: 64 })
  expect(body).toEqual({
    id: expect.stringMatching(/^cmpl-/),
    object: 'text_completion',
    created: expect.closeTo(Date.now() / 1000, -2),
    model: poet,
    choices: [{ text: '日日正迟迟。花落人家少，莺啼马上迟。', index: 0, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 19, total_tokens: 26 },
  })
  const short = await complete({ prompt, max_tokens: 3 })
  expect(short.choices[0]).toMatchObject({ text: '日日正', finish_reason: 'length' })
  expect((await complete({ prompt })).usage.completion_tokens).toBe(16)
})

test('stop texts end an answer and are no part of it', async () => {
  const { choices, usage } = await complete({ prompt, max_tokens: 40, stop: ['少', '。花'] })
  expect(choices[0]).toMatchObject({ text: '日日正迟迟', finish_reason: 'stop' })
  expect(usage.completion_tokens).toBe(7)
})

test('n answers for each of several prompts, as texts or as tokens', async () => {
  const tokenizer = await AutoTokenizer.from_pretrained(shipped(poet))
  const ids = tokenizer.encode(`[CLS]${prompt}`, { add_special_tokens: false })
  const { choices, usage } = await complete({ prompt: [prompt, '秋夜：'], n: 2, max_tokens: 3 })
  expect(choices.map(({ index }: CompletionChoice) => index)).toEqual([0, 1, 2, 3])
  expect(choices[0].text).toBe('日日正')
  expect([choices[1].text, choices[3].text]).toEqual([choices[0].text, choices[2].text])
  expect(usage.completion_tokens).toBe(12)
  expect((await complete({ prompt: ids, max_tokens: 3 })).choices[0].text).toBe('日日正')
  expect((await complete({ prompt: [ids, ids], max_tokens: 3 })).choices[1].text).toBe('日日正')
  const drawn = { prompt: '秋夜：', n: 3, max_tokens: 12, temperature: 1, top_p: 0.9, seed: 5 }
  const { choices: different } = await complete(drawn)
  expect(new Set(different.map(({ text }: CompletionChoice) => text)).size).toBe(3)
  expect((await complete(drawn)).choices).toEqual(different)
})

test('the tokens around a text are its tokenizer’s but for the closing one', async () => {
  const tokens = async (add_special_tokens: boolean) =>
    (await complete({ prompt, max_tokens: 1, add_special_tokens })).usage.prompt_tokens
  expect([await tokens(true), await tokens(false)]).toEqual([7, 6])
  const spaced = await complete({ prompt, max_tokens: 2, compact: false })
  expect(spaced.choices[0].text).toBe(' 日 日')
  const whole = await complete({ prompt, max_tokens: 64, skip_special_tokens: false })
  expect(whole.choices[0].text).toMatch(/\[SEP\]$/)
})

test('log-probabilities are those of the model, of the answer and of an echoed prompt', async () => {
  const model = await AutoModelForCausalLM.from_pretrained(shipped(poet))
  const tokenizer = await AutoTokenizer.from_pretrained(shipped(poet))
  const text = '[CLS]春眠不觉晓，日日'
  const ids = tokenizer.encode(text, { add_special_tokens: false })
  const table = model
    .forward({ input_ids: [ids] })
    .logits.logSoftmax(-1)
    .tolist() as number[][][]
  const wanted = ids.map((id, place) => (place === 0 ? null : table[0]![place - 1]![id]!))
  const { choices } = await complete({ prompt, max_tokens: 2, logprobs: 2, echo: true })
  const { tokens, token_logprobs, top_logprobs, text_offset } = choices[0].logprobs
  expect(choices[0].text).toBe('春眠不觉晓，日日')
  expect(tokens).toEqual(['', ...'春眠不觉晓，日日'])
  expect(text_offset).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7])
  for (const [i, value] of token_logprobs.entries()) {
    if (wanted[i] === null) expect(value).toBeNull()
    else expect(value).toBeCloseTo(wanted[i]!, 4)
  }
  expect(top_logprobs[0]).toBeNull()
  for (const [i, best] of top_logprobs.entries()) {
    if (i === 0) continue
    expect(Object.keys(best)).toHaveLength(2)
    expect(Math.max(...(Object.values(best) as number[]))).toBeCloseTo(Math.max(...table[0]![i - 1]!), 4)
  }
  const bare = await complete({ prompt, max_tokens: 2, logprobs: 0 })
  expect(bare.choices[0].logprobs).toMatchObject({ tokens: ['日', '日'], top_logprobs: null })
  const scored = await complete({ prompt, max_tokens: 0, logprobs: 0, echo: true })
  expect(scored.choices[0]).toMatchObject({ text: prompt, finish_reason: 'length' })
  expect(scored.choices[0].logprobs.tokens).toHaveLength(7)
})

test("the likeliest tokens behind Hugging Face's recorded prompts", async () => {
  interface Recorded {
    readonly input_ids: readonly number[]
    readonly last_logits: readonly number[]
  }
  for (const { input_ids, last_logits } of golden<readonly Recorded[]>('checkpoints/gpt2-logits.json')) {
    const { choices } = await complete({ prompt: input_ids, max_tokens: 1, logprobs: 5 })
    const sum = Math.log(last_logits.reduce((total, x) => total + Math.exp(x), 0))
    const best = last_logits.toSorted((a, b) => b - a).slice(0, 5)
    const [told] = choices[0].logprobs.top_logprobs
    for (const [i, logprob] of (Object.values(told) as number[]).sort((a, b) => b - a).entries()) {
      expect(logprob).toBeCloseTo(best[i]! - sum, 4)
    }
  }
})

test('penalties, logit_bias and the names of Hugging Face change what comes', async () => {
  const text = async (fields: object) => (await complete({ prompt, max_tokens: 3, ...fields })).choices[0].text
  expect(await text({})).toBe('日日正')
  expect(await text({ presence_penalty: 2, frequency_penalty: 2 })).not.toMatch(/日日/)
  expect(await text({ presence_penalty: 2 })).not.toMatch(/日日/)
  expect(await text({ logit_bias: { 2134: -100 } })).not.toMatch(/日/)
  expect(await text({ logit_bias: { 12: 100 } })).toBe('一一一')
  expect(await text({ repetition_penalty: 5 })).not.toMatch(/日日/)
  expect(await text({ no_repeat_ngram_size: 1 })).not.toMatch(/日日/)
  expect(await text({ temperature: 1, top_k: 1 })).toBe('日日正')
  expect(await text({ temperature: 1, min_p: 1 })).toBe('日日正')
  expect(await text({ temperature: 1, top_p: 0 })).toBe('日日正')
  expect(await text({ temperature: 1, top_k: 3, typical_p: 0.2, seed: 1 })).toHaveLength(3)
  const long = await complete({
    prompt: '春眠不觉晓，日日正迟迟。花落人家少，莺啼马上迟。',
    max_tokens: 4,
    min_tokens: 4,
  })
  expect(long.usage.completion_tokens).toBe(4)
})

test('a stream has the same text in pieces, usage when asked for, and [DONE]', async () => {
  const body = { model: poet, prompt: [prompt, '秋夜：'], temperature: 0, max_tokens: 8, stream: true, compact: true }
  type Chunk = { id: string; choices: CompletionChoice[]; usage?: object | null }
  const { type, events } = await eventsOf<Chunk>(server, '/v1/completions', {
    ...{ ...body, logprobs: 1 },
    stream_options: { include_usage: true },
  })
  expect(type).toMatch(/^text\/event-stream/)
  expect(new Set(events.map(({ id }) => id)).size).toBe(1)
  const whole = await complete({ ...body, stream: false })
  for (const { index, text, finish_reason } of whole.choices) {
    const own = events.flatMap(({ choices }) => choices.filter(choice => choice.index === index))
    expect(own.map(choice => choice.text).join('')).toBe(text)
    expect(own.at(-1)!.finish_reason).toBe(finish_reason)
    expect(own.flatMap(({ logprobs }) => logprobs!.tokens).join('')).toBe(text)
  }
  expect(events.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
  expect(events.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
  const plain = await eventsOf<Chunk>(server, '/v1/completions', body)
  expect(plain.events.every(({ usage }) => usage === undefined)).toBe(true)
  const response = await fetch(`${server.url}/v1/completions`, {
    ...{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) },
  })
  expect((await response.text()).endsWith('data: [DONE]\n\n')).toBe(true)
})

test.each([
  [{ prompt: '' }, 200, undefined],
  [{ prompt: undefined }, 400, 'prompt'],
  [{ prompt: [] }, 400, 'prompt'],
  [{ prompt: ['a', 1] }, 400, 'prompt'],
  [{ prompt: new Array(257).fill('a') }, 400, 'prompt'],
  [{ prompt: [99_999] }, 400, null],
  [{ model: 'gpt-4' }, 404, null],
  [{ model: undefined }, 404, null],
  [{ model: critic }, 400, null],
  [{ max_tokens: -1 }, 400, 'max_tokens'],
  [{ max_tokens: 5000 }, 400, 'max_tokens'],
  [{ temperature: 3 }, 400, 'temperature'],
  [{ temperature: '1' }, 400, 'temperature'],
  [{ top_p: 2 }, 400, 'top_p'],
  [{ n: 0 }, 400, 'n'],
  [{ n: 129 }, 400, 'n'],
  [{ best_of: 3 }, 400, 'best_of'],
  [{ best_of: 1, suffix: '', user: 'me' }, 200, undefined],
  [{ suffix: 'x' }, 400, 'suffix'],
  [{ logprobs: 21 }, 400, 'logprobs'],
  [{ logprobs: true }, 400, 'logprobs'],
  [{ stop: '' }, 400, 'stop'],
  [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 400, 'stop'],
  [{ stream_options: {} }, 400, 'stream_options'],
  [{ logit_bias: { a: 1 } }, 400, 'logit_bias'],
  [{ logit_bias: { 1: 101 } }, 400, 'logit_bias'],
  [{ presence_penalty: 3 }, 400, 'presence_penalty'],
  [{ seed: 1.5 }, 400, 'seed'],
  [{ functions: [] }, 400, 'functions'],
  [{ max_token: 3 }, 400, 'max_token'],
] as const)('%j is answered with %i', async (fields, wanted, param) => {
  const { status, body } = await post(server, '/v1/completions', {
    model: poet,
    prompt: '好',
    max_tokens: 1,
    ...fields,
  })
  expect(status, JSON.stringify(body)).toBe(wanted)
  if (param === undefined) return
  const error = { message: expect.any(String), type: 'invalid_request_error', param, code: expect.any(String) }
  expect(body).toEqual({ error })
})

test('embeddings are the pipeline’s, as numbers or as bytes, with usage', async () => {
  const extractor = await pipeline('feature-extraction', shipped(guesser))
  const wanted = await extractor(['酒店', '电脑很好'], { pooling: 'mean', normalize: true })
  const embed = (fields: object) =>
    post(server, '/v1/embeddings', { model: guesser, input: ['酒店', '电脑很好'], ...fields })
  const { body } = await embed({})
  expect(body).toMatchObject({ object: 'list', model: guesser, usage: { prompt_tokens: 10, total_tokens: 10 } })
  expect(body.data.map(({ object, index }: { object: string; index: number }) => [object, index])).toEqual([
    ['embedding', 0],
    ['embedding', 1],
  ])
  for (const [i, vector] of wanted.entries())
    for (const [j, x] of vector.entries()) expect(body.data[i].embedding[j]).toBeCloseTo(x, 5)
  const coded = (await embed({ encoding_format: 'base64', user: 'me' })).body.data[0].embedding
  const bytes = Buffer.from(coded, 'base64')
  expect(bytes.length).toBe(4 * 192)
  expect(bytes.readFloatLE(4)).toBeCloseTo(wanted[0]![1]!, 5)
  const [raw] = (await embed({ input: '酒店', pooling: 'cls', normalize: false })).body.data
  expect(Math.hypot(...raw.embedding)).toBeGreaterThan(2)
  const long = '店'.repeat(3000)
  expect((await embed({ input: long })).body.error.code).toBe('TOO_LONG')
  expect((await embed({ input: long, truncate: true })).status).toBe(200)
})

test.each([
  [{ input: '' }, 'input'],
  [{ input: [] }, 'input'],
  [{ input: [1, 2] }, 'input'],
  [{ input: undefined }, 'input'],
  [{ dimensions: 8 }, 'dimensions'],
  [{ encoding_format: 'hex' }, 'encoding_format'],
  [{ pooling: 'none' }, 'pooling'],
  [{ model: 5 }, 'model'],
] as const)('embeddings: %j is refused', async (fields, param) => {
  const { status, body } = await post(server, '/v1/embeddings', { model: guesser, input: 'a', ...fields })
  expect([status, body.error.param]).toEqual([400, param])
})

test('models are listed and described, chats are not known', async () => {
  const { body } = await get(server, '/v1/models')
  expect(body.object).toBe('list')
  expect(body.data.map(({ id }: { id: string }) => id)).toEqual([poet, critic, guesser])
  expect((await get(server, `/v1/models/${poet}`)).body).toEqual(body.data[0])
  expect((await get(server, '/v1/models/none')).body.error.code).toBe('MODEL')
  const chat = await post(server, '/v1/chat/completions', { messages: [] })
  expect([chat.status, chat.body.error.code]).toEqual([404, 'NO_CHAT'])
})
