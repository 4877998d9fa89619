// The keys and values of the tokens a model has already read, so that the next token costs one step and not all of them.
import { ShapeError, VitrineError } from '../errors.ts'
import { shapeText } from '../shape.ts'
import { Tensor } from '../tensor/tensor.ts'

/** One layer's keys and values: two tensors (B, H, capacity, D) whose first `length` rows are filled. */
export class LayerCache {
  readonly #reserve: number
  #keys: Tensor | undefined
  #values: Tensor | undefined
  #length = 0

  /** Room for `reserve` tokens is made at the first append, and more when that is full. */
  constructor(reserve = 0) {
    this.#reserve = reserve
  }

  /** Tokens in the cache. */
  get length(): number {
    return this.#length
  }

  /** A copy of the keys (B, H, length, D). Throws VitrineError CACHE_EMPTY. */
  get keys(): Tensor {
    return this.#filled(this.#keys)
  }

  /** A copy of the values (B, H, length, D). Throws VitrineError CACHE_EMPTY. */
  get values(): Tensor {
    return this.#filled(this.#values)
  }

  #filled(cache: Tensor | undefined): Tensor {
    if (!cache) throw new VitrineError('CACHE_EMPTY', 'cache: nothing has been read yet')
    return cache.slice(2, 0, this.#length)
  }

  /** Puts the keys and values (B, H, T, D) of new tokens behind the others. Throws ShapeError SHAPE when they do not fit. */
  append(k: Tensor, v: Tensor): { keys: Tensor; values: Tensor; length: number } {
    const keys = this.#appended(this.#keys, k)
    const values = this.#appended(this.#values, v)
    this.#keys = keys
    this.#values = values
    this.#length += k.shape[2]!
    return { keys, values, length: this.#length }
  }

  #appended(cache: Tensor | undefined, x: Tensor): Tensor {
    const room = this.#withRoom(cache, x)
    return written(room, x, this.#length)
  }

  /** The cache itself when x still fits behind it, else a larger one that begins with the same rows, outside of all scopes. */
  #withRoom(cache: Tensor | undefined, x: Tensor): Tensor {
    const [B, H, T, D] = x.dims4()
    const capacity = cache?.shape[2] ?? 0
    if (cache && x.shape.some((size, dim) => dim !== 2 && size !== cache.shape[dim])) {
      const message = `cache: new rows ${shapeText(x.shape)} do not fit behind those of shape ${shapeText(cache.shape)}`
      throw new ShapeError('SHAPE', message)
    }
    if (this.#length + T <= capacity) return cache!
    const larger = x.backend.zeros([B, H, Math.max(this.#reserve, this.#length + T, 2 * capacity), D]).keep()
    if (!cache) return larger
    const grown = written(larger, this.#filled(cache), 0)
    cache.dispose()
    return grown
  }

  /** Forgets all tokens from `length` on. */
  crop(length: number): void {
    this.#length = Math.min(this.#length, Math.max(length, 0))
  }

  dispose(): void {
    this.#keys?.dispose()
    this.#values?.dispose()
    this.#keys = undefined
    this.#values = undefined
    this.#length = 0
  }
}

/** `cache` with the rows of x written behind its first `filled` ones. */
function written(cache: Tensor, x: Tensor, filled: number): Tensor {
  const [B, H, capacity, D] = cache.dims4()
  const sizes = { blocks: B * H, capacity, filled, added: x.shape[2]!, inner: D }
  const storage = cache.backend.append(cache.storage, x.reshape(x.shape).storage, sizes)
  if (storage === cache.storage) return cache
  cache.dispose()
  return new Tensor(storage, cache.shape).keep()
}

/** The caches of all layers (Hugging Face's DynamicCache): hand it to `forward` as past_key_values and free it at the end. */
export class DynamicCache {
  readonly layers: readonly LayerCache[]

  /** `reserve` is the number of tokens there will be in the end, when that is known: saves growing. */
  constructor(layers: number, reserve = 0) {
    this.layers = Array.from({ length: layers }, () => new LayerCache(reserve))
  }

  /** Tokens in the cache. */
  get_seq_length(): number {
    return this.layers[0]?.length ?? 0
  }

  /** Forgets all tokens from `length` on. */
  crop(length: number): void {
    for (const layer of this.layers) layer.crop(length)
  }

  dispose(): void {
    for (const layer of this.layers) layer.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
