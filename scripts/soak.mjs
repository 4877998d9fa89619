#!/usr/bin/env node
// Many clients send mixed requests to a server for some minutes, some give up at random, and every answer is compared with the
// first one of its kind. Prints a line every ten seconds and ends with 1 when an answer differs, when something is left
// running, or when memory grows: node scripts/soak.mjs [minutes] [clients]
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { remote, serve, VitrineError } from '../dist/src/index.js'

const [minutes, clients] = [Number(process.argv[2] ?? 30), Number(process.argv[3] ?? 32)]
const shipped = name => fileURLToPath(new URL(`../checkpoints/${name}`, import.meta.url))
const names = ['gpt2-tang-poetry', 'bert-tiny-sentiment-zh', 'bert-tiny-mlm-zh']
const server = await serve(names.map(shipped), { port: 0 })
await server.ready()

const endpoint = server.url
const poem = { max_new_tokens: 20, do_sample: true, seed: 4, add_special_tokens: false, prefix: '[CLS]' }
const kinds = [
  [names[1], '这家酒店非常好', { endpoint }],
  [names[1], new Array(20).fill('房间又小又脏'), { endpoint, parameters: { batch_size: 4 } }],
  [names[2], '酒店的服[MASK]态度很好。', { endpoint }],
  [names[2], ['酒店', '宾馆'], { endpoint: `${endpoint}/v1`, task: 'feature-extraction' }],
  [names[0], '秋夜：', { endpoint, parameters: poem }],
  [names[0], '秋夜：', { endpoint, parameters: poem, stream: true }],
  [names[0], 5, { endpoint }],
]

/** The answer to a request as text, or the code of its error; it is sent again while the queue is full. */
async function outcome([model, inputs, options], signal) {
  for (;;) {
    try {
      const answer = remote(model, inputs, { ...options, retries: 0, ...(signal && { signal }) })
      return JSON.stringify(Symbol.asyncIterator in answer ? await all(answer) : await answer)
    } catch (error) {
      if (signal?.aborted) return 'aborted'
      if (!(error instanceof VitrineError)) throw error
      if (error.code !== 'REMOTE_BUSY') return error.code
      await sleep(50)
    }
  }
}

async function all(events) {
  const found = []
  for await (const event of events) found.push(event)
  return found
}

const wanted = new Map()
for (const kind of kinds) wanted.set(kind, await outcome(kind))
const counts = { right: 0, aborted: 0, wrong: 0 }
const end = Date.now() + 60_000 * minutes

async function client() {
  while (Date.now() < end) {
    const kind = kinds[Math.floor(Math.random() * kinds.length)]
    const controller = new AbortController()
    const isLeaving = Math.random() < 0.15
    if (isLeaving) setTimeout(() => controller.abort(), Math.random() * 300)
    const found = await outcome(kind, isLeaving ? controller.signal : undefined)
    counts[found === wanted.get(kind) ? 'right' : found === 'aborted' ? 'aborted' : 'wrong']++
  }
}

const metric = async name => {
  const text = await (await fetch(`${endpoint}/metrics`)).text()
  return Number(new RegExp(`^vitrine_${name} (\\S+)$`, 'm').exec(text)[1])
}

const tensors = await metric('engine_tensors')
const samples = []
async function watch() {
  while (Date.now() < end) {
    await sleep(Math.min(10_000, Math.max(end - Date.now(), 1)))
    const start = performance.now()
    const { status } = await fetch(`${endpoint}/healthz`)
    const mebibytes = Math.round(process.memoryUsage.rss() / 2 ** 20)
    samples.push(mebibytes)
    const health = `health ${status} in ${Math.round(performance.now() - start)} ms`
    console.log(`${JSON.stringify(counts)} ${mebibytes} MiB, ${await metric('engine_tensors')} tensors, ${health}`)
  }
}

await Promise.all([watch(), ...Array.from({ length: clients }, client)])
while ((await metric('queue_running')) + (await metric('queue_waiting')) > 0) await sleep(50)
const left = (await metric('engine_tensors')) - tensors
const median = values => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
const third = Math.floor(samples.length / 3)
const growth = third === 0 ? 0 : median(samples.slice(-third)) - median(samples.slice(third, 2 * third))
console.log(`${left} tensors left, ${growth} MiB more in the last third of the time than in the one before`)
await server.close()
process.exitCode = counts.wrong > 0 || left !== 0 || growth > 32 ? 1 : 0
