// A hub on this machine with the answers of the real one, and every fault that a network or a server can have.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** One request for a file, before it is answered. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  /** The file, and the byte from which on it is asked for. */
  readonly data: Buffer
  readonly from: number
}

/** Answers in place of the hub; false leaves it to the hub. */
export type Fault = (exchange: Exchange) => boolean

interface Repository {
  readonly commit: string
  readonly files: ReadonlyMap<string, Buffer>
}

export class FakeHub {
  /** Every request: method and path, and the headers. */
  readonly requests: { line: string; headers: IncomingMessage['headers'] }[] = []
  /** For files that have it in their name, or all. */
  fault: Fault | undefined
  /** For the list of files. */
  listFault: Fault | undefined
  readonly #repositories = new Map<string, Repository>()
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  static async start(): Promise<FakeHub> {
    const hub = new FakeHub()
    await new Promise<void>(resolve => hub.#server.listen(0, '127.0.0.1', resolve))
    return hub
  }

  async stop(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Forgets requests and faults. */
  reset(): void {
    this.requests.length = 0
    this.fault = undefined
    this.listFault = undefined
  }

  /** The files that were asked for, with the byte they were asked for from, when not from the first. */
  get fetched(): string[] {
    return this.requests.flatMap(({ line, headers }) => {
      const file = /\/resolve\/[^/]+\/(.+)$/.exec(line)?.[1]
      const from = headers.range?.replace(/^bytes=|-$/g, '')
      return file === undefined ? [] : [from === undefined ? file : `${file} ${from}`]
    })
  }

  /** Puts a model there, and gives the commit it is at: unless given, another content is another commit. */
  add(name: string, files: Readonly<Record<string, string | Buffer>>, given?: string): string {
    const entries = Object.entries(files).map(([path, data]): [string, Buffer] => [path, Buffer.from(data)])
    const digest = createHash('sha1')
    for (const [path, data] of entries) digest.update(path).update(data)
    const commit = given ?? digest.digest('hex')
    this.#repositories.set(name, { commit, files: new Map(entries) })
    return commit
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://hub')
    this.requests.push({ line: `${request.method} ${decodeURIComponent(url.pathname)}`, headers: request.headers })
    const [, listed, revision] = /^\/api\/models\/(.+?)\/revision\/(.+)$/.exec(url.pathname) ?? []
    const [, name, , path] = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname) ?? []
    const repository = this.#repositories.get(listed ?? name ?? '')
    const data = repository?.files.get(decodeURIComponent(path ?? ''))
    if (!repository) refuse(response, 401, 'RepoNotFound')
    else if (listed !== undefined) this.#list(request, response, repository, decodeURIComponent(revision!))
    else if (!data) refuse(response, 404, 'EntryNotFound')
    else this.#send(request, response, repository, decodeURIComponent(path!), data)
  }

  #list(request: IncomingMessage, response: ServerResponse, repository: Repository, revision: string): void {
    const { commit, files } = repository
    if (this.listFault?.({ request, response, path: revision, data: Buffer.alloc(0), from: 0 })) return
    if (!['main', 'refs/pr/1', commit].includes(revision)) {
      refuse(response, 404, 'RevisionNotFound')
      return
    }
    const siblings = [...files].map(([rfilename, data]) => {
      const lfs = isLarge(rfilename) ? { sha256: sha256(data), size: data.length, pointerSize: 130 } : undefined
      return { rfilename, size: data.length, blobId: gitSha1(data), ...(lfs && { lfs }) }
    })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ id: 'x', sha: commit, private: false, siblings }))
  }

  #send(request: IncomingMessage, response: ServerResponse, { commit }: Repository, path: string, data: Buffer): void {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const hash = isLarge(path) ? sha256(data) : gitSha1(data)
    response.setHeader('etag', `"${hash}"`)
    response.setHeader('x-repo-commit', commit)
    if (isLarge(path)) response.setHeader('x-linked-etag', `"${hash}"`).setHeader('x-linked-size', data.length)
    if (this.fault?.({ request, response, path, data, from })) return
    if (request.headers.range !== undefined) {
      if (from >= data.length) {
        refuse(response, 416, '')
        return
      }
      response.statusCode = 206
      response.setHeader('content-range', `bytes ${from}-${data.length - 1}/${data.length}`)
    }
    response.setHeader('content-length', data.length - from)
    response.end(request.method === 'HEAD' ? undefined : data.subarray(from))
  }
}

const isLarge = (path: string): boolean => /\.(safetensors|bin)$/.test(path)

export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

export function gitSha1(data: Buffer): string {
  return createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex')
}

function refuse(response: ServerResponse, status: number, code: string): void {
  if (code !== '') response.setHeader('x-error-code', code)
  response.statusCode = status
  response.end('no')
}

/** The files of a folder and of those in it, ready for `add`. */
export function filesOf(folder: string): Record<string, Buffer> {
  const entries = readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, Buffer][] => {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) return [[entry.name, readFileSync(path)]]
    return Object.entries(filesOf(path)).map(([name, data]) => [`${entry.name}/${name}`, data])
  })
  return Object.fromEntries(entries)
}

/** Faults, each for files whose names end with `path`; after `times` of them the hub is well again. */
export function faults(path: string) {
  const limited =
    (times: number, fault: (exchange: Exchange) => void): Fault =>
    exchange => {
      if (!exchange.path.endsWith(path) || times-- <= 0) return false
      fault(exchange)
      return true
    }
  const rest = ({ data, from, response }: Exchange, status = from > 0 ? 206 : 200): Buffer => {
    response.statusCode = status
    if (status === 206) response.setHeader('content-range', `bytes ${from}-${data.length - 1}/${data.length}`)
    return status === 206 ? data.subarray(from) : data
  }
  return {
    /** The connection breaks when half of what is missing has come. */
    cut: (times = 1) =>
      limited(times, exchange => {
        const part = rest(exchange)
        exchange.response.setHeader('content-length', part.length)
        exchange.response.write(part.subarray(0, part.length >> 1), () => exchange.response.destroy())
      }),
    /** The answer ends early, in good order. */
    short: (times = 1) =>
      limited(times, exchange => {
        const part = rest(exchange)
        exchange.response.end(part.subarray(0, part.length >> 1))
      }),
    /** More comes than was announced. */
    long: (times = 1) =>
      limited(times, exchange => void exchange.response.end(Buffer.concat([rest(exchange), Buffer.from('x')]))),
    /** One bit is another. */
    corrupt: (times = 1) =>
      limited(times, exchange => {
        const part = Buffer.from(rest(exchange))
        part[part.length >> 1]! ^= 1
        exchange.response.setHeader('content-length', part.length)
        exchange.response.end(part)
      }),
    /** Half comes, and then nothing. */
    stall: (times = 1) =>
      limited(times, exchange => {
        const part = rest(exchange)
        exchange.response.setHeader('content-length', part.length)
        exchange.response.write(part.subarray(0, part.length >> 1))
      }),
    /** Nothing comes. */
    silent: (times = 1) => limited(times, () => undefined),
    /** Small pieces with pauses, in milliseconds; `sent` is told of each. */
    slow: (pieces: number, pause: number, times = 1, sent: () => void = () => undefined) =>
      limited(times, exchange => {
        const part = rest(exchange)
        exchange.response.setHeader('content-length', part.length)
        const size = Math.ceil(part.length / pieces)
        const send = (at: number): void => {
          sent()
          if (exchange.response.destroyed) return
          if (at >= part.length) exchange.response.end()
          else exchange.response.write(part.subarray(at, at + size), () => setTimeout(send, pause, at + size))
        }
        send(0)
      }),
    /** The whole file, whatever part was asked for. */
    wholeAlways: (times = 1) =>
      limited(times, exchange => {
        const part = rest(exchange, 200)
        exchange.response.setHeader('content-length', part.length)
        exchange.response.end(part)
      }),
    redirect: (to: (exchange: Exchange) => string, times = 1) =>
      limited(times, exchange => {
        exchange.response.statusCode = 302
        exchange.response.setHeader('location', to(exchange))
        exchange.response.end('elsewhere')
      }),
    status: (status: number, headers: Readonly<Record<string, string>> = {}, times = 1) =>
      limited(times, ({ response }) => {
        response.statusCode = status
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
        response.end('no')
      }),
  }
}

/** One fault after the other, each as long as it lasts. */
export function inTurn(...list: readonly Fault[]): Fault {
  return exchange => list.some(fault => fault(exchange))
}
