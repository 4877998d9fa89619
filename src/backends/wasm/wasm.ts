// The fast back end: the kernels of kernels/simd on one WebAssembly memory.
import type { AttentionSizes, BackendFacts, Storage, WeightForm } from '../../backend.ts'
import type { TensorSource, TypedArray, WeightDType } from '../../dtype.ts'
import { sizeOf } from '../../shape.ts'
import { KernelBackend } from '../kernelBackend.ts'
import type { ArrayKind, Block } from '../kernelMemory.ts'
import type { RunKernel } from '../kernels.ts'
import { Dispatch, type Tuning } from './dispatch.ts'
import { chooseEngine, type Engine } from './engine.ts'
import { engineFacts, memoryFacts, threadFacts } from './facts.ts'
import { Heap, pageSize } from './memory.ts'
import { bindKernels } from './module.ts'
import { resolveOptions, type WasmOptions } from './options.ts'

/** Numbers of a weight that only a model has for which threads pay. */
const largeWeight = 2 ** 20

export class WasmBackend extends KernelBackend<number> {
  readonly name = 'wasm'
  readonly engine: Engine
  readonly facts: BackendFacts
  override readonly absent = 0
  /** The memory and the threads that work on it; both go when the back end is disposed of. */
  #open: { readonly heap: Heap; readonly dispatch: Dispatch } | undefined

  private constructor(engine: Engine, heap: Heap, dispatch: Dispatch, facts: BackendFacts) {
    super()
    this.engine = engine
    this.facts = facts
    this.#open = { heap, dispatch }
  }

  override get run(): RunKernel<number> {
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
  override get threads(): number {
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

  override get bytes(): number {
    return this.#open?.heap.used ?? 0
  }

  override get capacity(): number {
    return this.#heap.maximum
  }

  override get int8Group(): 2 | 4 {
    return this.engine.group
  }

  override get widenedRows(): number {
    return this.engine.widens ? 16 : Infinity
  }

  /** A large weight has the other threads start: they help to pack it, and are there for what comes then. */
  override weightSteps(source: TensorSource, form: WeightForm, dtype?: WeightDType) {
    if (sizeOf(source.shape) >= largeWeight) this.#dispatch.start()
    return super.weightSteps(source, form, dtype)
  }

  protected override reserve(bytes: number): number {
    return this.#heap.allocate(bytes)
  }

  protected override release({ ref, bytes }: Block<number>): void {
    this.#open?.heap.release(ref, bytes)
  }

  protected override close(): void {
    this.#open?.dispatch.end()
    this.#open = undefined
  }

  override behind(address: number, _kind: ArrayKind, bytes: number): number {
    return address + bytes
  }

  override bytesAt(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#heap.memory.buffer, address, length)
  }

  override view(storage: Storage): TypedArray {
    const { ref, dtype, length } = this.own(storage)
    const { buffer } = this.#heap.memory
    return dtype === 'float32' ? new Float32Array(buffer, ref, length) : new Int32Array(buffer, ref, length)
  }

  override panelWidth(): number {
    return this.engine.width
  }

  override attentionScratch({ capacity, D }: AttentionSizes): number {
    // That of the whole cache, so that every step asks for a block of the same size.
    return (capacity + 16) * (D + 24)
  }
}
