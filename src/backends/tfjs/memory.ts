// Tensors inside TensorFlow as storages: what they are called there, under which shapes, and when they are freed.
import { type Backend, Storage, type WeightForm } from '../../backend.ts'
import { type DType, newArray, type TensorSource, type TypedArray, type WeightDType } from '../../dtype.ts'
import { ConfigError } from '../../errors.ts'
import { type Shape, sameShape, sizeOf } from '../../shape.ts'
import type { Steps } from '../../turns.ts'
import { BaseBackend } from '../base.ts'
import { Operations } from './operations.ts'
import { cast, transpose } from './recipes.ts'
import type { TfHandle, TfjsTensor, TfKernelBackend } from './tfjsNode.ts'
import { readBytes, weightOf } from './weights.ts'

/** A piece of TensorFlow's memory. */
interface Block {
  /** The same memory under each shape that was asked for. */
  readonly views: [TfHandle, ...TfHandle[]]
  readonly bytes: number
}

/** How a storage lies, where that is not the ordinary way. */
interface Lying {
  /** A weight (out, in) that lies as (in, out). */
  readonly isTransposed?: boolean
  /** No other storage has the same memory. Results of TensorFlow may share it with what they were made of. */
  readonly isAlone?: boolean
}

/** A tensor of TensorFlow. */
export class TfjsStorage extends Storage {
  readonly block: Block
  readonly isTransposed: boolean
  readonly isAlone: boolean

  constructor(backend: Backend, dtype: DType, handle: TfHandle, { isTransposed = false, isAlone = false }: Lying = {}) {
    super(backend, dtype, sizeOf(handle.shape))
    this.block = { views: [handle], bytes: this.length * 4 }
    this.isTransposed = isTransposed
    this.isAlone = isAlone
  }
}

export abstract class TfjsMemory extends BaseBackend<Block> {
  readonly tensorflow: TfKernelBackend
  protected readonly tf: Operations
  /** As much as TensorFlow gets. */
  readonly capacity = Infinity
  readonly weightDTypes = ['float32'] as const
  #bytes = 0

  constructor(tensorflow: TfKernelBackend) {
    super()
    this.tensorflow = tensorflow
    this.tf = new Operations(tensorflow.binding)
  }

  get bytes(): number {
    return this.#bytes
  }

  /** A storage known to be of this back end (Tensor checks that before). */
  protected own(storage: Storage): TfjsStorage {
    return storage as TfjsStorage
  }

  /** Ends a recipe: its result as a storage. */
  protected made(this: TfjsMemory & Backend, handle: TfHandle, lying?: Lying): TfjsStorage {
    this.tf.settle(handle)
    return this.take(handle, lying)
  }

  /** A storage that owns a handle from now on. */
  take(this: TfjsMemory & Backend, handle: TfHandle, lying?: Lying): TfjsStorage {
    const dtype = handle.dtype === this.tf.binding.TF_FLOAT ? 'float32' : 'int32'
    const storage = new TfjsStorage(this, dtype, handle, lying)
    this.#bytes += storage.block.bytes
    return this.adopt(storage)
  }

  /** The storage as TensorFlow has it. */
  protected handle(storage: Storage): TfHandle {
    return this.own(storage).block.views[0]
  }

  /** The storage under a shape. */
  protected as(storage: Storage, shape: Shape): TfHandle {
    const { views } = this.own(storage).block
    for (const view of views) if (sameShape(view.shape, shape)) return view
    const view = this.tf.view(views[0], shape)
    views.push(view)
    return view
  }

  /** A handle of its own, with the same memory, for somebody who frees it. */
  lend(storage: Storage, shape: Shape): TfHandle {
    return this.tf.view(this.handle(storage), shape)
  }

  /** A storage with the memory of a tensor of tfjs; bool becomes int32. */
  borrow(this: TfjsMemory & Backend, tensor: TfjsTensor): TfjsStorage {
    const [id] = this.tensorflow.getInputTensorIds([tensor])
    const { TF_FLOAT, TF_INT32, TF_BOOL } = this.tf.binding
    const dtype = { float32: TF_FLOAT, int32: TF_INT32 }[tensor.dtype] ?? TF_BOOL
    const handle = this.tf.step(this.tf.view({ id: id!, shape: tensor.shape, dtype }, tensor.shape))
    return this.made(dtype === TF_BOOL ? cast(this.tf, handle, TF_INT32) : handle)
  }

  protected override blockOf(storage: Storage): Block {
    return this.own(storage).block
  }

  protected override release({ views, bytes }: Block): void {
    for (const view of views) this.tf.free(view)
    this.#bytes -= bytes
  }

  protected override close(): void {
    this.tf.close()
  }

  /** TensorFlow's number of a type. */
  protected typeOf(dtype: DType): number {
    const { TF_FLOAT, TF_INT32 } = this.tf.binding
    return dtype === 'float32' ? TF_FLOAT : TF_INT32
  }

  override upload(this: TfjsMemory & Backend, dtype: DType, values: ArrayLike<number>): Storage {
    const copy = newArray(dtype, values.length)
    copy.set(values)
    return this.#created(dtype, copy)
  }

  override fill(this: TfjsMemory & Backend, dtype: DType, length: number, value: number): Storage {
    const one = this.#created(dtype, newArray(dtype, 1).fill(value))
    if (length === 1) return one
    const filled = this.made(this.tf.run('Fill', [this.tf.vector([length]), this.as(one, [])]), { isAlone: true })
    this.free(one)
    return filled
  }

  #created(this: TfjsMemory & Backend, dtype: DType, values: TypedArray): Storage {
    return this.take(this.tf.create([values.length], this.typeOf(dtype), values), { isAlone: true })
  }

  /**
   * Products are fastest by (in, out), so a `linear` weight is transposed once. Throws ConfigError UNSUPPORTED_DTYPE for
   * small weights: TensorFlow's processor kernels have no products with them.
   */
  override *weightSteps(
    this: TfjsMemory & Backend,
    source: TensorSource,
    form: WeightForm,
    dtype: WeightDType = 'float32',
  ): Steps<Storage> {
    if (dtype !== 'float32') {
      throw new ConfigError('UNSUPPORTED_DTYPE', `the back end tfjs keeps weights as float32, not as ${dtype}`, {
        hint: "load with dtype: 'float32', or use the back end 'wasm'",
      })
    }
    const bytes = yield* readBytes(source)
    this.checkOpen()
    const read = weightOf(this.tf, source, bytes)
    const isTransposed = form === 'linear' && source.shape.length === 2
    return this.made(isTransposed ? transpose(this.tf, read, [1, 0]) : read, { isTransposed })
  }

  /** Weights are kept in full. */
  packed(_storage: Storage): undefined {}

  weightBytes(shape: Shape): number {
    return sizeOf(shape) * 4
  }

  plain(this: TfjsMemory & Backend, storage: Storage): Storage {
    return this.own(storage).isTransposed ? this.made(this.rowMajor(storage)) : storage
  }

  /** The storage in row-major order. */
  protected rowMajor(storage: Storage): TfHandle {
    const handle = this.handle(storage)
    return this.own(storage).isTransposed ? transpose(this.tf, handle, [1, 0]) : handle
  }

  download(storage: Storage, into?: TypedArray): TypedArray {
    const values = this.tf.binding.tensorDataSync(this.rowMajor(storage).id)
    this.tf.settle()
    into?.set(values)
    return into ?? (values instanceof Uint8Array ? Int32Array.from(values) : values)
  }
}
