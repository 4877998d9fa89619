// A server for a test file, and requests to it.
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { type ModelPlace, type RunningServer, type ServeOptions, serve } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

export const shipped = (name: string): string => fileURLToPath(new URL(`../../checkpoints/${name}`, import.meta.url))
export const poet = 'gpt2-tang-poetry'
export const critic = 'bert-tiny-sentiment-zh'
export const guesser = 'bert-tiny-mlm-zh'

/** A model of test/golden/weights, under its own name. */
export const tiny = (name: string): ModelPlace => ({ name, folder: goldenPath(`weights/${name}`) })

/** Starts a server on a free port; it is closed when the file is done. */
export async function started(
  models: readonly (string | ModelPlace)[],
  options: ServeOptions = {},
): Promise<RunningServer> {
  const server = await serve(models, { port: 0, ...options })
  afterAll(() => server.close({ seconds: 0 }))
  return server
}

/** The same once its models are loaded. */
export async function ready(
  models: readonly (string | ModelPlace)[],
  options: ServeOptions = {},
): Promise<RunningServer> {
  const server = await started(models, options)
  await server.ready()
  return server
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared with what is expected, field by field
  readonly body: any
}

/** POSTs JSON and reads JSON. */
export async function post(
  { url }: RunningServer,
  path: string,
  body: unknown,
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

export async function get({ url }: RunningServer, path: string): Promise<Answer> {
  const response = await fetch(url + path)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/** A number of /metrics. */
export async function metric(server: RunningServer, name: string): Promise<number> {
  const { body } = await get(server, '/metrics')
  const found = new RegExp(`^vitrine_${name} (\\S+)$`, 'm').exec(body)
  if (!found) throw new Error(`there is no metric ${name} in\n${body}`)
  return Number(found[1])
}

/** Waits until something holds; fails after some seconds. */
export async function until(holds: () => boolean | Promise<boolean>, seconds = 10): Promise<void> {
  const end = Date.now() + 1000 * seconds
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`after ${seconds} s it does not hold: ${holds}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
