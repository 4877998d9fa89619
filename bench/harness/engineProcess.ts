// One engine in a process of its own, seen from the bench: requests go in, answers come out, a crash becomes an error.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { EngineOptions, Peer } from '../peers/engine.ts'
import type { Answer, Request } from './protocol.ts'

const host = fileURLToPath(new URL('./engineHost.js', import.meta.url))
/** No single request may take longer. */
const limitMilliseconds = 600_000
/** How much of what an engine printed is kept for its error. */
const keptOutput = 2000

export class EngineProcess implements AsyncDisposable {
  readonly peer: Peer
  readonly options: EngineOptions
  /** What the engine says of itself, once it is open. */
  about = ''
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>
  #printed = ''
  #ended: Promise<never>

  constructor(peer: Peer, options: EngineOptions) {
    this.peer = peer
    this.options = options
    const [program = '', ...args] = peer.command?.() ?? [process.execPath, ...process.execArgv, host, peer.name]
    const { threads, dtype } = options
    const env = { ...process.env, ...peer.environment?.({ threads, dtype }) }
    this.#child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', bytes => (this.#printed = (this.#printed + String(bytes)).slice(-keptOutput)))
    }
    this.#answers = createInterface({ input: this.#child.stdio[3] as Readable })[Symbol.asyncIterator]()
    this.#ended = new Promise((_, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (code, signal) => reject(new Error(this.#withOutput(`ended with ${signal ?? code}`))))
    })
    this.#ended.catch(() => {})
    // A request to a process that has ended fails by #ended, which says more.
    this.#child.stdin?.on('error', () => {})
  }

  /** Loads the model. Throws with the engine's own words. */
  async open(): Promise<Answer<Request & { do: 'open' }>> {
    const opened = await this.ask({ do: 'open', options: this.options })
    this.about = opened.about
    return opened
  }

  /** Sends a request and waits for its answer. Throws when the engine fails, ends or takes ten minutes. */
  async ask<R extends Request>(request: R): Promise<Answer<R>> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${request.do} took over ten minutes`)), limitMilliseconds)
    })
    try {
      const { value, done } = await Promise.race([this.#answers.next(), late, this.#ended])
      if (done) return await this.#ended
      const answer = JSON.parse(value) as Answer<R> & { error?: string }
      if (answer.error !== undefined) throw new Error(this.#withOutput(answer.error))
      return answer
    } finally {
      clearTimeout(timer)
    }
  }

  #withOutput(message: string): string {
    const printed = this.#printed.trim().split('\n').slice(-3).join(' | ')
    return printed ? `${message}: ${printed}` : message
  }

  /** Asks the process to end, and ends it when it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 3000)
    const closed = new Promise(resolve => this.#child.once('close', resolve))
    await this.ask({ do: 'close' }).catch(() => this.#child.kill('SIGKILL'))
    await closed
    clearTimeout(timer)
  }
}
