// The back end that defines the others: every kernel by its plain TypeScript definition, on ordinary typed arrays.
import type { AttentionSizes, Backend, Storage } from '../backend.ts'
import { type DType, newArray, type TypedArray } from '../dtype.ts'
import { VitrineError } from '../errors.ts'
import { type Block, KernelBackend, KernelStorage, type Panels } from './kernelBackend.ts'
import { definitions, type Kernel, type KernelArray, type RunKernel } from './kernels.ts'

/** Slow and obvious: the numbers that others are compared with. */
export class ReferenceBackend extends KernelBackend<KernelArray> implements Backend {
  readonly name = 'reference'
  readonly facts = { kernels: 'plain TypeScript: the definitions', threads: 1 }
  override readonly threads = 1
  protected override readonly absent = new Float32Array(0)
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  protected override readonly run: RunKernel<KernelArray> = (name, args, units) => {
    const kernel: Kernel = definitions[name]
    kernel(...args, 0, units)
  }

  protected override make(dtype: DType, length: number, panels?: Panels): KernelStorage<KernelArray> {
    this.checkOpen()
    const array = arrayOf(dtype, length)
    this.#bytes += length * 4
    return this.adopt(new KernelStorage<KernelArray>(this, dtype, length, array, panels))
  }

  protected override release({ length }: Block<KernelArray>): void {
    this.#bytes -= length * 4
  }

  /** The array goes with the tensor, although somebody may still hold that. */
  override free(storage: Storage): void {
    super.free(storage)
    this.own(storage).ref = this.absent
  }

  protected override close(): void {}

  protected override view(storage: Storage): TypedArray {
    const { ref } = this.own(storage)
    return ref instanceof Float32Array || ref instanceof Int32Array ? ref : new Int32Array(0)
  }

  protected override bytesIn(storage: Storage): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.view(storage)
    return new Uint8Array(buffer, byteOffset, byteLength)
  }

  protected override at(storage: Storage, offset: number): KernelArray {
    return this.view(storage).subarray(offset)
  }

  protected override halves(storage: Storage): KernelArray {
    const { buffer, byteOffset, length } = this.view(storage)
    return new Uint16Array(buffer, byteOffset, length * 2)
  }

  /** The order of the file: one panel an output for Linear, one for all outputs for Conv1D. */
  protected override panelWidth(form: 'linear' | 'conv1d', n: number): number {
    return form === 'linear' ? 1 : Math.max(n, 1)
  }

  protected override attentionScratch({ B, H, T, S }: AttentionSizes): number {
    return B * H * T * S
  }
}

/** Throws VitrineError OUT_OF_MEMORY. */
function arrayOf(dtype: DType, length: number): TypedArray {
  try {
    return newArray(dtype, length)
  } catch (cause) {
    throw new VitrineError('OUT_OF_MEMORY', `there is no memory for ${length * 4} bytes more`, {
      cause,
      needed: length * 4,
      hint: 'free models and tensors that are no longer needed, or use shorter texts or smaller batches',
    })
  }
}
