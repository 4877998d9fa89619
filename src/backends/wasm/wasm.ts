// The fast back end: the kernels of kernels/simd on one WebAssembly memory.
import type { AttentionSizes, Backend, Storage } from '../../backend.ts'
import type { DType, TypedArray } from '../../dtype.ts'
import { type FastKernels, KernelBackend, KernelStorage, type Panels } from '../kernelBackend.ts'
import { Heap } from './memory.ts'
import { bindKernels, kernelModule } from './module.ts'

/** Outputs side by side in a panel: two vectors of four. */
const panelWidth = 8

export class WasmBackend extends KernelBackend<number> implements Backend {
  readonly name = 'wasm'
  protected override readonly kernels: FastKernels<number>
  protected override readonly absent = 0
  readonly #heap: Heap
  /** Frees what no scope owns when its tensor is collected. */
  readonly #collected = new FinalizationRegistry<{ address: number; bytes: number }>(block => {
    this.#heap.release(block.address, block.bytes)
    this.forget()
  })

  private constructor(kernels: FastKernels<number>, heap: Heap) {
    super()
    this.kernels = kernels
    this.#heap = heap
  }

  /** A back end with a memory of its own, of at most `maximumPages` pages of 64 KiB (65,536 of them unless given). */
  static open({ maximumPages = 65536 }: { maximumPages?: number } = {}): WasmBackend {
    const module = kernelModule()
    const memory = new WebAssembly.Memory({ initial: 16, maximum: maximumPages, shared: true })
    const { kernels, heapBase } = bindKernels(module, memory)
    return new WasmBackend(kernels, new Heap(memory, heapBase, maximumPages))
  }

  get bytes(): number {
    return this.#heap.used
  }

  protected override make(dtype: DType, length: number, panels?: Panels): KernelStorage<number> {
    const address = this.#heap.allocate(length * 4)
    return this.adopt(new KernelStorage(this, dtype, length, address, panels))
  }

  protected override release(storage: Storage): void {
    this.#collected.unregister(storage)
    this.#heap.release(this.own(storage).ref, storage.length * 4)
  }

  protected override escaped(storage: Storage): void {
    this.#collected.register(storage, { address: this.own(storage).ref, bytes: storage.length * 4 }, storage)
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

  [Symbol.dispose](): void {}
}
