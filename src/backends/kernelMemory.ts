// The memory of a back end whose arithmetic is the kernels of this repository: storages, the arrays in them, and how a kernel is
// run on them. A `Ref` is what kernels take for an array: itself, or an address.
import { type AttentionSizes, type Backend, Storage } from '../backend.ts'
import type { DType, TypedArray } from '../dtype.ts'
import { BaseBackend } from './base.ts'
import type { RunKernel } from './kernels.ts'
import type { Panels } from './weights/panels.ts'

/** Bytes of an element, by the kind of array that holds it. */
export const bytesOfKind = { float32: 4, int32: 4, uint16: 2, int8: 1, uint8: 1 } as const

export type ArrayKind = keyof typeof bytesOfKind

/** One of several arrays that share a storage. */
export interface Part {
  readonly kind: ArrayKind
  readonly length: number
}

/** A storage and where it is. */
export class KernelStorage<Ref> extends Storage {
  ref: Ref
  /** The arrays of a storage that has several, in their order; `ref` is the first. */
  parts: readonly Ref[] = []
  /** How a weight lies that is kept for products or lookups. */
  panels: Panels | undefined = undefined

  constructor(backend: Backend, dtype: DType, length: number, ref: Ref, bytes: number) {
    super(backend, dtype, length, bytes)
    this.ref = ref
  }
}

/** What is given back when a storage is gone. */
export interface Block<Ref> {
  readonly ref: Ref
  readonly bytes: number
}

/** Arrays that share a storage begin at cache lines. */
const alignment = 64

/** Where each of these arrays begins, in bytes, and behind them where the last one ends. */
export function placesOf(parts: readonly Part[]): number[] {
  const places = [0]
  let end = 0
  for (const { kind, length } of parts) {
    end += Math.ceil((length * bytesOfKind[kind]) / alignment) * alignment
    places.push(end)
  }
  return places
}

export abstract class KernelMemory<Ref> extends BaseBackend<Block<Ref>> {
  /** Runs a kernel over all its units. */
  abstract readonly run: RunKernel<Ref>
  /** The reference that stands for an absent input. */
  abstract readonly absent: Ref
  /** Threads that run a kernel's units. */
  abstract readonly threads: number
  /** Inputs that products of int8 numbers take at a time (kernels/int8.ts). */
  abstract readonly int8Group: 2 | 4
  /** Rows from which on weights in int8 and 4 bits are turned back into float32 to be multiplied, because that is faster. */
  abstract readonly widenedRows: number
  /** Room that each thread needs for attention, in numbers. */
  abstract attentionScratch(sizes: AttentionSizes): number
  /** Width of the panels that this back end's products multiply by. */
  abstract panelWidth(form: 'linear' | 'conv1d', n: number): number

  /** A reference to so many bytes of new memory, unset. */
  protected abstract reserve(bytes: number): Ref
  /** The array of this kind that begins `bytes` bytes behind the first byte of what a reference refers to. */
  abstract behind(ref: Ref, kind: ArrayKind, bytes: number): Ref
  /** The first bytes of what a reference refers to, in place. Only good until the next memory is made. */
  abstract bytesAt(ref: Ref, length: number): Uint8Array
  /** The elements of a storage in place, in the order they lie. Only good until the next memory is made. */
  abstract view(storage: Storage): TypedArray

  /** New memory for `length` elements, unset, in the innermost scope. */
  make(this: KernelMemory<Ref> & Backend, dtype: DType, length: number): KernelStorage<Ref> {
    const ref = this.behind(this.reserve(length * 4), dtype, 0)
    return this.adopt(new KernelStorage(this, dtype, length, ref, length * 4))
  }

  /** New memory for several arrays, unset, which is one storage: a weight in `panels`, or room to compute in. */
  makeParts(this: KernelMemory<Ref> & Backend, parts: readonly Part[], panels?: Panels): KernelStorage<Ref> {
    const places = placesOf(parts)
    const bytes = places.at(-1)!
    const block = this.reserve(bytes)
    const refs = parts.map(({ kind }, i) => this.behind(block, kind, places[i]!))
    const length = panels ? panels.k * panels.n : 0
    const storage = new KernelStorage(this, 'float32', length, refs[0] ?? block, bytes)
    storage.parts = refs
    storage.panels = panels
    return this.adopt(storage)
  }

  /** A storage known to be of this back end (Tensor checks that before). */
  own(storage: Storage): KernelStorage<Ref> {
    return storage as KernelStorage<Ref>
  }

  protected override blockOf(storage: Storage): Block<Ref> {
    const { ref, bytes } = this.own(storage)
    return { ref, bytes }
  }

  /** Where a storage is. */
  at(storage: Storage): Ref {
    return this.own(storage).ref
  }

  /** Where an input is that may be absent. */
  atOr(storage: Storage | undefined): Ref {
    return storage ? this.own(storage).ref : this.absent
  }

  /** Where the element `offset` of a storage is. */
  atElement(storage: Storage, offset: number): Ref {
    const { ref, dtype } = this.own(storage)
    return this.behind(ref, dtype, offset * 4)
  }

  upload(this: KernelMemory<Ref> & Backend, dtype: DType, values: ArrayLike<number>): Storage {
    const out = this.make(dtype, values.length)
    this.view(out).set(values)
    return out
  }

  fill(this: KernelMemory<Ref> & Backend, dtype: DType, length: number, value: number): Storage {
    const out = this.make(dtype, length)
    this.view(out).fill(value)
    return out
  }
}
