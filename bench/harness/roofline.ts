// The machine's own limits, measured in the same run: how fast it multiplies and adds, and how fast it reads so many bytes.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, root } from '../subjects/cache.ts'

/** What one run of something needs of the machine. */
export interface Demand {
  /** Multiplications and additions, each counted. */
  readonly flops: number
  /** Bytes read and written at least once. */
  readonly bytes: number
}

export interface Share {
  /** Which limit is the nearer one. */
  readonly of: 'multiply-add' | 'memory'
  /** Time at the limit over time measured: 1 is the limit. */
  readonly value: number
}

export interface Peaks {
  /** Billions of floating-point operations a second. */
  readonly multiplyAdd: number
  /** Billions of bytes a second, by how many bytes are read again and again. */
  readonly reads: readonly (readonly [bytes: number, rate: number])[]
}

/** Measures each limit when it is first asked for, with the number of threads that the measured thing has. */
export class Roofline {
  readonly threads: number
  /** Why there are no limits: then shares are left out. */
  readonly missing: string | undefined
  readonly #program: string | undefined
  readonly #reads = new Map<number, number>()
  #multiplyAdd: number | undefined

  constructor(threads: number) {
    this.threads = threads
    const built = build()
    if ('failure' in built) this.missing = built.failure
    else this.#program = built.program
  }

  /** How near to the limit something came that took `milliseconds`; undefined when the limits are not known. */
  share({ flops, bytes }: Demand, milliseconds: number): Share | undefined {
    if (this.#program === undefined) return undefined
    const computing = flops / this.multiplyAdd() / 1e6
    const reading = bytes / this.read(bytes) / 1e6
    return computing > reading
      ? { of: 'multiply-add', value: computing / milliseconds }
      : { of: 'memory', value: reading / milliseconds }
  }

  /** Billions of multiplications and additions a second. */
  multiplyAdd(): number {
    return (this.#multiplyAdd ??= this.#measure('fma'))
  }

  /** Billions of bytes a second when `bytes` are read again and again. */
  read(bytes: number): number {
    // One significant bit is enough: the rate depends on the level of the cache.
    const rounded = 2 ** Math.round(Math.log2(Math.max(bytes, 2 ** 12)))
    const size = bytes > 2 ** 24 ? Math.round(bytes) : rounded
    const known = this.#reads.get(size) ?? this.#measure('read', size)
    this.#reads.set(size, known)
    return known
  }

  /** What was measured so far; undefined when nothing could be. */
  get peaks(): Peaks | undefined {
    if (this.#multiplyAdd === undefined) return undefined
    return { multiplyAdd: this.#multiplyAdd, reads: [...this.#reads].sort(([a], [b]) => a - b) }
  }

  #measure(what: 'fma' | 'read', bytes = 0): number {
    const args = [what, String(this.threads), String(bytes)]
    const { status, stdout } = spawnSync(this.#program ?? '', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`the probe of the machine failed at ${args.join(' ')}`)
    return Number(stdout)
  }
}

/** Compiles the probe for this processor, unless it is there and as new as its source. */
function build(): { program: string } | { failure: string } {
  const source = join(root, 'bench', 'harness', 'peak.c')
  const program = join(cacheFolder, 'peak')
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return { program }
  mkdirSync(cacheFolder, { recursive: true })
  const unfinished = `${program}.${process.pid}`
  const options = ['-O3', '-march=native', '-ffp-contract=fast', '-pthread', '-o', unfinished]
  const { status, error, stderr } = spawnSync(process.env.CC ?? 'cc', [...options, source], { encoding: 'utf8' })
  if (status !== 0) return { failure: `no C compiler for the probe: ${error?.message ?? stderr.split('\n')[0]}` }
  renameSync(unfinished, program)
  return { program }
}
