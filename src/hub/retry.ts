// Trying again: how often, and after which pause.
import { setTimeout as pause } from 'node:timers/promises'
import { isPassing } from './faults.ts'

export interface Patience {
  /** Tries without any progress. */
  readonly tries: number
  /** Milliseconds before the second try; they double from then on. */
  readonly backOff: number
}

const longestPause = 8000
/** Servers that want a longer pause than this, in seconds, are left alone. */
const longestWait = 60

/**
 * Runs `work` until it succeeds. After a fault that may pass it pauses, as long as the server asks or longer each time, and tries again;
 * `progress` tells how far the work has come, and a try that came further counts as the first one.
 */
export async function persist<T>(
  { tries, backOff }: Patience,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  for (let failures = 0; ; ) {
    const before = progress()
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error)) throw error
      failures = progress() > before ? 1 : failures + 1
      const asked = error.fields.retryAfter
      if (failures >= tries || (typeof asked === 'number' && asked > longestWait)) throw error
      const wait = typeof asked === 'number' ? asked * 1000 : Math.min(longestPause, backOff * 2 ** (failures - 1))
      // Clients that failed together do not come back together.
      await pause(wait * (1 + Math.random() / 4), undefined, signal && { signal }).catch(() => signal?.throwIfAborted())
    }
  }
}
