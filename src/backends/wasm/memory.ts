// One growing WebAssembly memory and the blocks in it. Knows addresses and sizes, nothing of tensors.
import { VitrineError } from '../../errors.ts'
import type { WasmMemory } from './wasmTypes.ts'

/** Bytes in a page of WebAssembly memory. */
export const pageSize = 65536
/** 4 GiB: as far as 32-bit addresses reach. */
const mostPages = 65536
/** Blocks start at cache lines, so panels and vectors are aligned. */
const alignment = 64
/** Bytes at the end of the memory that stay free, because kernels may read a little beyond an array. */
const margin = 64

/** A free list by size over one memory: equal requests in equal order get equal addresses. */
export class Heap {
  readonly memory: WasmMemory
  /** Bytes that it may grow to. */
  readonly maximum: number
  /** First byte never handed out yet. */
  #top: number
  readonly #free = new Map<number, number[]>()
  #used = 0
  #suspensions = 0
  #waiting: Block[] = []

  /** `start` is the first free byte, `maximumPages` the limit of `memory` (at most 65,536 pages of 64 KiB). */
  constructor(memory: WasmMemory, start: number, maximumPages: number = mostPages) {
    this.memory = memory
    this.#top = roundUp(start)
    this.maximum = maximumPages * pageSize
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used
  }

  /**
   * The address of a block of at least `bytes`. Throws VitrineError OUT_OF_MEMORY with what was needed and what is left,
   * BAD_SIZE for what is no number of bytes.
   */
  allocate(bytes: number): number {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new VitrineError(
        'BAD_SIZE',
        `the wasm memory has no block of ${bytes} bytes: this is a fault of the library`,
      )
    }
    const size = blockSize(bytes)
    const address = this.#free.get(size)?.pop() ?? this.#carve(size)
    this.#used += size
    return address
  }

  /** Gives a block back. `bytes` is what it was asked for with. */
  release(address: number, bytes: number): void {
    const size = blockSize(bytes)
    this.#used -= size
    if (this.#suspensions > 0) this.#waiting.push({ address, length: size })
    else this.#put(address, size)
  }

  /** From now on blocks that are given back are not handed out again, until `resume` has been called as often. */
  suspend(): void {
    this.#suspensions++
  }

  resume(): void {
    this.#suspensions--
    if (this.#suspensions > 0) return
    for (const { address, length } of this.#waiting.splice(0)) this.#put(address, length)
  }

  #carve(size: number): number {
    if (this.#top + size + margin > this.memory.buffer.byteLength && !this.#grow(size)) return this.#fromJoined(size)
    const address = this.#top
    this.#top += size
    return address
  }

  /** Grows so that `size` bytes fit behind the top; false when the memory cannot. */
  #grow(size: number): boolean {
    const missing = Math.ceil((this.#top + size + margin - this.memory.buffer.byteLength) / pageSize)
    const room = Math.floor((this.maximum - this.memory.buffer.byteLength) / pageSize)
    if (missing > room) return false
    // A little more than asked for, so that a model's many small requests do not grow the memory one by one.
    const generous = Math.min(room, Math.max(missing, Math.min(this.memory.buffer.byteLength / pageSize / 8, 1024)))
    for (const pages of [generous, missing]) {
      try {
        this.memory.grow(Math.floor(pages))
        return true
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
      }
    }
    return false
  }

  /** The last resort: joins free neighbours and takes the smallest block that is large enough. */
  #fromJoined(size: number): number {
    const blocks = joined([...this.#free].flatMap(([length, list]) => list.map(address => ({ address, length }))))
    this.#free.clear()
    const fitting = blocks.filter(({ length }) => length >= size).sort((a, b) => a.length - b.length)[0]
    for (const { address, length } of blocks) {
      const taken = address === fitting?.address ? size : 0
      if (length > taken) this.#put(address + taken, length - taken)
    }
    if (!fitting) throw this.#outOfMemory(size)
    return fitting.address
  }

  #put(address: number, size: number): void {
    const list = this.#free.get(size)
    if (list) list.push(address)
    else this.#free.set(size, [address])
  }

  #outOfMemory(size: number): VitrineError {
    const message = `the wasm memory cannot hold ${size} bytes more: ${this.#used} of at most ${this.maximum} are in use`
    return new VitrineError('OUT_OF_MEMORY', message, {
      needed: size,
      used: this.#used,
      limit: this.maximum,
      hint: 'free models and tensors that are no longer needed, or use shorter texts or smaller batches',
    })
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}

/**
 * Small sizes share a few classes, eight between powers of two, so that tensors a little larger each step (attention) reuse
 * blocks; large ones are exact.
 */
function blockSize(bytes: number): number {
  if (bytes <= alignment) return alignment
  if (bytes >= 2 ** 20) return roundUp(bytes)
  // The larger of the alignment and an eighth of the power of two below, less one: a mask of the bits to round up.
  const below = Math.max(alignment, 1 << Math.max(28 - Math.clz32(bytes - 1), 0)) - 1
  return (bytes + below) & ~below
}

interface Block {
  readonly address: number
  readonly length: number
}

function joined(blocks: Block[]): Block[] {
  const result: { address: number; length: number }[] = []
  for (const { address, length } of blocks.sort((a, b) => a.address - b.address)) {
    const last = result.at(-1)
    if (last && last.address + last.length === address) last.length += length
    else result.push({ address, length })
  }
  return result
}
