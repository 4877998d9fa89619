// The thread that computes: it owns the engine and the models, takes jobs as they come and tells what comes out of them.
// Jobs take turns between tokens and between batches.
import { parentPort } from 'node:worker_threads'
import type { BackendName } from '../../backend.ts'
import { cancellable } from './cancelling.ts'
import { completionJob } from './completionJob.ts'
import { embeddingJob } from './embeddingJob.ts'
import { faultOf } from './fault.ts'
import { inferenceJob } from './inferenceJob.ts'
import type { Done, EngineMemory, FromEngine, JobRequest, ModelPlace, ToEngine } from './messages.ts'
import { ServedModel } from './servedModel.ts'

const models = new Map<string, ServedModel>()
const running = new Map<number, AbortController>()

function tell(message: FromEngine): void {
  parentPort?.postMessage(message)
}

function memory(): EngineMemory {
  const backends = new Set([...models.values()].map(({ model }) => model.backend))
  const sum = (of: 'live' | 'bytes'): number => [...backends].reduce((total, backend) => total + backend[of], 0)
  return { tensors: sum('live'), bytes: sum('bytes') }
}

async function load(place: ModelPlace, backend: BackendName): Promise<void> {
  const start = performance.now()
  try {
    const served = await ServedModel.load(place, backend)
    models.set(place.name, served)
    const seconds = (performance.now() - start) / 1000
    tell({ type: 'loaded', facts: { name: place.name, tasks: served.tasks, seconds }, memory: memory() })
  } catch (error) {
    tell({ type: 'unloadable', name: place.name, fault: faultOf(error) })
  }
}

async function work(id: number, request: JobRequest, stop: Int32Array): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  try {
    const done = await cancellable(stop, () => drained(id, jobOf(request, controller.signal)))
    tell({ type: 'done', id, done, memory: memory() })
  } catch (error) {
    tell({ type: 'fault', id, fault: faultOf(error), memory: memory() })
  } finally {
    running.delete(id)
  }
}

/** Jobs without events are promises. */
type Job = AsyncGenerator<unknown, Done> | Promise<Done>

function jobOf(request: JobRequest, signal: AbortSignal): Job {
  // Requests for models that are not there do not come this far.
  const served = models.get(request.model)!
  switch (request.kind) {
    case 'inference':
      return inferenceJob(served, request, signal)
    case 'completion':
      return completionJob(served, request, signal)
    case 'embedding':
      return embeddingJob(served, request, signal)
  }
}

async function drained(id: number, job: Job): Promise<Done> {
  if (job instanceof Promise) return job
  for (;;) {
    const next = await job.next()
    if (next.done) return next.value
    tell({ type: 'event', id, event: next.value })
  }
}

// Warnings are said by the other thread, once for all.
process.removeAllListeners('warning')
process.on('warning', ({ message, ...rest }: Error & { code?: string }) => {
  tell({ type: 'warning', code: rest.code ?? 'WARNING', message })
})

let loading: Promise<void> = Promise.resolve()

parentPort?.on('message', (message: ToEngine) => {
  if (message.type === 'load') loading = loading.then(() => load(message.place, message.backend))
  else if (message.type === 'job') void work(message.id, message.request, message.stop)
  else running.get(message.id)?.abort()
})
