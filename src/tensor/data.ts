// The part of Tensor that holds: storage, shape, type, reading values out, freeing, and the checks that every operand
// passes.
import type { Backend, Storage } from '../backend.ts'
import type { DType, TypedArray } from '../dtype.ts'
import { ShapeError, VitrineError, valueText } from '../errors.ts'
import { type Shape, shapeText, sizeOf } from '../shape.ts'
import { tensorText } from './print.ts'
import type { Tensor } from './tensor.ts'
import { refuseTfjs } from './tfjsTensor.ts'

/** Numbers nested as deep as the tensor has dims. */
export type NestedArray = number | NestedArray[]

export abstract class TensorData {
  /** The memory; shared with the views that `reshape` makes. */
  readonly storage: Storage
  /** Sizes of the dims; `[]` is a single number. */
  readonly shape: Shape

  /** @internal Users make tensors with `backend.tensor(values)`. */
  constructor(storage: Storage, shape: Shape) {
    if (!(storage.length >= sizeOf(shape))) {
      const message = `a tensor of shape ${shapeText(shape)} was put on ${storage.length} elements`
      throw new ShapeError('SHAPE', `${message}: this is a fault of the library`)
    }
    this.storage = storage
    this.shape = shape
  }

  /** A tensor of the same kind; lets the parts of the class make results. */
  protected abstract like(storage: Storage, shape: Shape): Tensor

  get backend(): Backend {
    return this.storage.backend
  }

  get dtype(): DType {
    return this.storage.dtype
  }

  /** Number of dims. */
  get rank(): number {
    return this.shape.length
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /**
   * Checks for three dims and unpacks them: `const [B, T, C] = x.dims3()`. Throws ShapeError RANK, which names `op`.
   */
  dims3(op = 'dims3'): [number, number, number] {
    const [a, b, c] = this.#dims(3, op)
    return [a!, b!, c!]
  }

  /** As dims3, for two dims. */
  dims2(op = 'dims2'): [number, number] {
    const [a, b] = this.#dims(2, op)
    return [a!, b!]
  }

  /** As dims3, for four dims. */
  dims4(op = 'dims4'): [number, number, number, number] {
    const [a, b, c, d] = this.#dims(4, op)
    return [a!, b!, c!, d!]
  }

  #dims(rank: number, op: string): Shape {
    if (this.rank === rank) return this.shape
    throw new ShapeError('RANK', `${op}: expected ${rank} dims, got a tensor of shape ${shapeText(this.shape)}`)
  }

  /** A copy of the elements in row-major order: Float32Array or Int32Array. Throws VitrineError DISPOSED. */
  get data(): TypedArray {
    return this.backend.download(this.live('data'))
  }

  /** @internal The same as float32, written into an array of as many numbers, which is given back. Throws ShapeError SHAPE. */
  floatsInto(target: Float32Array): Float32Array {
    if (!(target instanceof Float32Array) || target.length !== this.size) {
      throw new ShapeError('SHAPE', `floatsInto: expected a Float32Array of ${this.size}, got ${valueText(target)}`)
    }
    this.backend.download(this.floats('data'), target)
    return target
  }

  /** The elements as nested plain arrays. */
  tolist(): NestedArray {
    return nest(Array.from(this.data), this.shape)
  }

  /** The value of a tensor of one element. Throws ShapeError SHAPE for more or fewer. */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError(
        'SHAPE',
        `item: a tensor of shape ${shapeText(this.shape)} has ${this.size} elements, not one`,
      )
    }
    return this.data[0]!
  }

  /** Frees the memory, also that of views of it. Disposing twice is no error. */
  dispose(): void {
    this.backend.free(this.storage)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** Takes the tensor out of all scopes: it lives until it is disposed of, or collected. Returns itself. */
  keep(): this {
    this.backend.keep(this.live('keep'))
    return this
  }

  /** The storage, after a check that it was not freed. `op` is named in the error. */
  protected live(op: string): Storage {
    if (!this.storage.disposed) return this.storage
    const text = `${op}: the tensor of shape ${shapeText(this.shape)} was freed`
    if (this.backend.disposed) throw new VitrineError('DISPOSED', `${text} with its back end ${this.backend.name}`)
    throw new VitrineError('DISPOSED', text, { hint: 'call keep() or return it from the scope to use it longer' })
  }

  /** The storage in row-major order: weights of products are kept in another one. */
  protected plain(op: string): Storage {
    return this.backend.plain(this.live(op))
  }

  /** The same with its elements as `dtype`. */
  protected typed(dtype: DType, op: string): Storage {
    const x = this.plain(op)
    return x.dtype === dtype ? x : this.backend.cast(x, dtype)
  }

  /** The same as float32, which all kernels want but those that only move or compare elements. */
  protected floats(op: string): Storage {
    return this.typed('float32', op)
  }

  /**
   * What a user gave as the `name` of an operation: a tensor that lives, and in the same back end. Throws ShapeError
   * BAD_TYPE, VitrineError DISPOSED or BACKEND_MISMATCH.
   */
  protected operand(given: unknown, name: string, op: string): Tensor {
    if (!isTensor(given)) {
      refuseTfjs(given, `${op}: ${name}`)
      throw new ShapeError('BAD_TYPE', `${op}: ${name} must be a Tensor, got ${valueText(given)}`, {
        hint: 'backend.tensor(values) makes one',
      })
    }
    given.live(op)
    if (given.backend === this.backend) return given
    const message = `${op}: one tensor is of the back end ${this.backend.name}, ${name} of ${given.backend.name}`
    throw new VitrineError('BACKEND_MISMATCH', message, { hint: 'bring it over: backend.tensor(x)' })
  }

  /** Runs an operation `op` that consists of several; what they make on the way is freed at its end. */
  protected inSteps(op: string, body: () => Tensor): Tensor {
    this.live(op)
    return this.backend.scope(body)
  }

  /** The values as PyTorch prints them, byte for byte; above 1,000 elements only the edges. */
  toString(): string {
    if (this.storage.disposed) return `tensor(disposed, size=${shapeText(this.shape)})`
    return tensorText(this.data, this.shape, this.dtype)
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** Every TensorData is a Tensor: the class is cut into parts only for its readers. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof TensorData
}

function nest(values: number[], [dim, ...rest]: Shape): NestedArray {
  if (dim === undefined) return values[0]!
  if (rest.length === 0) return values
  const step = dim === 0 ? 0 : values.length / dim
  return Array.from({ length: dim }, (_, i) => nest(values.slice(i * step, (i + 1) * step), rest))
}
