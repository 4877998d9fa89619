// The cache of keys and values: what goes in comes out, also after cropping, reordering, repeating and copying.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Backend, DynamicCache, GPT2LMHeadModel, openBackend, type Tensor } from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'

/** (B, H, T, D) of different numbers. */
function numbered(backend: Backend, [B, H, T, D]: [number, number, number, number], first = 0): Tensor {
  const values = Float32Array.from({ length: B * H * T * D }, (_, i) => first + i)
  return backend.tensor(values, { shape: [B, H, T, D] })
}

onEachBackend('DynamicCache', backend => {
  test('keys and values of several steps stand behind each other', () => {
    using cache = new DynamicCache()
    const [k, v] = [numbered(backend, [2, 2, 3, 2]), numbered(backend, [2, 2, 3, 2], 100)]
    for (const [start, end] of [
      [0, 1],
      [1, 3],
    ] as const) {
      for (const layer of [0, 1]) cache.update(k.slice(2, start, end), v.slice(2, start, end), layer)
    }
    expect(cache.get_seq_length()).toBe(3)
    expect(cache.length).toBe(2)
    expect(cache[1]![0].tolist()).toEqual(k.tolist())
    expect(cache[1]![1].tolist()).toEqual(v.tolist())
    expect(cache[2]).toBeUndefined()
    expect([...cache].map(pair => pair.map(String))).toEqual(cache.to_legacy_cache().map(pair => pair.map(String)))
  })

  test('crop counts from the front, or from the end', () => {
    using cache = new DynamicCache({ reserve: 9 })
    const k = numbered(backend, [1, 1, 5, 2])
    cache.update(k, k, 0)
    cache.crop(4)
    cache.crop(-1)
    expect(cache.get_seq_length()).toBe(3)
    cache.crop(8)
    expect(cache.layers[0]!.keys.tolist()).toEqual(k.slice(2, 0, 3).tolist())
    cache.reset()
    expect(cache.get_seq_length()).toBe(0)
  })

  test('texts of a batch are reordered, repeated and left out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat({ max: 3 }), { minLength: 1 }), (B, wanted) => {
        const rows = wanted.map(row => row % B)
        using cache = new DynamicCache({ reserve: 4 })
        const k = numbered(backend, [B, 2, 3, 2])
        cache.update(k, k, 0)
        cache.reorder_cache(Int32Array.from(rows))
        const before = k.tolist() as number[][][][]
        expect(cache[0]![1].tolist()).toEqual(rows.map(row => before[row]))
        const more = numbered(backend, [rows.length, 2, 1, 2], 50)
        expect(cache.update(more, more, 0)[0].shape).toEqual([rows.length, 2, 4, 2])
      }),
      { numRuns: 20 },
    )
  })

  test('batch_repeat_interleave and batch_select_indices', () => {
    using cache = new DynamicCache()
    const k = numbered(backend, [2, 1, 1, 1])
    cache.update(k, k, 0)
    cache.batch_repeat_interleave(2)
    expect(Array.from(cache[0]![0].data)).toEqual([0, 0, 1, 1])
    cache.batch_select_indices(backend.tensor([3, 0], { dtype: 'int32' }))
    expect(Array.from(cache[0]![0].data)).toEqual([1, 0])
    expect(() => cache.batch_select_indices([2])).toThrow(expect.objectContaining({ code: 'CACHE_ROWS' }))
    expect(() => cache.reorder_cache([-1])).toThrow('there is no text -1 in a batch of 2')
    expect(Array.from(cache[0]![0].data)).toEqual([1, 0])
  })

  test('a copy goes its own way, and everything is freed at the end', () => {
    const { live } = backend
    backend.scope(() => {
      using cache = DynamicCache.from_legacy_cache([[numbered(backend, [1, 1, 2, 2]), numbered(backend, [1, 1, 2, 2])]])
      using copy = cache.clone()
      copy.update(numbered(backend, [1, 1, 1, 2], 9), numbered(backend, [1, 1, 1, 2], 9), 0)
      expect(cache.get_seq_length()).toBe(2)
      expect(copy.get_seq_length()).toBe(3)
      expect(Array.from(copy[0]![0].data)).toEqual([0, 1, 2, 3, 9, 10])
      cache.reorder_cache([0, 0])
      expect(copy.layers[0]!.rows).toBe(1)
    })
    expect(backend.live).toBe(live)
  })

  test('an empty or unfitting cache is refused', () => {
    using cache = new DynamicCache()
    expect(() => cache.layer(0).keys).toThrow(expect.objectContaining({ code: 'CACHE_EMPTY' }))
    const k = numbered(backend, [1, 2, 1, 2])
    cache.update(k, k, 0)
    const two = numbered(backend, [2, 2, 1, 2])
    expect(() => cache.update(two, two, 0)).toThrow(
      expect.objectContaining({ code: 'SHAPE', message: expect.stringContaining('do not fit behind') }),
    )
    expect(() => cache.update(two, k, 0)).toThrow(
      expect.objectContaining({ code: 'SHAPE', message: 'cache: keys (2, 2, 1, 2) and values (1, 2, 1, 2) differ' }),
    )
  })

  test('a cache that was disposed of, or is of another back end, takes nothing', async () => {
    const k = numbered(backend, [1, 1, 1, 2])
    for (const before of [0, 1]) {
      const cache = new DynamicCache()
      if (before) cache.update(k, k, 0)
      cache.dispose()
      cache.dispose()
      expect(() => cache.update(k, k, 0)).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
    }
    using cache = new DynamicCache()
    cache.update(k, k, 0)
    using other = await openBackend('reference')
    const foreign = numbered(other, [1, 1, 1, 2])
    expect(() => cache.update(foreign, foreign, 0)).toThrow(expect.objectContaining({ code: 'BACKEND_MISMATCH' }))
  })

  test('rows that swap places in a cache go on as if they had been read there', () => {
    const config = { model_type: 'gpt2', vocab_size: 31, n_positions: 9, n_embd: 8, n_layer: 2, n_head: 2 }
    const model = GPT2LMHeadModel.from_config(config, { seed: 3, backend })
    const last = (cache: DynamicCache, ids: number[][]) =>
      Array.from(model.forward({ input_ids: ids, past_key_values: cache }).logits.data)
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ]
    using swapped = new DynamicCache()
    last(swapped, rows)
    swapped.reorder_cache([1, 0, 1])
    using straight = new DynamicCache()
    last(straight, [rows[1]!, rows[0]!, rows[1]!])
    const next = [[7], [8], [9]]
    expect(last(swapped, next)).toEqual(last(straight, next))
  })
})
