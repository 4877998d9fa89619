// What a user may choose about a back end, by option or by environment variable, and what is refused.
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/backends/wasm/options.ts'
import { openBackend } from '../../src/index.ts'

test('options win over the environment', () => {
  const environment = { VITRINE_KERNELS: 'simd128', VITRINE_V8_FLAGS: '1' }
  expect(resolveOptions({}, environment)).toMatchObject({ kernels: 'simd128', v8Flags: true })
  expect(resolveOptions({ kernels: 'relaxed', v8Flags: false }, environment)).toMatchObject({
    kernels: 'relaxed',
    v8Flags: false,
  })
  expect(resolveOptions({}, { VITRINE_KERNELS: '', VITRINE_V8_FLAGS: '0' })).toMatchObject({
    kernels: undefined,
    v8Flags: false,
  })
})

test('threads are as many as cores unless somebody says otherwise', () => {
  expect(resolveOptions({}, {}).threads).toBe(availableParallelism())
  expect(resolveOptions({}, { VITRINE_THREADS: '3' }).threads).toBe(3)
  expect(resolveOptions({ threads: 2 }, { VITRINE_THREADS: '3' }).threads).toBe(2)
})

test.each([
  [{ VITRINE_THREADS: 'two' }, 'VITRINE_THREADS'],
  [{ VITRINE_THREADS: '0' }, 'VITRINE_THREADS'],
  [{ VITRINE_KERNELS: 'avx' }, 'VITRINE_KERNELS'],
  [{ VITRINE_V8_FLAGS: 'yes' }, 'VITRINE_V8_FLAGS'],
])('%j is refused', (environment, name) => {
  expect(() => resolveOptions({}, environment)).toThrow(expect.objectContaining({ code: 'OPTION_VALUE' }))
  expect(() => resolveOptions({}, environment)).toThrow(name)
})

test('maximumPages is a whole number of pages', async () => {
  for (const maximumPages of [0, 1.5, 70000, Number.NaN]) {
    await expect(openBackend('wasm', { maximumPages })).rejects.toMatchObject({ code: 'OPTION_VALUE' })
  }
})

test('threads is a whole number from 1 on', async () => {
  for (const threads of [0, -1, 1.5, 1000, Number.NaN]) {
    await expect(openBackend('wasm', { threads })).rejects.toMatchObject({ code: 'OPTION_VALUE' })
  }
})

test('an unknown option is refused by name, with the nearest one', async () => {
  const misspelt: object = { v8flags: true }
  await expect(openBackend('wasm', misspelt)).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
  await expect(openBackend('wasm', misspelt)).rejects.toThrow("did you mean 'v8Flags'?")
  await expect(openBackend('reference', { v8Flags: true })).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
})

test('a back end tells what it has chosen, and who has chosen it', async () => {
  using backend = await openBackend('wasm', { threads: 1, kernels: 'simd128', maximumPages: 16384 })
  expect(backend.facts).toMatchObject({
    kernels: 'simd128 (128-bit SIMD)',
    "V8's flags": 'none',
    tiles: '4 rows x 8 columns',
    int8: '2 inputs at a time (16-bit dot product)',
    threads: expect.stringMatching(/^1 \(option threads; /),
    'memory limit': '1.00 GiB',
  })
  using reference = await openBackend('reference')
  expect(reference.facts).toEqual({ kernels: 'plain TypeScript: the definitions', threads: 1 })
  expect(resolveOptions({}, { VITRINE_THREADS: '3' }).threadsReason).toBe('environment')
})
