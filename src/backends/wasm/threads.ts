// The pool: workers on the same memory that share the units of a kernel with the main thread. Which thread computes a unit
// changes no bit of it. The main thread computes too, and never waits longer than it must for a worker that has died.
import { Worker } from 'node:worker_threads'
import { VitrineError } from '../../errors.ts'
import { type FastName, fastNames, type Kernel } from '../kernels.ts'
import { argumentsAt, newControl, slots, type WorkerData } from './control.ts'
import type { KernelModule } from './module.ts'
import type { WasmMemory } from './wasmTypes.ts'

/** The worker's file lies beside this one, in the sources and in dist/ alike. */
const workerUrl = new URL('./worker.js', import.meta.url)

/** Milliseconds without any progress after which a worker counts as dead. */
const longestSilence = 800
export interface PoolOptions {
  readonly engine: KernelModule
  readonly memory: WasmMemory
  /** Threads in all, the main one included. */
  readonly threads: number
  /** Milliseconds that workers look out for the next kernel before they sleep. */
  readonly patience: number
  /** The worker's file; another one in tests of what happens when workers fail. */
  readonly worker?: URL
}

/** What a pool needs to know of a job. */
export interface Job {
  readonly kernel: Kernel
  readonly name: FastName
  readonly args: readonly unknown[]
  readonly units: number
  /** Units that one thread takes at a time. */
  readonly part: number
  /** Bytes between the scratch areas of two threads, which the last argument points to; 0 when it does not. */
  readonly scratch: number
}

export class ThreadPool {
  readonly #shared: Int32Array
  readonly #values: Float64Array
  readonly #workers: Worker[]
  #generation = 0

  /** Starts the workers; they join in as they become ready. Throws where there is no shared memory or no Worker. */
  constructor({ engine: { module, width }, memory, threads, patience, worker = workerUrl }: PoolOptions) {
    const control = newControl()
    this.#shared = new Int32Array(control, 0, argumentsAt / 4)
    this.#values = new Float64Array(control, argumentsAt)
    const common = { module, memory, width, control, slots, argumentsAt, names: fastNames, patience }
    this.#workers = Array.from({ length: threads - 1 }, (_, i) => {
      const workerData: WorkerData = { ...common, thread: i + 1 }
      return new Worker(worker, { workerData, execArgv: [], name: `vitrine ${i + 1}` })
    })
    for (const each of this.#workers) watch(each, this.#shared)
    endWhenCollected.register(this, this.#shared)
  }

  /** Workers that have started. */
  get ready(): number {
    return Atomics.load(this.#shared, slots.READY)
  }

  /** Parts of jobs that workers have done. */
  get sharedParts(): number {
    return Atomics.load(this.#shared, slots.SHARED)
  }

  /** Whether a worker has failed, so that the pool is of no more use. */
  get isBroken(): boolean {
    return Atomics.load(this.#shared, slots.FAULTS) > 0
  }

  /**
   * Runs a kernel, its units shared between the threads. Throws VitrineError WORKER_CRASHED when a worker fails or does not
   * answer; then the pool is to be ended.
   */
  run(job: Job): void {
    const parts = Math.ceil(job.units / job.part)
    this.#publish(job, parts)
    try {
      for (let part = this.#take(parts); part >= 0; part = this.#take(parts)) {
        const begin = part * job.part
        job.kernel(...job.args, begin, Math.min(begin + job.part, job.units))
        Atomics.add(this.#shared, slots.DONE, 1)
      }
    } catch (error) {
      // What the others have not taken stays undone; what they have, they finish first.
      const untaken = Atomics.exchange(this.#shared, slots.OPEN, 0) & 0xffff
      this.#await(parts - untaken - 1)
      throw error
    }
    this.#await(parts)
  }

  #publish({ name, args, units, part, scratch }: Job, parts: number): void {
    const shared = this.#shared
    for (let i = 0; i < args.length; i++) this.#values[i] = Number(args[i])
    shared[slots.KERNEL] = fastNames.indexOf(name)
    shared[slots.UNITS] = units
    shared[slots.PART] = part
    shared[slots.PARTS] = parts
    shared[slots.COUNT] = args.length
    shared[slots.SCRATCH] = scratch
    shared[slots.DONE] = 0
    this.#generation = (this.#generation + 1) & 0xffff
    Atomics.store(shared, slots.OPEN, (this.#generation << 16) | parts)
    if (Atomics.load(shared, slots.ASLEEP) > 0) this.#wake()
  }

  #wake(): void {
    Atomics.add(this.#shared, slots.WAKE, 1)
    Atomics.notify(this.#shared, slots.WAKE)
  }

  /** The number of a part that is now this thread's, or -1. */
  #take(parts: number): number {
    for (;;) {
      const open = Atomics.load(this.#shared, slots.OPEN)
      const left = open & 0xffff
      if (left === 0) return -1
      if (Atomics.compareExchange(this.#shared, slots.OPEN, open, open - 1) === open) return parts - left
    }
  }

  /** Until so many parts are done: looks out for a while, then sleeps, and gives up when nothing happens any more. */
  #await(parts: number): void {
    const shared = this.#shared
    for (let turn = 0; turn < 4000; turn++) if (Atomics.load(shared, slots.DONE) >= parts) return
    Atomics.store(shared, slots.WAITING, 1)
    let silent = 0
    for (let seen = Atomics.load(shared, slots.DONE); seen < parts; ) {
      Atomics.wait(shared, slots.DONE, seen, silentStep)
      const done = Atomics.load(shared, slots.DONE)
      // Each step counts as what it was meant to take, so that a machine that stood still does not look like a dead worker.
      silent = done === seen ? silent + silentStep : 0
      seen = done
      if (seen < parts && (this.isBroken || silent >= longestSilence)) throw this.#crashed(parts - seen)
    }
    Atomics.store(shared, slots.WAITING, 0)
  }

  #crashed(missing: number): VitrineError {
    const why = this.isBroken ? 'failed' : `did not answer for ${longestSilence} ms`
    return new VitrineError('WORKER_CRASHED', `a thread ${why} while it computed`, {
      missing,
      hint: 'call again: the threads are started anew; { threads: 1 } does without them',
    })
  }

  /** Makes the workers end; resolves when none of them can write to the memory any more. */
  async end(): Promise<void> {
    stop(this.#shared)
    await Promise.all(this.#workers.map(worker => worker.terminate()))
  }
}

const silentStep = 20

/** Notes the end of a worker. Knows nothing of the pool, so that a pool that nobody holds can be collected. */
function watch(worker: Worker, shared: Int32Array): void {
  worker.unref()
  worker.on('error', () => Atomics.add(shared, slots.FAULTS, 1))
  worker.on('exit', () => Atomics.add(shared, slots.FAULTS, 1))
}

function stop(shared: Int32Array): void {
  Atomics.store(shared, slots.STOP, 1)
  Atomics.add(shared, slots.WAKE, 1)
  Atomics.notify(shared, slots.WAKE)
}

/** A pool that nobody holds any more lets its workers go. */
const endWhenCollected = new FinalizationRegistry<Int32Array>(stop)
