// The heap of the wasm back end: blocks never overlap, freed memory comes back, and running out is an error one survives.
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { ReferenceBackend } from '../../src/backends/reference.ts'
import { Heap } from '../../src/backends/wasm/memory.ts'
import { WasmBackend } from '../../src/backends/wasm/wasm.ts'

const newHeap = (maximum = 64) => new Heap(new WebAssembly.Memory({ initial: 1, maximum, shared: true }), 100, maximum)

test('blocks are aligned, do not overlap and lie inside the memory', () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.boolean()), { maxLength: 60 })
  fc.assert(
    fc.property(sizes, list => {
      const heap = newHeap(1024)
      const blocks: { address: number; bytes: number }[] = []
      for (const [bytes, isFreed] of list) {
        const address = heap.allocate(bytes)
        expect(address % 64).toBe(0)
        expect(address).toBeGreaterThanOrEqual(128)
        expect(address + bytes).toBeLessThanOrEqual(heap.memory.buffer.byteLength)
        for (const other of blocks) {
          expect(address + bytes <= other.address || other.address + other.bytes <= address || bytes === 0).toBe(true)
        }
        blocks.push({ address, bytes })
        if (isFreed) {
          const [freed] = blocks.splice(0, 1)
          heap.release(freed!.address, freed!.bytes)
        }
      }
      for (const { address, bytes } of blocks) heap.release(address, bytes)
      expect(heap.used).toBe(0)
    }),
    { seed: 20261124, numRuns: 200 },
  )
})

test.each([Number.NaN, -4, 1.5, Infinity, 2 ** 54])('%s is no number of bytes', bytes => {
  const heap = newHeap()
  expect(() => heap.allocate(bytes)).toThrow(expect.objectContaining({ code: 'BAD_SIZE' }))
  expect([heap.allocate(8), heap.allocate(8)]).toEqual([128, 192])
  expect(heap.used).toBe(128)
})

test('equal requests in equal order get equal addresses', () => {
  const heap = newHeap()
  const round = () => {
    const addresses = [100, 5000, 64, 100].map(bytes => heap.allocate(bytes))
    for (const [i, bytes] of [100, 5000, 64, 100].entries()) heap.release(addresses[i]!, bytes)
    return addresses
  }
  round()
  const second = round()
  expect(round().sort()).toEqual(second.sort())
})

test('pieces that were freed side by side serve a larger request when the memory cannot grow', () => {
  const heap = newHeap(2)
  const pieces = Array.from({ length: 100 }, () => heap.allocate(1024))
  for (const address of pieces) heap.release(address, 1024)
  expect(() => heap.allocate(90 * 1024)).not.toThrow()
  expect(() => heap.allocate(60 * 1024)).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }))
  expect(() => heap.allocate(1024)).not.toThrow()
})

test('the reference back end says that it has no memory, and goes on working', () => {
  using backend = new ReferenceBackend()
  const full = class {
    constructor() {
      throw new RangeError('Array buffer allocation failed')
    }
  }
  vi.stubGlobal('Uint8Array', full)
  const tooLarge = () => backend.zeros([2 ** 30])
  expect(tooLarge).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY', fields: { needed: 2 ** 32 } }))
  vi.unstubAllGlobals()
  expect([backend.live, backend.bytes]).toEqual([0, 0])
  expect(backend.ones([2]).tolist()).toEqual([1, 1])
})

test('a back end that ran out of memory says what was needed, and goes on working', () => {
  const backend = WasmBackend.open({ maximumPages: 64 })
  const { live } = backend
  const tooLarge = () => backend.scope(() => backend.zeros([1024, 1024]).add(1))
  expect(tooLarge).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }))
  expect(tooLarge).toThrow('of at most 4194304 are in use')
  expect(backend.live).toBe(live)
  expect(backend.scope(() => backend.full([256, 256], 2).sum().item())).toBe(131072)
})
