// The server: models behind HTTP on this machine. One thread answers, another one computes.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { checkToken } from './bearer.ts'
import type { ServeContext } from './context.ts'
import { Engine } from './engine/engine.ts'
import type { LoadedFacts, ModelPlace } from './engine/messages.ts'
import { errorBody } from './errorBody.ts'
import { Exchange } from './exchange.ts'
import { checkHost } from './hosts.ts'
import { Metrics } from './metrics.ts'
import { modelPlaces } from './modelPlaces.ts'
import { checkedOptions, type ServeOptions, type ServeSettings } from './options.ts'
import { JobQueue } from './queue.ts'
import { routed } from './router.ts'
import { serveErrorOf } from './serveError.ts'

/**
 * Serves model folders over HTTP: Hugging Face's inference API at /models/NAME, OpenAI's at /v1/completions and /v1/embeddings
 * (docs/serve.md). Resolves when it listens; models are loaded then. Throws ConfigError for options and names that cannot be,
 * and what listening throws.
 */
export async function serve(
  models: readonly (string | ModelPlace)[],
  options: ServeOptions = {},
): Promise<RunningServer> {
  const settings = checkedOptions(options)
  const places = modelPlaces(models)
  const running = new RunningServer(settings, places)
  try {
    await running.listen()
  } catch (error) {
    await running.close({ seconds: 0 })
    throw error
  }
  return running
}

export class RunningServer {
  readonly #settings: ServeSettings
  readonly #context: ServeContext
  readonly #server: Server
  #port = 0
  #closing: Promise<void> | undefined
  #fail: (error: Error) => void = () => {}
  /** Rejects when the computing thread dies again and again. */
  readonly failure: Promise<never>

  constructor(settings: ServeSettings, models: readonly ModelPlace[]) {
    this.#settings = settings
    this.failure = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failure.catch(() => {})
    const metrics = new Metrics()
    const { backend, parallel, queue } = settings
    const engine = new Engine({
      models,
      backend,
      onRestart: () => metrics.restarted(),
      onDeath: error => this.#fail(error),
    })
    this.#context = {
      engine,
      metrics,
      queue: new JobQueue({ parallel, capacity: queue }),
      created: Math.floor(Date.now() / 1000),
      isDraining: false,
    }
    // A request has a minute to arrive; an idle connection is closed sooner than proxies reuse it.
    this.#server = createServer({ requestTimeout: 60_000, headersTimeout: 20_000, keepAliveTimeout: 65_000 })
    this.#server.maxConnections = 1024
    this.#server.on('request', (request, response) => void this.#answer(request, response))
  }

  /** @internal */
  listen(): Promise<void> {
    const { port, host } = this.#settings
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        this.#port = (this.#server.address() as AddressInfo).port
        resolve()
      })
    })
  }

  get port(): number {
    return this.#port
  }

  /** Where it listens: http://127.0.0.1:8080 */
  get url(): string {
    const { host } = this.#settings
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`
  }

  /** Waits until all models are loaded. Throws what loading throws. */
  ready(): Promise<readonly LoadedFacts[]> {
    return this.#context.engine.ready()
  }

  /** Refuses new requests, finishes those that are there within `seconds` (10 unless given), and ends. */
  close({ seconds = 10 }: { seconds?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(seconds)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ seconds: 0 })
  }

  async #close(seconds: number): Promise<void> {
    this.#context.isDraining = true
    const stopped = new Promise<void>(resolve => this.#server.close(() => resolve()))
    const drained = this.#context.queue.drain()
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>(resolve => {
      timer = setTimeout(resolve, 1000 * seconds)
    })
    await Promise.race([drained, limit])
    clearTimeout(timer)
    this.#server.closeIdleConnections()
    await this.#context.engine.close()
    // Answers that are on their way get a moment; whoever does not read them does not hold the end up.
    const late = setTimeout(() => this.#server.closeAllConnections(), 500)
    await stopped
    clearTimeout(late)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now()
    const { bodyLimit, allowedHosts, host, token, onRequest, onFault } = this.#settings
    const exchange = new Exchange(request, response, bodyLimit)
    const { method = '', url = '' } = request
    let name = 'other'
    if (this.#context.isDraining) response.setHeader('Connection', 'close')
    try {
      checkHost(request.headers.host, [host, ...allowedHosts])
      const { route, names } = routed(method, url)
      name = route.name
      if (!route.isOpen) checkToken(request.headers.authorization, token)
      await route.handle(this.#context, exchange, names)
    } catch (error) {
      const told = serveErrorOf(error)
      if (told.status === 500 && !exchange.signal.aborted) onFault?.(error)
      if (!exchange.streams) exchange.json(told.status, errorBody(told, url), told.headers)
      else {
        exchange.event(errorBody(told, url))
        exchange.endEvents()
      }
    }
    const seconds = (performance.now() - start) / 1000
    const status = exchange.signal.aborted ? 0 : exchange.status
    this.#context.metrics.answered(name, status, seconds)
    onRequest?.({ method, url, status, seconds })
  }
}
