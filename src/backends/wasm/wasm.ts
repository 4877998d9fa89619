// The fast back end: the kernels of kernels/simd on one WebAssembly memory.
import type { AttentionSizes, Backend, BackendFacts, Storage } from '../../backend.ts'
import type { DType, TypedArray } from '../../dtype.ts'
import { type Block, KernelBackend, KernelStorage, type Panels } from '../kernelBackend.ts'
import type { RunKernel } from '../kernels.ts'
import { Dispatch, type Tuning } from './dispatch.ts'
import { chooseEngine, type Engine } from './engine.ts'
import { engineFacts, memoryFacts, threadFacts } from './facts.ts'
import { Heap, pageSize } from './memory.ts'
import { bindKernels } from './module.ts'
import { resolveOptions, type WasmOptions } from './options.ts'

export class WasmBackend extends KernelBackend<number> implements Backend {
  readonly name = 'wasm'
  readonly engine: Engine
  readonly facts: BackendFacts
  protected override readonly absent = 0
  /** The memory and the threads that work on it; both go when the back end is disposed of. */
  #open: { readonly heap: Heap; readonly dispatch: Dispatch } | undefined

  private constructor(engine: Engine, heap: Heap, dispatch: Dispatch, facts: BackendFacts) {
    super()
    this.engine = engine
    this.facts = facts
    this.#open = { heap, dispatch }
  }

  protected override get run(): RunKernel<number> {
    return this.#dispatch.run
  }

  get #dispatch(): Dispatch {
    this.checkOpen()
    return this.#open!.dispatch
  }

  get #heap(): Heap {
    this.checkOpen()
    return this.#open!.heap
  }

  /**
   * A back end with a memory of its own. `tuning` is for tests. Throws ConfigError for options that cannot be, VitrineError
   * NO_SIMD where no kernels run.
   */
  static open(options?: WasmOptions, tuning?: Partial<Tuning>): WasmBackend {
    const { kernels: set, threads, threadsReason, v8Flags, maximumPages } = resolveOptions(options)
    const engine = chooseEngine(set, v8Flags)
    const memory = new WebAssembly.Memory({ initial: 16, maximum: maximumPages, shared: true })
    const { kernels, heapBase } = bindKernels(engine, memory)
    const heap = new Heap(memory, heapBase, maximumPages)
    const limit = memoryFacts(maximumPages * pageSize)
    const facts = { ...engineFacts(engine), ...threadFacts(threads, threadsReason), ...limit }
    return new WasmBackend(engine, heap, new Dispatch({ engine, kernels, heap, threads }, tuning), facts)
  }

  /** Threads that compute, this one included. */
  get threads(): number {
    return this.#dispatch.threads
  }

  /** Those of them that have started; the others do when there is enough to do. */
  get runningThreads(): number {
    return this.#dispatch.runningThreads
  }

  /** Parts of kernels that other threads have computed. */
  get sharedParts(): number {
    return this.#dispatch.sharedParts
  }

  /** Starts the other threads now instead of when they pay, and waits until they are there, a second at the most. */
  async startThreads(): Promise<void> {
    this.#dispatch.start()
    for (let tries = 0; tries < 200 && this.runningThreads < this.threads; tries++) {
      await new Promise(resolve => setTimeout(resolve, 5))
    }
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
    this.#open?.dispatch.end()
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
    return this.engine.width
  }

  protected override attentionScratch({ capacity, D }: AttentionSizes): number {
    // That of the whole cache, so that every step asks for a block of the same size.
    return (capacity + 16) * (D + 24)
  }
}
