// The circumstances of one run of the bench: sizes, limits, and where what went wrong is written down.
import type { Missing } from '../harness/report.ts'
import type { Roofline } from '../harness/roofline.ts'
import type { EngineDType, Peer } from '../peers/engine.ts'
import type { Size } from '../subjects/sizes.ts'

export interface RunOptions {
  readonly size: Size
  readonly threads: number
  readonly repeat: number
  readonly dtypes: readonly EngineDType[]
  readonly peers: readonly Peer[]
}

export class Run implements RunOptions {
  readonly size: Size
  readonly threads: number
  readonly repeat: number
  readonly dtypes: readonly EngineDType[]
  readonly peers: readonly Peer[]
  readonly roofline: Roofline
  readonly missing: Missing[] = []
  /** What each engine says of itself. */
  readonly engines: Record<string, string> = {}

  constructor({ size, threads, repeat, dtypes, peers }: RunOptions, roofline: Roofline) {
    this.size = size
    this.threads = threads
    this.repeat = repeat
    this.dtypes = dtypes
    this.peers = peers
    this.roofline = roofline
    if (roofline.missing !== undefined) this.miss('limits of the machine', roofline.missing)
  }

  /** Notes what could not be measured, and why. */
  miss(what: string, reason: unknown): void {
    const text = reason instanceof Error ? reason.message : String(reason)
    if (!this.missing.some(entry => entry.what === what && entry.reason === text)) {
      this.missing.push({ what, reason: text })
    }
  }

  /** Tells on the terminal what goes on; the results keep stdout to themselves. */
  progress(line: string): void {
    process.stderr.write(`${line}\n`)
  }
}
