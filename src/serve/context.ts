// What all routes work with.
import type { Engine } from './engine/engine.ts'
import type { LoadedFacts } from './engine/messages.ts'
import type { Exchange } from './exchange.ts'
import type { Metrics } from './metrics.ts'
import type { JobQueue } from './queue.ts'
import { ServeError } from './serveError.ts'

export interface ServeContext {
  readonly engine: Engine
  readonly queue: JobQueue
  readonly metrics: Metrics
  /** When the server was started, in seconds since 1970. */
  readonly created: number
  isDraining: boolean
}

/**
 * The facts of a model. Throws ServeError 404 MODEL, 503 LOADING with estimated_time unless `wait` is true, and what loading
 * threw.
 */
export async function loadedModel(
  { engine }: ServeContext,
  name: string,
  { wait, signal }: { wait: boolean; signal: AbortSignal },
): Promise<LoadedFacts> {
  const model = engine.model(name)
  if (!model) {
    const known = engine.models.map(({ place }) => place.name).join(', ')
    throw new ServeError(404, 'MODEL', `Model ${name.slice(0, 200)} does not exist`, { hint: `served here: ${known}` })
  }
  if (model.facts) return model.facts
  if (wait || model.error) return abortable(model.ready, signal)
  const { estimated_time } = model
  throw new ServeError(503, 'LOADING', `Model ${name} is currently loading`, {
    headers: { 'Retry-After': String(Math.ceil(estimated_time)) },
    body: { estimated_time },
  })
}

/** Waits, but not after the client has gone. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: gone, stop } = rejectedBy(signal)
  return Promise.race([promise, gone]).finally(stop)
}

function rejectedBy(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  let stop = (): void => {}
  const promise = new Promise<never>((_, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    stop = () => signal.removeEventListener('abort', abort)
  })
  return { promise, stop }
}

/** A route's work: it answers the exchange or throws. */
export type Handler = (context: ServeContext, exchange: Exchange, names: readonly string[]) => Promise<void> | void
