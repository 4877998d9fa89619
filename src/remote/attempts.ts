// Sending a call again while the server is busy, loading or not there yet.
import { RemoteError } from '../errors.ts'
import { errorOf } from './answer.ts'

export interface Attempts {
  readonly retries: number
  /** Seconds. */
  readonly max_wait: number
  readonly signal: AbortSignal | undefined
}

/** Which errors may pass. A server that is not there mostly was not started. */
const mostRetries: Readonly<Record<string, number>> = { REMOTE_BUSY: Infinity, REMOTE_UNREACHABLE: 2 }

/** The first good answer. `send` gets the number of the attempt. Throws RemoteError and the reason of `signal`. */
export async function persistent(
  send: (attempt: number) => Promise<Response>,
  { retries, max_wait, signal }: Attempts,
): Promise<Response> {
  let waited = 0
  for (let attempt = 0; ; attempt++) {
    const outcome = await attempted(() => send(attempt), signal)
    if (!(outcome instanceof RemoteError)) return outcome
    const seconds = waitOf(outcome, attempt)
    if (attempt >= Math.min(retries, mostRetries[outcome.code] ?? 0) || waited + seconds > max_wait) throw outcome
    waited += seconds
    await pause(seconds, signal)
  }
}

async function attempted(
  send: () => Promise<Response>,
  signal: AbortSignal | undefined,
): Promise<Response | RemoteError> {
  signal?.throwIfAborted()
  try {
    const response = await send()
    return response.ok ? response : await errorOf(response)
  } catch (cause) {
    signal?.throwIfAborted()
    return failureOf(cause)
  }
}

function failureOf(cause: unknown): RemoteError {
  if (cause instanceof RemoteError) return cause
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return new RemoteError('REMOTE_TIMEOUT', 'remote: no answer came in time', { cause, hint: 'give a larger timeout' })
  }
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const why = inner instanceof Error ? inner.message || String(Reflect.get(inner, 'code')) : String(inner)
  return new RemoteError('REMOTE_UNREACHABLE', `remote: the server cannot be reached: ${why}`, { cause })
}

/**
 * What the server asks for, or half a second and then twice as long each time. While a model is loading the next attempt
 * comes soon: the server then holds it until the model is there.
 */
function waitOf({ fields: { retry_after, estimated_time } }: RemoteError, attempt: number): number {
  if (typeof estimated_time === 'number') return Math.min(estimated_time, 1)
  if (typeof retry_after === 'number') return Math.min(retry_after, 30)
  return Math.min(0.5 * 2 ** attempt, 30)
}

function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, 1000 * seconds)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
