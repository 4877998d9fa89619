// remote(): our own server, and others that are slow, broken, elsewhere or hostile.
import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { pipeline, remote, type TextGenerationStreamOutput } from '../../src/index.ts'
import { jsonEvents } from '../../src/remote/events.ts'
import { fakeServer, json } from './fakeServer.ts'
import { critic, metric, poet, ready, shipped, started, until } from './serving.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const server = await ready([shipped(critic), shipped(poet)], { token: 'sesame' })
const here = { endpoint: server.url, token: 'sesame' }
const poem = { do_sample: false, max_new_tokens: 64, prefix: '[CLS]', add_special_tokens: false, compact: true }

test('the answer is the pipeline’s', async () => {
  const classifier = await pipeline('text-classification', shipped(critic))
  const wanted = await classifier(['很好', '很差'], { top_k: null })
  expect(await remote(critic, ['很好', '很差'], here)).toEqual(wanted)
  const [one] = await remote<[{ label: string }[]]>(critic, '很好', { ...here, parameters: { top_k: 1 } })
  expect(one.map(({ label }) => label)).toEqual(['POSITIVE'])
  const vectors = await remote<number[][][]>(critic, '很好', { ...here, task: 'feature-extraction' })
  expect([vectors.length, vectors[0]!.length]).toEqual([1, 4])
})

test('a stream gives events, and leaving it stops the work', async () => {
  const options = { ...here, parameters: poem, stream: true } as const
  const texts: string[] = []
  for await (const { token } of remote<TextGenerationStreamOutput>(poet, '春眠不觉晓，', options)) {
    if (!token.special) texts.push(token.text)
  }
  expect(texts.join('')).toBe('日日正迟迟。花落人家少，莺啼马上迟。')
  const open = await ready([shipped(poet)])
  const long = { ...poem, do_sample: true, eos_token_id: null }
  const elsewhere = { endpoint: open.url, parameters: long, stream: true } as const
  for await (const _ of remote(poet, '春', elsewhere)) break
  await until(async () => (await metric(open, 'queue_running')) === 0)
  expect(await metric(open, 'cancelled_total')).toBe(1)
})

test('OpenAI’s form, where the endpoint ends in /v1', async () => {
  const there = { ...here, endpoint: `${server.url}/v1` }
  const parameters = { temperature: 0, max_tokens: 3, compact: true }
  type Completion = { choices: { text: string }[] }
  const { choices } = await remote<Completion>(poet, '春眠不觉晓，', { ...there, parameters })
  expect(choices[0]!.text).toBe('日日正')
  let text = ''
  for await (const chunk of remote<Completion>(poet, '春眠不觉晓，', { ...there, parameters, stream: true })) {
    text += chunk.choices[0]!.text
  }
  expect(text).toBe('日日正')
  const { data } = await remote<{ data: object[] }>(critic, ['好', '差'], { ...there, task: 'feature-extraction' })
  expect(data).toHaveLength(2)
})

test('a model that is still loading is waited for', async () => {
  const fresh = await started([shipped(critic)])
  expect(await remote(critic, '很好', { endpoint: fresh.url })).toHaveLength(1)
})

test('a busy server is asked again, when it says so, and asked to hold the call', async () => {
  const loading = json(503, { error: 'Model m is currently loading', estimated_time: 0.01 })
  const busy = json(429, { error: 'Rate limit' }, { 'Retry-After': '0' })
  const fake = await fakeServer(loading, busy, json(200, ['done']))
  expect(await remote('org/m', 'x', { endpoint: `${fake.url}/hf/`, parameters: { top_k: 2 } })).toEqual(['done'])
  expect(fake.asked.map(({ method, url }) => `${method} ${url}`)).toEqual(new Array(3).fill('POST /hf/models/org/m'))
  expect(fake.asked.map(({ body }) => body)).toEqual([
    { inputs: 'x', parameters: { top_k: 2 } },
    { inputs: 'x', parameters: { top_k: 2 }, options: { wait_for_model: true } },
    { inputs: 'x', parameters: { top_k: 2 }, options: { wait_for_model: true } },
  ])
})

test('patience ends with retries or with max_wait', async () => {
  const fake = await fakeServer(json(503, { error: 'loading', estimated_time: 0.01 }))
  const wanted = { code: 'REMOTE_BUSY', fields: { status: 503, estimated_time: 0.01 } }
  await expect(remote('m', 'x', { endpoint: fake.url, retries: 2 })).rejects.toMatchObject(wanted)
  expect(fake.asked).toHaveLength(3)
  const slow = await fakeServer(json(503, { error: 'busy' }, { 'Retry-After': '25' }))
  await expect(remote('m', 'x', { endpoint: slow.url, max_wait: 20 })).rejects.toMatchObject({ code: 'REMOTE_BUSY' })
  expect(slow.asked).toHaveLength(1)
  const dated = await fakeServer(json(503, {}, { 'Retry-After': new Date(Date.now() + 3600_000).toUTCString() }))
  await expect(remote('m', 'x', { endpoint: dated.url, max_wait: 20 })).rejects.toMatchObject({ code: 'REMOTE_BUSY' })
})

test.each([
  [400, { error: 'bad', code: 'TEXT_TYPE' }, 'REMOTE_REFUSED', 'bad'],
  [422, { error: ['one', 'two'] }, 'REMOTE_REFUSED', 'one; two'],
  [401, { error: { message: 'no', code: 'TOKEN' } }, 'REMOTE_TOKEN', 'no'],
  [403, { error: 'gated' }, 'REMOTE_FORBIDDEN', 'gated'],
  [404, { error: 'none' }, 'REMOTE_MISSING', 'none'],
  [413, {}, 'REMOTE_TOO_LARGE', '{}'],
  [500, { error: 'broken' }, 'REMOTE_FAILED', 'broken'],
] as const)('%i is an error of its kind, at once', async (status, body, code, text) => {
  const fake = await fakeServer(json(status, body))
  const failure = remote('m', 'x', { endpoint: fake.url })
  await expect(failure).rejects.toMatchObject({ name: 'RemoteError', code, fields: { status } })
  await expect(failure).rejects.toThrow(text)
  expect(fake.asked).toHaveLength(1)
})

test('the codes of our server are among the fields', async () => {
  const failure = remote(critic, 5, here)
  await expect(failure).rejects.toMatchObject({ code: 'REMOTE_REFUSED', fields: { remote_code: 'TEXT_TYPE' } })
  const wrong = remote(critic, 'x', { ...here, token: 'wrong' })
  await expect(wrong).rejects.toMatchObject({ code: 'REMOTE_TOKEN', fields: { remote_code: 'TOKEN' } })
})

test('a server that is not there, or breaks off, or takes too long', async () => {
  const nowhere = { endpoint: 'http://127.0.0.1:1', retries: 9 }
  await expect(remote('m', 'x', nowhere)).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE' })
  const cut = await fakeServer(response => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 })
    response.write('{')
    setTimeout(() => response.destroy(), 20)
  })
  await expect(remote('m', 'x', { endpoint: cut.url })).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE' })
  const silent = await fakeServer(() => {})
  const late = remote('m', 'x', { endpoint: silent.url, timeout: 0.05 })
  await expect(late).rejects.toMatchObject({ code: 'REMOTE_TIMEOUT' })
})

test('what is no JSON, and a stream that is none', async () => {
  const page = await fakeServer((response: ServerResponse) => response.end('<html>Log in</html>'))
  await expect(remote('m', 'x', { endpoint: page.url })).rejects.toMatchObject({ code: 'REMOTE_ANSWER' })
  const streaming = remote('m', 'x', { endpoint: page.url, stream: true })
  await expect(streaming.next()).rejects.toMatchObject({ code: 'REMOTE_ANSWER' })
})

const streams = (text: string) => (response: ServerResponse) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  response.end(text)
}

test('an error among the events is thrown, and so is an event that is no JSON', async () => {
  const failing = await fakeServer(
    streams('data: {"n":1}\n\ndata: {"error":"out of memory","error_type":"generation"}\n\n'),
  )
  const events = remote('m', 'x', { endpoint: failing.url, stream: true })
  expect((await events.next()).value).toEqual({ n: 1 })
  await expect(events.next()).rejects.toThrow('out of memory')
  const broken = await fakeServer(streams('data: {"n":\n\n'))
  const none = remote('m', 'x', { endpoint: broken.url, stream: true })
  await expect(none.next()).rejects.toMatchObject({ code: 'REMOTE_ANSWER' })
})

test('a signal ends the call, the waiting and the stream with its reason', async () => {
  const silent = await fakeServer(() => {})
  const busy = await fakeServer(json(503, { error: 'busy' }, { 'Retry-After': '20' }))
  const never = await fakeServer((response: ServerResponse) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('data: 1\n\n')
  })
  for (const { url } of [silent, busy]) {
    const gone = new AbortController()
    setTimeout(() => gone.abort(new Error('enough')), 30)
    await expect(remote('m', 'x', { endpoint: url, signal: gone.signal })).rejects.toThrow('enough')
  }
  const gone = new AbortController()
  const events = remote('m', 'x', { endpoint: never.url, signal: gone.signal, stream: true })
  expect((await events.next()).value).toBe(1)
  gone.abort(new Error('enough'))
  await expect(events.next()).rejects.toThrow('enough')
})

test('a redirect is not followed, so the token goes nowhere else', async () => {
  const other = await fakeServer(json(200, 'stolen'))
  const away = await fakeServer((response: ServerResponse) => {
    response.writeHead(307, { Location: `${other.url}/models/m` })
    response.end()
  })
  const failure = remote('m', 'x', { endpoint: away.url, token: 'secret' })
  await expect(failure).rejects.toMatchObject({ code: 'REMOTE_REDIRECT', fields: { status: 307 } })
  expect(other.asked).toHaveLength(0)
  expect(away.asked[0]!.headers.authorization).toBe('Bearer secret')
})

test('the environment’s token goes to Hugging Face alone', async () => {
  vi.stubEnv('HF_TOKEN', 'hf_secret')
  const calls: [string, string | undefined][] = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    calls.push([String(url), new Headers(init?.headers).get('authorization') ?? undefined])
    return Response.json([])
  }
  await remote('org/m', 'x', { fetch })
  await remote('org/m', 'x', { fetch, task: 'feature-extraction' })
  await remote('org/m', 'x', { fetch, token: 'own' })
  await remote('m', 'x', { fetch, endpoint: 'https://huggingface.co.evil.example' })
  await remote('m', 'x', { fetch, endpoint: 'http://router.huggingface.co' })
  vi.stubEnv('HF_INFERENCE_ENDPOINT', 'https://mirror.example/api')
  await remote('m', 'x', { fetch })
  expect(calls).toEqual([
    ['https://router.huggingface.co/hf-inference/models/org/m', 'Bearer hf_secret'],
    ['https://router.huggingface.co/hf-inference/models/org/m/pipeline/feature-extraction', 'Bearer hf_secret'],
    ['https://router.huggingface.co/hf-inference/models/org/m', 'Bearer own'],
    ['https://huggingface.co.evil.example/models/m', undefined],
    ['http://router.huggingface.co/models/m', undefined],
    ['https://mirror.example/api/models/m', undefined],
  ])
})

test('a token that goes over http to another machine is warned of', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const fetch: typeof globalThis.fetch = async () => Response.json([])
  await remote('m', 'x', { fetch, endpoint: 'http://127.0.0.1:8080', token: 'a' })
  await remote('m', 'x', { fetch, endpoint: 'https://models.example', token: 'a' })
  expect(warn).not.toHaveBeenCalled()
  await remote('m', 'x', { fetch, endpoint: 'http://models.example', token: 'a' })
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('models.example'), expect.anything())
})

test.each([
  ['m', { endpont: 'x' }, 'UNKNOWN_OPTION'],
  ['m', { endpoint: 'localhost' }, 'ENDPOINT'],
  ['m', { endpoint: 'file:///etc' }, 'ENDPOINT'],
  ['m', { endpoint: 'http://user:word@localhost' }, 'ENDPOINT'],
  ['m', { token: 'a\nb' }, 'OPTION_VALUE'],
  ['m', { parameters: 'top_k=1' }, 'OPTION_VALUE'],
  ['m', { signal: {} }, 'OPTION_VALUE'],
  ['m', { retries: -1 }, 'OPTION_VALUE'],
  ['m', { max_wait: '1' }, 'OPTION_VALUE'],
  ['m', { timeout: Number.NaN }, 'OPTION_VALUE'],
  ['../m', { endpoint: 'http://localhost:1' }, 'MODEL_NAME'],
  ['', { endpoint: 'http://localhost:1' }, 'MODEL_NAME'],
])('remote(%j, …, %j) is refused', async (model, options, code) => {
  await expect(remote(model, 'x', options as object)).rejects.toMatchObject({ code })
})

const bodyOf = (bytes: Uint8Array, cuts: readonly number[]): ReadableStream<Uint8Array> => {
  const places = [0, ...cuts.map(cut => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
  return ReadableStream.from(
    places.slice(1).map((end, i) => bytes.subarray(places[i]!, end)),
  ) as ReadableStream<Uint8Array>
}

test('events are the same wherever the network cuts them and however lines end', async () => {
  const values = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(values, fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(300)), async (list, end, cuts) => {
      const lines = list.flatMap(value => [': comment', 'event: token', `data: ${JSON.stringify(value)}`, ''])
      const bytes = new TextEncoder().encode(lines.map(line => line + end).join(''))
      const found: unknown[] = []
      for await (const event of jsonEvents(bodyOf(bytes, cuts))) found.push(event)
      expect(found).toEqual(JSON.parse(JSON.stringify(list)))
    }),
    { numRuns: 100, seed: 20261125 },
  )
})

test('data of several lines is one event, and half an event at the end is none', async () => {
  const text = 'data: [1,\ndata:2]\n\ndata: 3\n'
  const found: unknown[] = []
  for await (const event of jsonEvents(bodyOf(new TextEncoder().encode(text), []))) found.push(event)
  expect(found).toEqual([[1, 2]])
})
