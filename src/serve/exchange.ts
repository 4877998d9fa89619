// One request and its answer: JSON, text or server-sent events, and a signal that says when the client has gone.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { jsonBody } from './requestBody.ts'

export class Exchange {
  readonly request: IncomingMessage
  readonly #response: ServerResponse
  readonly #gone = new AbortController()
  readonly #bodyLimit: number
  #streams = false

  constructor(request: IncomingMessage, response: ServerResponse, bodyLimit: number) {
    this.request = request
    this.#response = response
    this.#bodyLimit = bodyLimit
    response.on('close', () => {
      if (!response.writableFinished) this.#gone.abort(new DOMException('The client has gone', 'AbortError'))
    })
  }

  /** Aborted when the client goes away before it has its answer. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  get status(): number {
    return this.#response.statusCode
  }

  /** Whether events have been sent. */
  get streams(): boolean {
    return this.#streams
  }

  /** The parsed body. Throws ServeError 400, 413 or 415. */
  body(): Promise<unknown> {
    return jsonBody(this.request, this.#bodyLimit)
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value[0] : value
  }

  json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.#end(status, JSON.stringify(body), { 'Content-Type': 'application/json; charset=utf-8', ...headers })
  }

  text(status: number, body: string, type = 'text/plain; charset=utf-8'): void {
    this.#end(status, body, { 'Content-Type': type })
  }

  /** Sends one event; the first one begins the answer. */
  event(data: unknown): void {
    if (!this.#streams) {
      this.#streams = true
      this.#response.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-cache',
        // Proxies are not to hold events back.
        'X-Accel-Buffering': 'no',
        ...safety,
      })
    }
    this.#response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`)
  }

  /** Ends a stream of events. */
  endEvents(): void {
    this.#response.end()
  }

  #end(status: number, body: string, headers: Readonly<Record<string, string>>): void {
    if (this.#response.headersSent) return
    this.#response.writeHead(status, { ...headers, ...safety, 'Content-Length': Buffer.byteLength(body) })
    this.#response.end(body)
  }
}

/** Answers are data, whatever a browser makes of them. */
const safety = { 'X-Content-Type-Options': 'nosniff' }
