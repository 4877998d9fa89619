// The keys and values of the tokens a model has already read, so that the next token costs one step and not all of
// them.
import { ShapeError, VitrineError } from '../errors.ts'
import { sameShape, shapeText } from '../shape.ts'
import { Tensor } from '../tensor/tensor.ts'

/** One layer's keys and values: two tensors (B, H, capacity, D) whose first `length` rows are filled. */
export class LayerCache {
  readonly #reserve: number
  #keys: Tensor | undefined
  #values: Tensor | undefined
  #length = 0
  #disposed = false

  /** Room for `reserve` tokens is made at the first append, and more when that is full. */
  constructor(reserve = 0) {
    this.#reserve = reserve
  }

  /** Tokens in the cache. */
  get length(): number {
    return this.#length
  }

  /** Texts in the batch; 0 before the first append. */
  get rows(): number {
    return this.#keys?.shape[0] ?? 0
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

  /**
   * Puts the keys and values (B, H, T, D) of new tokens behind the others. Throws ShapeError SHAPE when they do not
   * fit, VitrineError BACKEND_MISMATCH and DISPOSED.
   */
  append(k: Tensor, v: Tensor): { keys: Tensor; values: Tensor; length: number } {
    if (this.#disposed) throw new VitrineError('DISPOSED', 'cache: it was disposed of', { hint: 'make a new one' })
    if (!sameShape(k.shape, v.shape)) {
      throw new ShapeError('SHAPE', `cache: keys ${shapeText(k.shape)} and values ${shapeText(v.shape)} differ`)
    }
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

  /**
   * The cache itself when x still fits behind it, else a larger one that begins with the same rows, outside of all
   * scopes.
   */
  #withRoom(cache: Tensor | undefined, x: Tensor): Tensor {
    const [B, H, T, D] = x.dims4()
    const capacity = cache?.shape[2] ?? 0
    if (cache && cache.backend !== x.backend) {
      const message = `cache: it is of the back end ${cache.backend.name}, the new rows are of ${x.backend.name}`
      throw new VitrineError('BACKEND_MISMATCH', message)
    }
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

  /** Takes texts `rows[0]`, `rows[1]` and so on of the batch for the new one; they may repeat, or be left out. */
  select(rows: readonly number[]): void {
    const before = [this.#keys, this.#values]
    this.#keys = rowsOf(this.#keys, rows)
    this.#values = rowsOf(this.#values, rows)
    for (const tensor of before) tensor?.dispose()
  }

  /** A copy with memory of its own. */
  clone(): LayerCache {
    const copy = new LayerCache(this.#reserve)
    const all = Array.from({ length: this.rows }, (_, row) => row)
    copy.#keys = rowsOf(this.#keys, all)
    copy.#values = rowsOf(this.#values, all)
    copy.#length = this.#length
    return copy
  }

  dispose(): void {
    this.#keys?.dispose()
    this.#values?.dispose()
    this.#keys = undefined
    this.#values = undefined
    this.#length = 0
    this.#disposed = true
  }
}

/** `cache` with the rows of x written behind its first `filled` ones. */
function written(cache: Tensor, x: Tensor, filled: number): Tensor {
  return cache.append(x, filled).keep()
}

/** A new tensor, outside of all scopes, of these rows (the first dim) of `cache`. */
function rowsOf(cache: Tensor | undefined, rows: readonly number[]): Tensor | undefined {
  if (!cache) return undefined
  const [B, ...inner] = cache.shape
  return cache.backend.scope(() => {
    const ids = cache.backend.tensor(Int32Array.from(rows))
    const table = cache.reshape([B!, inner.reduce((a, b) => a * b, 1)])
    return table
      .embedding(ids)
      .reshape([rows.length, ...inner])
      .keep()
  })
}

/** The form that older code has: a pair of keys and values, (B, H, S, D) each, for every layer. */
export type LegacyCache = readonly (readonly [keys: Tensor, values: Tensor])[]

/**
 * The caches of all layers (Hugging Face's DynamicCache): hand it to `forward` as past_key_values and free it at the
 * end. `cache[3]` is a copy of the fourth layer's keys and values.
 */
export class DynamicCache {
  readonly [layer: number]: readonly [keys: Tensor, values: Tensor]
  readonly layers: LayerCache[] = []
  readonly #reserve: number
  #disposed = false

  /** `reserve` is the number of tokens there will be in the end, when that is known: saves growing. */
  constructor({ reserve = 0 }: { reserve?: number } = {}) {
    this.#reserve = reserve
  }

  /** A cache that begins with copies of these keys and values. Throws ShapeError SHAPE or RANK. */
  static from_legacy_cache(past: LegacyCache): DynamicCache {
    const cache = new DynamicCache()
    for (const [layer, [keys, values]] of past.entries()) cache.layer(layer).append(keys, values)
    return cache
  }

  /** Copies of the keys and values of all layers. */
  to_legacy_cache(): [keys: Tensor, values: Tensor][] {
    return this.layers.map(({ keys, values }) => [keys, values])
  }

  /** The cache of one layer, made when it is first asked for. */
  layer(index: number): LayerCache {
    while (this.layers.length <= index) {
      const layer = new LayerCache(this.#reserve)
      if (this.#disposed) layer.dispose()
      this.#add(layer)
    }
    return this.layers[index]!
  }

  #add(layer: LayerCache): void {
    const pair = { get: () => [layer.keys, layer.values], configurable: true }
    Object.defineProperty(this, this.layers.length, pair)
    this.layers.push(layer)
  }

  /** Layers that have been read into. */
  get length(): number {
    return this.layers.length
  }

  *[Symbol.iterator](): Generator<readonly [keys: Tensor, values: Tensor]> {
    for (const { keys, values } of this.layers) yield [keys, values]
  }

  /** Puts the keys and values (B, H, T, D) of new tokens into a layer and gives copies of all it has. */
  update(keys: Tensor, values: Tensor, layer: number): [keys: Tensor, values: Tensor] {
    const cache = this.layer(layer)
    cache.append(keys, values)
    return [cache.keys, cache.values]
  }

  /** Tokens in a layer's cache. */
  get_seq_length(layer = 0): number {
    return this.layers[layer]?.length ?? 0
  }

  /** Forgets all tokens from `length` on; a negative number forgets so many at the end. */
  crop(length: number): void {
    for (const layer of this.layers) layer.crop(length < 0 ? layer.length + length : length)
  }

  /** Forgets all tokens and keeps the memory. */
  reset(): void {
    this.crop(0)
  }

  /** Takes these texts of the batch, in this order, for the new batch. Throws VitrineError CACHE_ROWS. */
  batch_select_indices(rows: Tensor | ArrayLike<number>): void {
    const list = Array.from(rows instanceof Tensor ? rows.data : rows)
    for (const layer of this.layers) {
      const bad = list.find(row => !Number.isInteger(row) || row < 0 || row >= layer.rows)
      if (bad !== undefined && layer.rows > 0) {
        throw new VitrineError('CACHE_ROWS', `cache: there is no text ${bad} in a batch of ${layer.rows}`)
      }
    }
    for (const layer of this.layers) if (!isWhole(list, layer.rows)) layer.select(list)
  }

  /** After a step of beam search: row i goes on from what row `beam_idx[i]` was. Throws VitrineError CACHE_ROWS. */
  reorder_cache(beam_idx: Tensor | ArrayLike<number>): void {
    this.batch_select_indices(beam_idx)
  }

  /** Each text `repeats` times, one after the other. */
  batch_repeat_interleave(repeats: number): void {
    const rows = this.layers[0]?.rows ?? 0
    this.batch_select_indices(Array.from({ length: rows * repeats }, (_, i) => Math.floor(i / repeats)))
  }

  /** A copy with memory of its own: to go on from one text in several ways. */
  clone(): DynamicCache {
    const copy = new DynamicCache({ reserve: this.#reserve })
    for (const layer of this.layers) copy.#add(layer.clone())
    return copy
  }

  /** Frees the memory; the cache takes no more tokens. */
  dispose(): void {
    this.#disposed = true
    for (const layer of this.layers) layer.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/** True for 0, 1, 2, ... to the last of so many rows: nothing to do. */
function isWhole(list: readonly number[], rows: number): boolean {
  return list.length === rows && list.every((row, i) => row === i)
}
