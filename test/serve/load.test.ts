// 64 clients, 2,000 requests of all kinds, some of them wrong, some given up at a random moment: each of the others gets its own
// right answer, and nothing is left behind.
import { expect, test } from 'vitest'
import { Generator, remote, VitrineError } from '../../src/index.ts'
import { get, metric, ready, tiny, until } from './serving.ts'

const clients = 64
const requests = 2000

const server = await ready([tiny('gpt2-lm'), tiny('bert-seqcls5'), tiny('bert-mlm')], { queue: 48 })
const inference = { endpoint: server.url }
const openai = { endpoint: `${server.url}/v1` }

interface Request {
  readonly model: string
  readonly inputs: unknown
  readonly options: object
}

const draw = { max_new_tokens: 6, do_sample: true, seed: 4, add_special_tokens: false, pad_token_id: 0 }
const texts = ['今天你好', 'hello world', '我他这为', 'the text 2021']
const kinds: readonly Request[] = texts.flatMap((text): Request[] => [
  { model: 'bert-seqcls5', inputs: text, options: inference },
  { model: 'bert-seqcls5', inputs: [text, text, text], options: { ...inference, parameters: { top_k: 2 } } },
  { model: 'bert-mlm', inputs: `${text}[MASK]`, options: inference },
  { model: 'bert-mlm', inputs: text, options: { ...openai, task: 'feature-extraction' } },
  { model: 'gpt2-lm', inputs: text, options: { ...inference, parameters: draw } },
  { model: 'gpt2-lm', inputs: text, options: { ...inference, parameters: draw, stream: true } },
  { model: 'gpt2-lm', inputs: text, options: { ...openai, parameters: { seed: 4, max_tokens: 6, n: 2 } } },
  { model: 'bert-seqcls5', inputs: 5, options: inference },
])

/** What a request gives as text, or the code of its error; 'busy' is asked again as long as it takes. */
async function outcome({ model, inputs, options }: Request, signal?: AbortSignal): Promise<string> {
  for (;;) {
    try {
      const own = { ...options, retries: 0, ...(signal && { signal }) }
      const answer = remote(model, inputs, own)
      return JSON.stringify(comparable(Symbol.asyncIterator in answer ? await all(answer as never) : await answer))
    } catch (error) {
      if (signal?.aborted) return 'aborted'
      if (!(error instanceof VitrineError)) throw error
      if (error.code !== 'REMOTE_BUSY') return error.code
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}

async function all(events: AsyncGenerator<unknown>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const event of events) found.push(event)
  return found
}

/** Without what differs each time: the id and the time of a completion. */
function comparable(answer: unknown): unknown {
  const { id: _, created: __, ...rest } = Object(answer)
  return Array.isArray(answer) ? answer : rest
}

test('every request gets its own answer, and nothing is left', async () => {
  const wanted = new Map<Request, string>()
  for (const kind of kinds) wanted.set(kind, await outcome(kind))
  const before = { tensors: await metric(server, 'engine_tensors'), bytes: await metric(server, 'engine_memory_bytes') }
  const random = new Generator(7)
  const counts = { right: 0, aborted: 0, wrong: [] as string[] }
  let sent = 0
  const client = async (): Promise<void> => {
    while (sent++ < requests) {
      const kind = kinds[Math.floor(random.double() * kinds.length)]!
      const isLeaving = random.double() < 0.15
      const controller = new AbortController()
      if (isLeaving) setTimeout(() => controller.abort(), random.double() * 150)
      const found = await outcome(kind, isLeaving ? controller.signal : undefined)
      if (found === wanted.get(kind)) counts.right++
      else if (found === 'aborted') counts.aborted++
      else counts.wrong.push(found.slice(0, 200))
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  expect(counts.wrong).toEqual([])
  expect(counts.right + counts.aborted).toBe(requests)
  expect(counts.aborted).toBeGreaterThan(20)
  expect(counts.right).toBeGreaterThan(1500)
  expect(await metric(server, 'queue_refused_total')).toBeGreaterThan(0)
  await until(async () => (await metric(server, 'queue_running')) + (await metric(server, 'queue_waiting')) === 0)
  expect(await metric(server, 'engine_tensors')).toBe(before.tensors)
  expect(await metric(server, 'engine_memory_bytes')).toBe(before.bytes)
  expect(await metric(server, 'engine_restarts_total')).toBe(0)
  expect((await get(server, '/healthz')).status).toBe(200)
}, 120_000)
