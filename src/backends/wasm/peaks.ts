// What this machine can do at most through WebAssembly, found by two probes (kernels/probe.ts) in some dozens of milliseconds. Knows
// nothing of models.
import { lanes } from '../../../kernels/probe.ts'
import { Dispatch } from './dispatch.ts'
import type { Engine } from './engine.ts'
import { Heap, pageSize } from './memory.ts'
import { bindKernels } from './module.ts'

/** Milliseconds that each probe runs at least; the best of its runs counts. */
const probing = 50

/** Bytes of a row that is read at once: a part of what a thread takes. */
const rowBytes = 2 ** 14

/** Between these, how fast one reads depends on how much is read again and again: on the level of the cache. */
const [leastBytes, mostBytes] = [2 ** 18, 2 ** 28]

export class Peaks {
  readonly threads: number
  readonly #engine: Engine
  #multiplyAdd: number | undefined
  readonly #reads = new Map<number, number>()

  private constructor(engine: Engine, threads: number) {
    this.#engine = engine
    this.threads = threads
  }

  static readonly #known = new Map<string, Peaks>()

  /** The peaks of the same kernels and threads are measured once in a process, each when it is first asked for. */
  static of(engine: Engine, threads: number): Peaks {
    const key = `${engine.kernels} ${engine.flags.join(' ')} ${threads}`
    const peaks = Peaks.#known.get(key) ?? new Peaks(engine, threads)
    Peaks.#known.set(key, peaks)
    return peaks
  }

  /** Multiplications and additions a second, each counted. */
  get flops(): number {
    if (this.#multiplyAdd !== undefined) return this.#multiplyAdd
    const [units, rounds] = [64 * this.threads, 1000]
    const bytes = units * lanes * 4
    this.#multiplyAdd = this.#rate(bytes + rounds * 4, (run, at) => {
      run('multiplyAdd', [at, at + bytes, rounds], units, units * lanes * rounds)
      return 2 * units * lanes * rounds
    })
    return this.#multiplyAdd
  }

  /** Bytes a second when `bytes` are read again and again. */
  read(bytes: number): number {
    // One significant bit is enough.
    const size = 2 ** Math.round(Math.log2(Math.min(Math.max(bytes, leastBytes), mostBytes)))
    const known = this.#reads.get(size)
    if (known !== undefined) return known
    const units = size / rowBytes
    const rate = this.#rate(size + units * 16, (run, at) => {
      run('readThrough', [at + size, at, rowBytes / 4], units, size)
      return size
    })
    this.#reads.set(size, rate)
    return rate
  }

  /** The best rate of what `body` does in a second, on so many bytes of memory that is there for this alone. */
  #rate(bytes: number, body: (run: Dispatch['run'], address: number) => number): number {
    const pages = Math.ceil(bytes / pageSize) + 32
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    const { kernels, heapBase } = bindKernels(this.#engine, memory)
    const heap = new Heap(memory, heapBase, pages)
    const address = heap.allocate(bytes)
    // Memory that nobody has written to may be one and the same page.
    new Float32Array(memory.buffer, address, Math.floor(bytes / 4)).fill(0)
    const dispatch = new Dispatch({ engine: this.#engine, kernels, heap, threads: this.threads }, { leastShared: 0 })
    try {
      dispatch.startAtOnce()
      let best = 0
      const end = performance.now() + probing
      for (let runs = 0; runs < 5 || performance.now() < end; runs++) {
        const start = performance.now()
        const done = body(dispatch.run, address)
        best = Math.max(best, (done / (performance.now() - start)) * 1000)
      }
      return best
    } finally {
      dispatch.end()
    }
  }
}
