// Memory by scopes, which all back ends share: what was made in one is freed at its end, the rest with the back end.
import { held, type NotAsync, type Storage } from '../backend.ts'
import { VitrineError } from '../errors.ts'
import { Tensor } from '../tensor/tensor.ts'

type Scope = Set<Storage>

/**
 * A back end extends it and calls `adopt` for each storage it makes. `Block` is what it must know to give memory back
 * when the storage itself is gone.
 */
export abstract class ScopedMemory<Block> {
  abstract readonly name: string
  #scopes: Scope[] = []
  #live = 0
  #disposed = false
  /**
   * The storages that no scope will free. They are held weakly: one that nobody can reach any more is freed when it is
   * collected.
   */
  readonly #outside = new Set<WeakRef<Storage>>()
  readonly #references = new WeakMap<Storage, WeakRef<Storage>>()
  readonly #collected = new FinalizationRegistry<{ reference: WeakRef<Storage>; block: Block }>(
    ({ reference, block }) => {
      this.#outside.delete(reference)
      this.#live--
      this.release(block)
    },
  )

  protected abstract blockOf(storage: Storage): Block
  /** Gives the memory of a storage back; called once for each. */
  protected abstract release(block: Block): void
  /** Gives everything back that belongs to no storage; called once. */
  protected abstract close(): void

  /** Storages that are not freed yet. */
  get live(): number {
    return this.#live
  }

  get disposed(): boolean {
    return this.#disposed
  }

  /**
   * Frees every tensor, and the back end's own memory: tensors and models on it say DISPOSED from then on. Twice is no
   * error.
   */
  dispose(): void {
    if (this.#disposed) return
    for (const scope of this.#scopes) for (const storage of scope) this.free(storage)
    for (const reference of this.#outside) {
      const storage = reference.deref()
      if (storage) this.free(storage)
    }
    this.#disposed = true
    this.#live = 0
    this.close()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** Throws VitrineError DISPOSED when the back end was disposed of. */
  protected checkOpen(): void {
    if (!this.#disposed) return
    throw new VitrineError(
      'DISPOSED',
      `the back end ${this.name} was disposed of, and its tensors and models with it`,
      {
        hint: 'openBackend() opens another one; tensors and models have to be made on it anew',
      },
    )
  }

  /** Enters a new storage into the innermost scope. */
  protected adopt<S extends Storage>(storage: S): S {
    this.#live++
    this.#own(storage, this.#scopes.at(-1))
    return storage
  }

  #own(storage: Storage, scope: Scope | undefined): void {
    storage.scope = scope
    if (scope) {
      scope.add(storage)
      return
    }
    const reference = new WeakRef(storage)
    this.#outside.add(reference)
    this.#references.set(storage, reference)
    this.#collected.register(storage, { reference, block: this.blockOf(storage) }, storage)
  }

  #disown(storage: Storage): void {
    if (storage.scope) {
      storage.scope.delete(storage)
      storage.scope = undefined
      return
    }
    const reference = this.#references.get(storage)
    if (!reference) return
    this.#outside.delete(reference)
    this.#references.delete(storage)
    this.#collected.unregister(storage)
  }

  scope<R>(body: (() => R) & NotAsync<R>): R {
    this.checkOpen()
    const scope: Scope = new Set()
    this.#scopes.push(scope)
    let kept = new Set<Storage>()
    try {
      const result: R = body()
      if (result instanceof Promise) {
        const message = 'scope: the body returned a promise, but its tensors are freed when it returns'
        throw new VitrineError('ASYNC_SCOPE', message, { hint: 'await outside of the scope' })
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
      if (kept.has(storage)) this.#own(storage, around)
      else this.free(storage)
    }
  }

  keep(storage: Storage): void {
    if (!storage.scope) return
    this.#disown(storage)
    this.#own(storage, undefined)
  }

  free(storage: Storage): void {
    if (storage.disposed) return
    storage.disposed = true
    this.#disown(storage)
    this.#live--
    this.release(this.blockOf(storage))
  }
}

/**
 * The storages of the tensors in a value: a Tensor, arrays, sets, maps and plain objects of them, or what says what it
 * holds.
 */
function storagesIn(value: unknown, found = new Set<Storage>(), seen = new Set<object>()): Set<Storage> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return found
  if (value instanceof Tensor) return found.add(value.storage)
  seen.add(value)
  for (const item of itemsOf(value)) storagesIn(item, found, seen)
  return found
}

function itemsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value
  if (value instanceof Map) return value.values()
  if (isHolder(value)) return value[held]()
  return isPlainObject(value) ? Object.values(value) : []
}

function isHolder(value: object): value is { [held](): Iterable<unknown> } {
  return held in value
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
