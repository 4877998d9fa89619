// The one queue of a server: so many jobs at once, so many waiting, the others are refused and told when to come again.
import { ServeError } from './serveError.ts'

export interface QueueOptions {
  /** Jobs that are worked on at once and take turns. */
  readonly parallel: number
  /** Jobs that may wait. */
  readonly capacity: number
}

interface Waiting {
  readonly start: () => void
}

export class JobQueue {
  readonly #options: QueueOptions
  readonly #waiting = new Set<Waiting>()
  #running = 0
  #refused = 0
  #isClosed = false
  /** Seconds that a job took, the last ones counting most. */
  #seconds = 0.5
  #whenIdle: (() => void)[] = []

  constructor(options: QueueOptions) {
    this.#options = options
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Jobs that were refused because too many were waiting. */
  get refused(): number {
    return this.#refused
  }

  /** Whole seconds after which there may be room again. */
  get retryAfter(): number {
    const ahead = this.#running + this.#waiting.size
    return Math.min(60, Math.max(1, Math.ceil((this.#seconds * ahead) / this.#options.parallel)))
  }

  /**
   * Runs a job when its turn has come. Throws ServeError 503 QUEUE_FULL or SHUTTING_DOWN, and the reason of `signal`: a job that
   * waits then leaves the queue, one that runs has to see to it itself.
   */
  async run<T>(job: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    this.#admit()
    if (this.#running >= this.#options.parallel) await this.#turn(signal)
    else this.#running++
    const start = performance.now()
    try {
      return await job()
    } finally {
      this.#seconds = 0.8 * this.#seconds + 0.2 * ((performance.now() - start) / 1000)
      this.#running--
      this.#next()
    }
  }

  /** Refuses new jobs from now on, and waits for those that are there. */
  async drain(): Promise<void> {
    this.#isClosed = true
    if (this.#running + this.#waiting.size > 0) await new Promise<void>(resolve => this.#whenIdle.push(resolve))
  }

  #admit(): void {
    const headers = { 'Retry-After': String(this.retryAfter) }
    if (this.#isClosed) {
      throw new ServeError(503, 'SHUTTING_DOWN', 'the server is shutting down', { headers })
    }
    const isFull = this.#running >= this.#options.parallel && this.#waiting.size >= this.#options.capacity
    if (!isFull) return
    this.#refused++
    const message = `the queue is full: ${this.#waiting.size} requests are waiting`
    const hint = `try again in ${this.retryAfter} s`
    throw new ServeError(503, 'QUEUE_FULL', message, { headers, hint })
  }

  /** Waits until a place is free, and takes it. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting)
        this.#tellIdle()
        reject(signal.reason)
      }
      const waiting: Waiting = {
        start: () => {
          signal.removeEventListener('abort', leave)
          this.#running++
          resolve()
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.add(waiting)
    })
  }

  #next(): void {
    const [first] = this.#waiting
    if (first) {
      this.#waiting.delete(first)
      first.start()
    } else this.#tellIdle()
  }

  #tellIdle(): void {
    if (this.#running + this.#waiting.size > 0) return
    for (const tell of this.#whenIdle.splice(0)) tell()
  }
}
