// A server on loopback that answers as a test tells it to, and remembers what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

export interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export interface FakeServer {
  readonly url: string
  readonly asked: readonly Asked[]
}

/** `answers` come one after the other, the last one again and again. */
export async function fakeServer(
  ...answers: readonly ((response: ServerResponse, asked: Asked) => void)[]
): Promise<FakeServer> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { method, url, headers } = request
    const entry = { method, url, headers, body: text === '' ? undefined : JSON.parse(text) }
    const answer = answers[Math.min(asked.length, answers.length - 1)]!
    asked.push(entry)
    answer(response, entry)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

/** An answer of JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }
}
