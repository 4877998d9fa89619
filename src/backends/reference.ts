// The back end that defines the others: every kernel by its plain TypeScript definition, on ordinary typed arrays.
import type { AttentionSizes, Storage } from '../backend.ts'
import type { TypedArray } from '../dtype.ts'
import { VitrineError } from '../errors.ts'
import { KernelBackend } from './kernelBackend.ts'
import type { ArrayKind, Block } from './kernelMemory.ts'
import { definitions, type Kernel, type KernelArray, type RunKernel } from './kernels.ts'

/** Slow and obvious: the numbers that others are compared with. */
export class ReferenceBackend extends KernelBackend<KernelArray> {
  readonly name = 'reference'
  readonly facts = { kernels: 'plain TypeScript: the definitions', threads: 1 }
  override readonly threads = 1
  override readonly absent = new Float32Array(0)
  /** As where there is no relaxed dot product; the numbers are the same. */
  override readonly int8Group = 2
  override readonly widenedRows = Infinity
  /** As much as JavaScript gives. */
  override readonly capacity = Infinity
  #bytes = 0

  override get bytes(): number {
    return this.#bytes
  }

  override readonly run: RunKernel<KernelArray> = (name, args, units) => {
    const kernel: Kernel = definitions[name]
    kernel(...args, 0, units)
  }

  protected override reserve(bytes: number): KernelArray {
    this.checkOpen()
    const array = newBytes(bytes)
    this.#bytes += bytes
    return array
  }

  protected override release({ bytes }: Block<KernelArray>): void {
    this.#bytes -= bytes
  }

  /** The array goes with the tensor, although somebody may still hold that. */
  override free(storage: Storage): void {
    super.free(storage)
    const own = this.own(storage)
    own.ref = this.absent
    own.parts = []
  }

  protected override close(): void {}

  override behind({ buffer, byteOffset }: KernelArray, kind: ArrayKind, bytes: number): KernelArray {
    // What begins behind the end has no elements, and nothing will be read of it.
    return views[kind](buffer, Math.min(byteOffset + bytes, buffer.byteLength))
  }

  override bytesAt({ buffer, byteOffset }: KernelArray, length: number): Uint8Array {
    this.checkOpen()
    return new Uint8Array(buffer, byteOffset, length)
  }

  override view(storage: Storage): TypedArray {
    const { ref, length } = this.own(storage)
    return ref instanceof Float32Array || ref instanceof Int32Array ? ref.subarray(0, length) : new Int32Array(0)
  }

  /** The order of the file: one panel an output for Linear, one for all outputs for Conv1D. */
  override panelWidth(form: 'linear' | 'conv1d', n: number): number {
    return form === 'linear' ? 1 : Math.max(n, 1)
  }

  override attentionScratch({ B, H, T, S }: AttentionSizes): number {
    return B * H * T * S
  }
}

type View = (buffer: ArrayBufferLike, offset: number) => KernelArray

const views: Readonly<Record<ArrayKind, View>> = {
  float32: (buffer, offset) => new Float32Array(buffer, offset),
  int32: (buffer, offset) => new Int32Array(buffer, offset),
  uint16: (buffer, offset) => new Uint16Array(buffer, offset),
  int8: (buffer, offset) => new Int8Array(buffer, offset),
  uint8: (buffer, offset) => new Uint8Array(buffer, offset),
}

/** Throws VitrineError OUT_OF_MEMORY. */
function newBytes(bytes: number): Uint8Array {
  try {
    return new Uint8Array(bytes)
  } catch (cause) {
    throw new VitrineError('OUT_OF_MEMORY', `there is no memory for ${bytes} bytes more`, {
      cause,
      needed: bytes,
      hint: 'free models and tensors that are no longer needed, or use shorter texts or smaller batches',
    })
  }
}
