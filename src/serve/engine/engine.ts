// The computing thread as the thread that serves HTTP sees it: models load in it, jobs run in it, and when it dies its jobs
// fail and another one takes its place.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { BackendName } from '../../backend.ts'
import { VitrineError } from '../../errors.ts'
import { warnOnce } from '../../warnings.ts'
import { EngineFault } from './fault.ts'
import { LoadingModel } from './loadingModel.ts'
import type {
  Done,
  EngineMemory,
  Fault,
  FromEngine,
  JobRequest,
  LoadedFacts,
  ModelPlace,
  ToEngine,
} from './messages.ts'

export interface EngineOptions {
  readonly models: readonly ModelPlace[]
  readonly backend: BackendName
  /** Called each time that the thread died and another one was started. */
  readonly onRestart?: () => void
  /** Called when it dies again and again and no other one is started. */
  readonly onDeath?: (error: VitrineError) => void
}

export interface RunOptions {
  readonly signal?: AbortSignal
  /** Gets what the job tells before its end. */
  readonly onEvent?: (event: unknown) => void
}

interface Running {
  readonly resolve: (done: Done) => void
  readonly reject: (error: unknown) => void
  readonly onEvent: RunOptions['onEvent']
}

/** A thread that dies so often before any job was done will not get better. */
const mostDeaths = 3

export class Engine {
  readonly #options: EngineOptions
  readonly #running = new Map<number, Running>()
  readonly #models: ReadonlyMap<string, LoadingModel>
  #worker: Worker
  #nextId = 0
  #isClosed = false
  #deaths = 0
  #memory: EngineMemory = { tensors: 0, bytes: 0 }

  constructor(options: EngineOptions) {
    this.#options = options
    this.#models = new Map(options.models.map(place => [place.name, new LoadingModel(place)]))
    this.#worker = this.#start()
  }

  get memory(): EngineMemory {
    return this.#memory
  }

  /** The models in the order they were named. */
  get models(): readonly LoadingModel[] {
    return [...this.#models.values()]
  }

  model(name: string): LoadingModel | undefined {
    return this.#models.get(name)
  }

  /** Waits for all models. Throws what loading them throws. */
  async ready(): Promise<readonly LoadedFacts[]> {
    return Promise.all(this.models.map(model => model.ready))
  }

  /**
   * Runs a job. An aborted one rejects when the thread has stopped it. Throws EngineFault with the error of the job, VitrineError
   * ENGINE_CRASHED when the thread died, ENGINE_CLOSED when there is none any more.
   */
  run(request: JobRequest, { signal, onEvent }: RunOptions = {}): Promise<Done> {
    if (this.#isClosed) return Promise.reject(new VitrineError('ENGINE_CLOSED', 'the computing thread has ended'))
    const id = this.#nextId++
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const abort = (): void => {
      Atomics.store(stop, 0, 1)
      this.#tell({ type: 'abort', id })
    }
    return new Promise<Done>((resolve, reject) => {
      this.#running.set(id, { resolve, reject, onEvent })
      this.#tell({ type: 'job', id, request, stop })
      signal?.addEventListener('abort', abort)
      if (signal?.aborted) abort()
    }).finally(() => signal?.removeEventListener('abort', abort))
  }

  /** Ends the thread; jobs that still run fail. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#worker.terminate()
    const error = new VitrineError('ENGINE_CLOSED', 'the server is shutting down')
    this.#failAll(error)
    for (const model of this.models) if (!model.facts) model.failed(error)
  }

  #start(): Worker {
    const worker = new Worker(threadFile(), { name: 'vitrine engine' })
    worker.on('message', (message: FromEngine) => this.#hear(message))
    worker.on('error', error => this.#died(worker, error))
    worker.on('exit', code => this.#died(worker, new Error(`exit code ${code}`)))
    const { backend } = this.#options
    for (const { place } of this.models) worker.postMessage({ type: 'load', place, backend } satisfies ToEngine)
    return worker
  }

  #tell(message: ToEngine): void {
    this.#worker.postMessage(message)
  }

  #hear(message: FromEngine): void {
    if ('memory' in message) this.#memory = message.memory
    switch (message.type) {
      case 'loaded':
        this.#models.get(message.facts.name)?.loaded(message.facts)
        break
      case 'unloadable':
        this.#models.get(message.name)?.failed(new EngineFault(message.fault))
        break
      case 'warning':
        warnOnce(message.code, message.message)
        break
      case 'event':
        this.#running.get(message.id)?.onEvent?.(message.event)
        break
      case 'done':
        this.#deaths = 0
        this.#end(message.id, message.done)
        break
      case 'fault':
        this.#end(message.id, undefined, message.fault)
    }
  }

  #end(id: number, done?: Done, fault?: Fault): void {
    const running = this.#running.get(id)
    this.#running.delete(id)
    if (done) running?.resolve(done)
    else if (fault) running?.reject(new EngineFault(fault))
  }

  #died(worker: Worker, cause: unknown): void {
    if (this.#isClosed || worker !== this.#worker) return
    const message = `the computing thread died (${cause instanceof Error ? cause.message : String(cause)})`
    const error = new VitrineError('ENGINE_CRASHED', message, { cause, hint: 'send the request again' })
    this.#failAll(error)
    if (++this.#deaths > mostDeaths) {
      this.#isClosed = true
      for (const model of this.models) model.failed(error)
      this.#options.onDeath?.(error)
      return
    }
    for (const model of this.models) model.again()
    this.#worker = this.#start()
    this.#options.onRestart?.()
  }

  #failAll(error: VitrineError): void {
    for (const { reject } of this.#running.values()) reject(error)
    this.#running.clear()
  }
}

/** The thread's file: JavaScript, seen from the sources in dist/ as well. Throws VitrineError ENGINE_MISSING. */
function threadFile(): URL {
  const isBuilt = import.meta.url.endsWith('.js')
  const url = new URL(isBuilt ? './thread.js' : '../../../dist/src/serve/engine/thread.js', import.meta.url)
  if (existsSync(url)) return url
  throw new VitrineError('ENGINE_MISSING', `the computing thread is not at ${fileURLToPath(url)}`, {
    hint: 'run: npm run build',
  })
}
