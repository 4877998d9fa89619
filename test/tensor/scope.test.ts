// Memory: scopes free what they should and nothing else, also after a throw; freed tensors say so.
import fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import type { Tensor } from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'

onEachBackend('scope', backend => {
  test('everything made inside is freed, but for what is returned', () => {
    const before = backend.live
    const [kept, { inner }] = backend.scope(() => {
      const a = backend.tensor([1, 2, 3])
      const b = a.add(1).mul(2)
      return [b, { inner: a.neg() }] as const
    })
    expect(backend.live).toBe(before + 2)
    expect(kept.tolist()).toEqual([4, 6, 8])
    expect(inner.tolist()).toEqual([-1, -2, -3])
    kept.dispose()
    inner.dispose()
    expect(backend.live).toBe(before)
  })

  test('scopes nest: what the inner one returns belongs to the outer one', () => {
    const before = backend.live
    const sum = backend.scope(() => {
      const a = backend.scope(() => backend.tensor([1, 2]).add(1))
      expect(backend.live).toBe(before + 1)
      return a.sum().item()
    })
    expect(sum).toBe(5)
    expect(backend.live).toBe(before)
  })

  test('a view keeps its storage, and the storage is freed once', () => {
    const before = backend.live
    const view = backend.scope(() => backend.tensor([1, 2, 3, 4]).reshape([2, 2]))
    expect(view.tolist()).toEqual([
      [1, 2],
      [3, 4],
    ])
    const same = view.reshape([4])
    view.dispose()
    view.dispose()
    expect(backend.live).toBe(before)
    expect(() => same.data).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
    expect(String(same)).toContain('disposed')
  })

  test('keep() takes a tensor out of all scopes', () => {
    let held: Tensor | undefined
    backend.scope(() => {
      backend.scope(() => {
        held = backend.tensor([5]).keep()
      })
    })
    expect(held?.item()).toBe(5)
    held?.dispose()
  })

  test('a throw inside leaves nothing behind', () => {
    const before = backend.live
    const fail = () =>
      backend.scope(() => {
        backend.tensor([1]).add(1)
        throw new Error('stop')
      })
    expect(fail).toThrow('stop')
    expect(backend.live).toBe(before)
    expect(backend.scope(() => backend.tensor([2]).item())).toBe(2)
  })

  test('an async body is refused by the type checker, and when it runs', async () => {
    type Body = Parameters<typeof backend.scope<Promise<number>>>[0]
    expectTypeOf<() => Promise<number>>().not.toExtend<Body>()
    const before = backend.live
    const body = (() => Promise.resolve(backend.tensor([1]))) as () => never
    expect(() => backend.scope(body)).toThrow(expect.objectContaining({ code: 'ASYNC_SCOPE' }))
    expect(backend.live).toBe(before)
  })

  test('`using` frees at the end of the block', () => {
    const before = backend.live
    {
      using x = backend.tensor([1, 2])
      expect(x.sum().item()).toBe(3)
    }
    expect(backend.live).toBeLessThanOrEqual(before + 1)
  })

  test('any nest of scopes, throws and keeps leaves `live` as it found it', () => {
    const actions = fc.array(fc.constantFrom('make', 'open', 'return', 'throw', 'view'), { maxLength: 30 })
    fc.assert(
      fc.property(actions, list => {
        const before = backend.live
        const run = (rest: string[]): Tensor | undefined => {
          let last: Tensor | undefined
          for (let action = rest.shift(); action !== undefined; action = rest.shift()) {
            if (action === 'make') last = backend.tensor([1, 2, 3])
            if (action === 'view') last = last?.reshape([3, 1])
            if (action === 'return') return last
            if (action === 'throw') throw new Error('stop')
            if (action === 'open') last = backend.scope(() => run(rest))
          }
          return undefined
        }
        try {
          backend.scope(() => {
            run([...list])
          })
        } catch (error) {
          expect(error).toMatchObject({ message: 'stop' })
        }
        expect(backend.live).toBe(before)
      }),
      { seed: 20261124, numRuns: 300 },
    )
  })

  test('equal steps reuse memory: it does not grow', () => {
    const step = () =>
      backend.scope(() => {
        const x = backend.full([64, 64], 0.5)
        return x.matmul(x).softmax().sum().item()
      })
    step()
    const { bytes } = backend
    for (let i = 0; i < 200; i++) step()
    expect(backend.bytes).toBe(bytes)
  })
})
