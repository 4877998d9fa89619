// The part of Tensor that holds: storage, shape, type, reading values out, freeing.
import type { Backend, Storage } from '../backend.ts'
import type { DType, TypedArray } from '../dtype.ts'
import { ShapeError, VitrineError } from '../errors.ts'
import { type Shape, shapeText, sizeOf } from '../shape.ts'
import { tensorText } from './print.ts'
import type { Tensor } from './tensor.ts'

/** Numbers nested as deep as the tensor has dims. */
export type NestedArray = number | NestedArray[]

export abstract class TensorData {
  /** The memory; shared with the views that `reshape` makes. */
  readonly storage: Storage
  /** Sizes of the dims; `[]` is a single number. */
  readonly shape: Shape

  /** @internal Users make tensors with `backend.tensor(values)`. */
  constructor(storage: Storage, shape: Shape) {
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

  /** Checks for three dims and unpacks them: `const [B, T, C] = x.dims3()`. Throws ShapeError RANK. */
  dims3(): [number, number, number] {
    const [a, b, c] = this.#dims(3)
    return [a!, b!, c!]
  }

  /** As dims3, for two dims. */
  dims2(): [number, number] {
    const [a, b] = this.#dims(2)
    return [a!, b!]
  }

  /** As dims3, for four dims. */
  dims4(): [number, number, number, number] {
    const [a, b, c, d] = this.#dims(4)
    return [a!, b!, c!, d!]
  }

  #dims(rank: number): Shape {
    if (this.rank !== rank) {
      throw new ShapeError('RANK', `expected ${rank} dims, got a tensor of shape ${shapeText(this.shape)}`)
    }
    return this.shape
  }

  /** A copy of the elements in row-major order: Float32Array or Int32Array. Throws VitrineError DISPOSED. */
  get data(): TypedArray {
    return this.backend.download(this.live('data'))
  }

  /** The same as `data`. */
  toArray(): TypedArray {
    return this.data
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
    if (this.storage.disposed) {
      throw new VitrineError('DISPOSED', `${op}: the tensor of shape ${shapeText(this.shape)} was freed`, {
        hint: 'call keep() or return it from the scope to use it longer',
      })
    }
    return this.storage
  }

  /** The storage in row-major order: weights of products are kept in another one. */
  protected plain(op: string): Storage {
    return this.backend.plain(this.live(op))
  }

  /** Throws VitrineError BACKEND_MISMATCH when `other` lives in another back end. */
  protected sameBackend(other: TensorData, op: string): void {
    if (other.backend !== this.backend) {
      const message = `${op}: one tensor is of the back end ${this.backend.name}, the other of ${other.backend.name}`
      throw new VitrineError('BACKEND_MISMATCH', message, {
        hint: 'make it anew: backend.tensor(x.data, { shape: x.shape })',
      })
    }
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

function nest(values: number[], [dim, ...rest]: Shape): NestedArray {
  if (dim === undefined) return values[0]!
  if (rest.length === 0) return values
  const step = dim === 0 ? 0 : values.length / dim
  return Array.from({ length: dim }, (_, i) => nest(values.slice(i * step, (i + 1) * step), rest))
}
