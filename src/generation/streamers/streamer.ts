// What a streamer is: it gets the tokens of generate() as they come.
import { notWritten } from '../processors/processor.ts'

/** What a streamer must have. */
export interface Streamer {
  /** First the prompts, then each step's new tokens: one list for each row, empty for a row that has ended. */
  put(rows: readonly (readonly number[])[]): void
  /** All rows have ended. */
  end(): void
  /** Generation failed, or was stopped by its signal; without this method the streamer just hears no more. */
  fail?(error: unknown): void
}

/** What your own streamers may extend. */
export class BaseStreamer implements Streamer {
  /** First the prompts, then each step's new tokens: one list for each row, empty for a row that has ended. */
  put(_rows: readonly (readonly number[])[]): void {
    throw notWritten(this, 'put(rows)')
  }

  /** All rows have ended. */
  end(): void {
    throw notWritten(this, 'end()')
  }
}

/** Whether generate() can talk to it. */
export function isStreamer(given: unknown): given is Streamer {
  if (typeof given !== 'object' || given === null) return false
  const { put, end } = given as Partial<Streamer>
  return typeof put === 'function' && typeof end === 'function'
}
