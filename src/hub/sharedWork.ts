// Work that several callers want at once and that is done once, until it is done or nobody wants it any more.

interface Running<Value> {
  readonly promise: Promise<void>
  readonly end: AbortController
  readonly tellers: Set<(value: Value) => void>
}

/** Joins calls by key: all of them hear how the one work goes on, and each may leave. */
export class SharedWork<Value> {
  readonly #running = new Map<string, Running<Value>>()

  /**
   * Resolves when the work of this key is done, and rejects with what it throws, or with the reason of `signal`. The last caller that
   * leaves ends the work, and is let go when it has ended.
   */
  async do(
    key: string,
    signal: AbortSignal | undefined,
    tell: (value: Value) => void,
    work: (signal: AbortSignal, tell: (value: Value) => void) => Promise<void>,
  ): Promise<void> {
    signal?.throwIfAborted()
    let running = this.#running.get(key)
    // What is being ended is of no use.
    while (running?.end.signal.aborted) {
      await running.promise.catch(() => undefined)
      running = this.#running.get(key)
    }
    running ??= this.#start(key, work)
    await this.#join(running, signal, tell)
  }

  #start(key: string, work: (signal: AbortSignal, tell: (value: Value) => void) => Promise<void>): Running<Value> {
    const end = new AbortController()
    const tellers = new Set<(value: Value) => void>()
    const promise = work(end.signal, value => {
      for (const tell of tellers) tell(value)
    }).finally(() => this.#running.delete(key))
    const running = { promise, end, tellers }
    this.#running.set(key, running)
    return running
  }

  async #join(
    { promise, end, tellers }: Running<Value>,
    signal: AbortSignal | undefined,
    tell: (value: Value) => void,
  ) {
    // Two callers may have the same function.
    const own = (value: Value): void => tell(value)
    tellers.add(own)
    let leave: (() => void) | undefined
    const left = new Promise<'left'>(resolve => {
      leave = () => resolve('left')
      signal?.addEventListener('abort', leave, { once: true })
    })
    try {
      if ((await Promise.race([promise, left])) !== 'left') return
      tellers.delete(own)
      if (tellers.size === 0) {
        end.abort(signal?.reason)
        await promise.catch(() => undefined)
      }
      signal?.throwIfAborted()
    } finally {
      tellers.delete(own)
      if (leave) signal?.removeEventListener('abort', leave)
    }
  }
}
