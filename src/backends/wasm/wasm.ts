// The fast back end: the kernels of kernels/simd on one WebAssembly memory.
import type { AttentionSizes, Backend, Storage } from '../../backend.ts'
import type { DType, TypedArray } from '../../dtype.ts'
import { type Block, type FastKernels, KernelBackend, KernelStorage, type Panels } from '../kernelBackend.ts'
import { Heap } from './memory.ts'
import { bindKernels, kernelModule } from './module.ts'

/** Outputs side by side in a panel: two vectors of four. */
const panelWidth = 8

export class WasmBackend extends KernelBackend<number> implements Backend {
  readonly name = 'wasm'
  protected override readonly absent = 0
  /** The memory and the kernels bound to it; both go when the back end is disposed of. */
  #open: { readonly kernels: FastKernels<number>; readonly heap: Heap } | undefined

  private constructor(kernels: FastKernels<number>, heap: Heap) {
    super()
    this.#open = { kernels, heap }
  }

  protected override get kernels(): FastKernels<number> {
    this.checkOpen()
    return this.#open!.kernels
  }

  get #heap(): Heap {
    this.checkOpen()
    return this.#open!.heap
  }

  /** A back end with a memory of its own, of at most `maximumPages` pages of 64 KiB (65,536 of them unless given). */
  static open({ maximumPages = 65536 }: { maximumPages?: number } = {}): WasmBackend {
    const module = kernelModule()
    const memory = new WebAssembly.Memory({ initial: 16, maximum: maximumPages, shared: true })
    const { kernels, heapBase } = bindKernels(module, memory)
    return new WasmBackend(kernels, new Heap(memory, heapBase, maximumPages))
  }

  get bytes(): number {
    return this.#open?.heap.used ?? 0
  }

  protected override make(dtype: DType, length: number, panels?: Panels): KernelStorage<number> {
    const address = this.#heap.allocate(length * 4)
    return this.adopt(new KernelStorage(this, dtype, length, address, panels))
  }

  protected override release({ ref, length }: Block<number>): void {
    this.#open?.heap.release(ref, length * 4)
  }

  protected override close(): void {
    this.#open = undefined
  }

  protected override view(storage: Storage): TypedArray {
    const { ref, dtype, length } = this.own(storage)
    const { buffer } = this.#heap.memory
    return dtype === 'float32' ? new Float32Array(buffer, ref, length) : new Int32Array(buffer, ref, length)
  }

  protected override bytesIn(storage: Storage): Uint8Array {
    const { ref, length } = this.own(storage)
    return new Uint8Array(this.#heap.memory.buffer, ref, length * 4)
  }

  protected override at(storage: Storage, offset: number): number {
    return this.own(storage).ref + offset * 4
  }

  protected override halves(storage: Storage): number {
    return this.own(storage).ref
  }

  protected override panelWidth(): number {
    return panelWidth
  }

  protected override attentionScratch({ S }: AttentionSizes): number {
    return S
  }
}
