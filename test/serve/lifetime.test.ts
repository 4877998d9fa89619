// A server over time: loading, cancelled requests, a computing thread that dies, the end.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { BertForSequenceClassification, serve, writeSafetensors } from '../../src/index.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { critic, get, metric, poet, post, ready, shipped, started, tiny, until } from './serving.ts'

/** The threads that were started, for tests to end them. */
const threads = vi.hoisted((): Worker[] => [])
vi.mock('node:worker_threads', async importOriginal => {
  const original = await importOriginal<typeof import('node:worker_threads')>()
  class Watched extends original.Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args)
      threads.push(this)
    }
  }
  return { ...original, Worker: Watched }
})

const classify = `/models/${critic}`
const poem = { do_sample: true, max_new_tokens: 70, prefix: '[CLS]', add_special_tokens: false, eos_token_id: null }

test('while a model loads, a request gets 503 with estimated_time, or waits when it says so', async () => {
  const server = await started([shipped(critic)])
  const early = await post(server, classify, { inputs: '很好' })
  expect(early.status).toBe(503)
  expect(early.body).toMatchObject({
    error: `Model ${critic} is currently loading`,
    code: 'LOADING',
    estimated_time: expect.any(Number),
  })
  expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0)
  const health = await get(server, '/healthz')
  expect([health.status, health.body.status, (await get(server, '/livez')).status]).toEqual([503, 'loading', 200])
  const asked = await post(server, classify, { inputs: '很好', options: { wait_for_model: true, use_cache: false } })
  expect(asked.status).toBe(200)
  expect((await get(server, '/healthz')).body).toEqual({ status: 'ok', models: { [critic]: 'loaded' } })
})

test('the header x-wait-for-model says it too, and OpenAI’s routes always wait', async () => {
  const server = await started([shipped(critic), shipped(poet)])
  const [inference, completion] = await Promise.all([
    post(server, classify, { inputs: '很好' }, { headers: { 'x-wait-for-model': 'true' } }),
    post(server, '/v1/completions', { model: poet, prompt: '山', max_tokens: 2 }),
  ])
  expect([inference.status, completion.status]).toEqual([200, 200])
})

test('a client that goes away while a model loads is let go', async () => {
  const server = await started([shipped(critic)])
  const gone = new AbortController()
  const waiting = post(server, classify, { inputs: '好', options: { wait_for_model: true } }, { signal: gone.signal })
  setTimeout(() => gone.abort(), 20)
  await expect(waiting).rejects.toThrow(/abort/i)
  await server.ready()
  await until(async () => (await metric(server, 'cancelled_total')) === 1)
})

test('a cancelled generation stops computing, and the others go on', async () => {
  const server = await ready([shipped(poet)], { parallel: 2 })
  const gone = new AbortController()
  const parameters = { ...poem, num_return_sequences: 64 }
  const long = post(server, `/models/${poet}`, { inputs: '山', parameters }, { signal: gone.signal })
  await until(async () => (await metric(server, 'queue_running')) === 1)
  const other = post(server, `/models/${poet}`, { inputs: '春', parameters: { ...poem, max_new_tokens: 5 } })
  const start = performance.now()
  gone.abort()
  await expect(long).rejects.toThrow(/abort/i)
  expect((await other).status).toBe(200)
  await until(async () => (await metric(server, 'queue_running')) === 0)
  expect(performance.now() - start).toBeLessThan(1500)
  expect(await metric(server, 'cancelled_total')).toBe(1)
  expect(await metric(server, 'generated_tokens_total')).toBe(5)
})

test('a stream that nobody reads any more stops, and so does a waiting request', async () => {
  const server = await ready([shipped(poet)], { parallel: 1 })
  const gone = new AbortController()
  const response = await fetch(`${server.url}/models/${poet}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ inputs: '山', parameters: poem, stream: true }),
    signal: gone.signal,
  })
  const waiting = post(server, `/models/${poet}`, { inputs: '春', parameters: poem }, { signal: gone.signal })
  await response.body!.getReader().read()
  gone.abort()
  await expect(waiting).rejects.toThrow(/abort/i)
  await until(async () => (await metric(server, 'queue_running')) + (await metric(server, 'queue_waiting')) === 0)
  expect(await metric(server, 'generated_tokens_total')).toBe(0)
})

test('a long pass of the model ends between its layers, and health is answered meanwhile', async () => {
  const folder = temporaryFolder()
  await writeWideModel(folder)
  const server = await ready([{ name: 'wide', folder }])
  const gone = new AbortController()
  const body = { inputs: new Array(64).fill('好 '.repeat(250)), parameters: { batch_size: 64 } }
  const start = performance.now()
  const long = post(server, '/models/wide', body, { signal: gone.signal })
  await until(async () => (await metric(server, 'queue_running')) === 1)
  const delays: number[] = []
  for (let i = 0; i < 20; i++) {
    const asked = performance.now()
    expect((await get(server, '/healthz')).status).toBe(200)
    delays.push(performance.now() - asked)
  }
  gone.abort()
  await expect(long).rejects.toThrow(/abort/i)
  await until(async () => (await metric(server, 'queue_running')) === 0, 5)
  const stopped = performance.now() - start
  const whole = performance.now()
  expect((await post(server, '/models/wide', body)).status).toBe(200)
  const alone = performance.now() - whole
  expect(stopped).toBeLessThan(alone / 2)
  // On one thread the first answer would have come after the pass.
  expect(Math.max(...delays)).toBeLessThan(alone / 4)
})

/** A classifier whose one pass over 64 long texts takes a while. */
async function writeWideModel(folder: string): Promise<void> {
  cpSync(shipped(critic), folder, { recursive: true })
  const sizes = { hidden_size: 64, num_attention_heads: 1, num_hidden_layers: 24, intermediate_size: 64 }
  const config = { ...JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')), ...sizes }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  using model = BertForSequenceClassification.from_config(config, { seed: 1 })
  await writeSafetensors(join(folder, 'model.safetensors'), model.state_dict())
}

test('when the computing thread dies its requests fail, another one is started, and all goes on', async () => {
  const server = await ready([shipped(poet), shipped(critic)])
  const long = post(server, `/models/${poet}`, { inputs: '山', parameters: { ...poem, num_return_sequences: 64 } })
  await until(async () => (await metric(server, 'queue_running')) === 1)
  void threads.at(-1)!.terminate()
  const { status, body } = await long
  expect([status, body.code]).toEqual([500, 'ENGINE_CRASHED'])
  expect((await get(server, '/healthz')).status).toBe(503)
  const again = await post(server, classify, { inputs: '很好', options: { wait_for_model: true } })
  expect(again.status).toBe(200)
  expect(await metric(server, 'engine_restarts_total')).toBe(1)
})

test('a thread that dies again and again is given up, and the server says so', async () => {
  const server = await ready([tiny('bert-seqcls')])
  const count = threads.length
  for (let i = 0; i < 4; i++) {
    await until(() => threads.length === count + i)
    void threads.at(-1)!.terminate()
    await until(() => threads.length > count + i || i === 3)
  }
  await expect(server.failure).rejects.toMatchObject({ code: 'ENGINE_CRASHED' })
  const { status } = await post(server, '/models/bert-seqcls', { inputs: 'a', options: { wait_for_model: true } })
  expect(status).toBe(500)
})

test('at its end a server finishes what is there and refuses what comes', async () => {
  const server = await ready([shipped(poet)], { parallel: 1 })
  const ask = () => post(server, `/models/${poet}`, { inputs: '山', parameters: poem })
  const running = [ask(), ask()]
  await until(async () => (await metric(server, 'queue_waiting')) === 1)
  const closed = server.close()
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200])
  await closed
  await server.close()
  await expect(ask()).rejects.toThrow(/fetch failed/)
})

test('what is not finished in time is ended with 503', async () => {
  const server = await ready([shipped(poet)])
  const parameters = { ...poem, num_return_sequences: 100 }
  const long = post(server, `/models/${poet}`, { inputs: '山', parameters })
  await until(async () => (await metric(server, 'queue_running')) === 1)
  await server.close({ seconds: 0 })
  const { status, body } = await long
  expect([status, body.code]).toEqual([503, 'ENGINE_CLOSED'])
})

test('a server can be disposed of, tells of each request, and counts them', async () => {
  const entries: object[] = []
  {
    await using server = await serve([shipped(critic)], { port: 0, onRequest: entry => entries.push(entry) })
    await server.ready()
    await post(server, classify, { inputs: '很好' })
    await post(server, '/models/none', { inputs: '很好' })
    const { body, headers } = await get(server, '/metrics')
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body).toContain('vitrine_requests_total{route="models",status="200"} 1\n')
    expect(body).toContain('vitrine_requests_total{route="models",status="404"} 1\n')
    expect(body).toContain('vitrine_request_duration_seconds_bucket{route="models",le="+Inf"} 2\n')
    expect(body).toMatch(/^# TYPE vitrine_request_duration_seconds histogram$/m)
    // Every line is a comment or a sample.
    for (const line of body.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/)
    expect(await metric(server, 'engine_tensors')).toBeGreaterThan(10)
    expect(await metric(server, 'models_loaded')).toBe(1)
  }
  expect(entries.slice(0, 2)).toEqual([
    { method: 'POST', url: classify, status: 200, seconds: expect.any(Number) },
    { method: 'POST', url: '/models/none', status: 404, seconds: expect.any(Number) },
  ])
})
