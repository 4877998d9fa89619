// Turns for other work during work that takes long: timers, signals and what else has come in meanwhile.

/** Waits until everything that is due in this thread has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}

/** Work that is done a step at a time and gives a T at its end. One that is ended before, or thrown an error, cleans up. */
export type Steps<T = void> = Generator<void, T, void>

/** Milliseconds of work from one turn to the next: a signal is heard soon, and turns cost nothing that could be measured. */
const longest = 10

/** Work in small steps: others get their turn in between, and a signal ends it. */
export class Turns {
  readonly #signal: AbortSignal | undefined
  #since = performance.now()

  constructor(signal?: AbortSignal) {
    this.#signal = signal
  }

  /** To be called before each step. Throws the reason of the signal. */
  async take(): Promise<void> {
    if (performance.now() - this.#since >= longest) {
      await nextTurn()
      this.#since = performance.now()
    }
    this.#signal?.throwIfAborted()
  }

  /** What `steps` gives at its end, with a chance of a turn before each step; the reason of the signal is thrown to them. */
  async through<T>(steps: Steps<T>): Promise<T> {
    await this.take()
    let step = steps.next()
    while (!step.done) {
      step = await this.take().then(
        () => steps.next(),
        reason => steps.throw(reason),
      )
    }
    return step.value
  }
}
