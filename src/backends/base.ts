// What all back ends share: scopes that free what was made inside them, and the making of tensors from a user's values.
import { type Backend, held, type NotAsync, type Storage, type TensorValues } from '../backend.ts'
import { type DType, newArray, type TypedArray } from '../dtype.ts'
import { ShapeError, VitrineError } from '../errors.ts'
import { type Shape, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor/tensor.ts'

type Scope = Set<Storage>

/** Memory by scopes. A back end extends it, calls `adopt` for each storage it makes, and gives `release` and `upload`. */
export abstract class BaseBackend {
  #scopes: Scope[] = []
  #live = 0

  /** Gives the memory of a storage back; called once for each. */
  protected abstract release(storage: Storage): void
  abstract upload(dtype: DType, values: ArrayLike<number>): Storage
  abstract fill(dtype: DType, length: number, value: number): Storage

  get live(): number {
    return this.#live
  }

  /** Enters a new storage into the innermost scope. */
  protected adopt<S extends Storage>(storage: S): S {
    this.#live++
    const scope = this.#scopes.at(-1)
    storage.scope = scope
    if (scope) scope.add(storage)
    else this.escaped(storage)
    return storage
  }

  scope<R>(body: (() => R) & NotAsync<R>): R {
    const scope: Scope = new Set()
    this.#scopes.push(scope)
    let kept = new Set<Storage>()
    try {
      const result: R = body()
      if (result instanceof Promise) {
        throw new VitrineError(
          'ASYNC_SCOPE',
          'scope: the body returned a promise, but its tensors are freed when it returns',
          {
            hint: 'await outside of the scope',
          },
        )
      }
      kept = storagesIn(result)
      return result
    } finally {
      this.#scopes.pop()
      this.#close(scope, kept)
    }
  }

  #close(scope: Scope, kept: ReadonlySet<Storage>): void {
    const around = this.#scopes.at(-1)
    for (const storage of scope) {
      if (kept.has(storage)) {
        storage.scope = around
        if (around) around.add(storage)
        else this.escaped(storage)
      } else {
        storage.scope = undefined
        this.free(storage)
      }
    }
  }

  keep(storage: Storage): void {
    if (!storage.scope) return
    storage.scope.delete(storage)
    storage.scope = undefined
    this.escaped(storage)
  }

  /** Counts a storage as freed that was collected instead. */
  protected forget(): void {
    this.#live--
  }

  /** Told of each storage that no scope will free; a back end may free it when it is collected. */
  protected escaped(_storage: Storage): void {}

  free(storage: Storage): void {
    if (storage.disposed) return
    storage.disposed = true
    storage.scope?.delete(storage)
    storage.scope = undefined
    this.#live--
    this.release(storage)
  }

  tensor(
    this: BaseBackend & Backend,
    values: TensorValues,
    { shape, dtype }: { shape?: Shape; dtype?: DType } = {},
  ): Tensor {
    const flat = flatten(values)
    const type = dtype ?? (values instanceof Int32Array ? 'int32' : 'float32')
    const wanted = shape ?? flat.shape
    if (sizeOf(wanted) !== flat.values.length) {
      throw new ShapeError('SHAPE', `tensor: ${flat.values.length} values do not fill the shape (${wanted.join(', ')})`)
    }
    return new Tensor(this.upload(type, flat.values), wanted)
  }

  zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
    return this.full(shape, 0, dtype)
  }

  full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
    return new Tensor(this.fill(dtype, sizeOf(shape), value), shape)
  }

  arange(n: number): Tensor {
    const values = newArray('int32', sizeOf([n])).map((_, i) => i)
    return new Tensor(this.upload('int32', values), [n])
  }
}

/** The storages of the tensors in a value: a Tensor, arrays, maps and plain objects of them, or what says what it holds. */
function storagesIn(value: unknown, found = new Set<Storage>()): Set<Storage> {
  if (value instanceof Tensor) found.add(value.storage)
  else if (Array.isArray(value)) for (const item of value) storagesIn(item, found)
  else if (value instanceof Map) for (const item of value.values()) storagesIn(item, found)
  else if (isHolder(value)) for (const item of value[held]()) storagesIn(item, found)
  else if (isPlainObject(value)) for (const item of Object.values(value)) storagesIn(item, found)
  return found
}

function isHolder(value: unknown): value is { [held](): Iterable<unknown> } {
  return typeof value === 'object' && value !== null && held in value
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Nested arrays as one flat array and their shape. Throws ShapeError RAGGED when rows differ in length. */
function flatten(values: TensorValues): { values: ArrayLike<number>; shape: Shape } {
  if (ArrayBuffer.isView(values)) {
    const plain: TypedArray | number[] = values instanceof BigInt64Array ? Array.from(values, Number) : values
    return { values: plain, shape: [plain.length] }
  }
  const flat: number[] = []
  const shape = collect(values, flat)
  return { values: flat, shape }
}

function collect(values: TensorValues, into: number[]): number[] {
  if (!isList(values)) {
    into.push(Number(values))
    return []
  }
  let inner: number[] | undefined
  for (const item of values) {
    const shape: number[] = collect(item, into)
    if (inner && inner.join() !== shape.join()) {
      throw new ShapeError(
        'RAGGED',
        `tensor: rows of different shapes, (${inner.join(', ')}) and (${shape.join(', ')})`,
      )
    }
    inner = shape
  }
  return [values.length, ...(inner ?? [])]
}

function isList(values: TensorValues): values is readonly TensorValues[] | TypedArray {
  return Array.isArray(values) || ArrayBuffer.isView(values)
}
