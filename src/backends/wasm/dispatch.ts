// Who computes a kernel: this thread alone, or the pool. Small work is done at once; workers start when there has been enough
// work to pay for them; and where they cannot be had, or fail again and again, one thread does it all.
import { availableParallelism } from 'node:os'
import { VitrineError } from '../../errors.ts'
import { warnOnce } from '../../warnings.ts'
import type { RunKernel } from '../kernels.ts'
import type { Heap } from './memory.ts'
import type { BoundKernels, KernelModule } from './module.ts'
import { ThreadPool } from './threads.ts'

/** Numbers that a test may set otherwise. `work` is counted in multiplications. */
export interface Tuning {
  /** Least work that is shared between threads: below, handing it over takes longer. */
  readonly leastShared: number
  /** Work after which the workers start: what a tiny model does in some dozen steps, a large one in its first layer. */
  readonly startAfter: number
  /** The worker's file. */
  readonly worker?: URL
}

const usual: Tuning = { leastShared: 2 ** 15, startAfter: 2 ** 29 }

/** Work of one part: enough that taking it is cheap, and so little that no worker is silent for long. */
const [smallestPart, largestPart] = [2 ** 14, 2 ** 27]

/** Milliseconds that workers look out for the next kernel; between those of a model there are a few microseconds. */
const patience = 0.3

/** Failures after which no more workers are started. */
const mostFailures = 2

export interface DispatchOptions {
  readonly engine: KernelModule
  readonly kernels: BoundKernels['kernels']
  readonly heap: Heap
  /** Threads in all, the main one included. */
  readonly threads: number
}

export class Dispatch {
  readonly threads: number
  readonly #options: DispatchOptions
  readonly #tuning: Tuning
  #pool: ThreadPool | undefined
  #work = 0
  #failures = 0

  constructor(options: DispatchOptions, tuning: Partial<Tuning> = {}) {
    this.#options = options
    this.#tuning = { ...usual, ...tuning }
    this.threads = options.threads
  }

  /** Runs a kernel (RunKernel). Throws VitrineError WORKER_CRASHED; the next call finds everything in order again. */
  readonly run: RunKernel<number> = (name, args, units, work, grain = 1, scratch = 0) => {
    const kernel = this.#options.kernels[name]
    const pool = this.threads > 1 && units > grain ? this.#poolFor(work) : undefined
    if (!pool) {
      kernel(...args, 0, units)
      return
    }
    const wanted = Math.min(Math.max(work / smallestPart, 2), Math.max(4 * this.threads, work / largestPart))
    const part = Math.ceil(units / grain / wanted) * grain
    try {
      pool.run({ kernel, name, args, units, part, scratch })
    } catch (error) {
      if (error instanceof VitrineError && error.code === 'WORKER_CRASHED') this.#fail(pool)
      throw error
    }
  }

  /** The pool, once it has started and when the work is worth it. */
  #poolFor(work: number): ThreadPool | undefined {
    const { leastShared, startAfter } = this.#tuning
    if (this.#work < startAfter) {
      this.#work += work
      return undefined
    }
    if (this.#pool?.isBroken) this.#fail(this.#pool)
    if (!this.#pool) this.start()
    return work >= leastShared && this.runningThreads > 1 ? this.#pool : undefined
  }

  /** Starts the workers now, unless they run already or cannot be had. */
  start(): void {
    this.#work = this.#tuning.startAfter
    if (this.#pool || this.threads === 1 || this.#failures >= mostFailures) return
    const { engine, heap, threads } = this.#options
    // More threads than cores would take each other's time by looking out.
    const looksOut = threads > availableParallelism() ? 0 : patience
    const { worker } = this.#tuning
    try {
      const options = { engine, memory: heap.memory, threads, patience: looksOut, ...(worker && { worker }) }
      this.#pool = new ThreadPool(options)
    } catch (error) {
      this.#failures = mostFailures
      const reason = error instanceof Error ? error.message : String(error)
      warnOnce('ONE_THREAD', `the wasm back end computes with one thread, because others cannot be had: ${reason}`)
    }
  }

  /** Starts the workers now and stands still until they are there, a second at the most. */
  startAtOnce(): void {
    this.start()
    const nothing = new Int32Array(new SharedArrayBuffer(4))
    for (let tries = 0; tries < 500 && this.#pool && this.runningThreads < this.threads; tries++) {
      Atomics.wait(nothing, 0, 0, 2)
    }
  }

  /**
   * Ends a pool that is of no use any more; the next work starts another, but not for ever. Memory that a worker may still be
   * writing to is not used again before it has ended.
   */
  #fail(pool: ThreadPool): void {
    const { heap } = this.#options
    heap.suspend()
    void pool.end().then(() => heap.resume())
    this.#pool = undefined
    this.#failures++
    if (this.#failures === mostFailures) {
      warnOnce('ONE_THREAD', 'threads of the wasm back end have failed repeatedly: it goes on with one thread')
    }
  }

  /** Threads that compute by now: 1 before the others have started. */
  get runningThreads(): number {
    return this.#pool && !this.#pool.isBroken ? this.#pool.ready + 1 : 1
  }

  /** Parts of kernels that other threads have computed, in the life of their pool. */
  get sharedParts(): number {
    return this.#pool?.sharedParts ?? 0
  }

  /** Ends the workers. */
  end(): void {
    void this.#pool?.end()
    this.#pool = undefined
    this.#failures = mostFailures
  }
}
