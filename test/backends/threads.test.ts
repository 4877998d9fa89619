// Threads: they change no bit of a result, start when they pay, fail without harm, and never keep a process alive.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { KernelStorage } from '../../src/backends/kernelMemory.ts'
import type { Tuning } from '../../src/backends/wasm/dispatch.ts'
import { WasmBackend } from '../../src/backends/wasm/wasm.ts'
import { type Backend, GPT2LMHeadModel } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const opened: WasmBackend[] = []

async function open(threads: number, tuning: Partial<Tuning> = {}): Promise<WasmBackend> {
  const backend = WasmBackend.open({ threads }, { leastShared: 0, startAfter: 0, ...tuning })
  opened.push(backend)
  await backend.startThreads()
  return backend
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  for (const backend of opened.splice(0)) backend[Symbol.dispose]()
})

/** Something with many parts. */
const product = (backend: Backend): number =>
  backend.scope(() => {
    const x = backend.full([40, 300], 0.5)
    return x
      .linear(backend.full([300, 300], 2))
      .sum()
      .item()
  })
const productValue = 40 * 300 * 300

/**
 * Computes until a worker takes a part and fails; the milliseconds for which the failing call waited, as many as it meant to,
 * because on a busy machine every wait takes longer.
 */
function crash(backend: Backend): number {
  const wait = vi.spyOn(Atomics, 'wait')
  for (let tries = 0; tries < 20_000; tries++) {
    wait.mockClear()
    try {
      expect(product(backend)).toBe(productValue)
    } catch (error) {
      expect(error).toMatchObject({ code: 'WORKER_CRASHED' })
      return wait.mock.calls.reduce((sum, [, , , milliseconds = 0]) => sum + milliseconds, 0)
    }
  }
  throw new Error('no worker took a part')
}

test('any number of threads gives the same bits', async () => {
  let expected: number[] | undefined
  for (const threads of [1, 2, 3, 7, 64]) {
    const backend = await open(threads)
    const model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
    // On a busy machine the workers may come too late for the first rounds.
    for (let round = 0; round < 3 || (threads > 1 && backend.sharedParts === 0 && round < 3000); round++) {
      const { logits, past_key_values } = model.forward({ input_ids: [[5, 17, 42, 99, 120, 7]], use_cache: true })
      const next = model.forward({ input_ids: [[3]], past_key_values: past_key_values! })
      const actual = [...logits.data, ...next.logits.data]
      for (const tensor of [logits, next.logits, past_key_values]) tensor?.dispose()
      expected ??= actual
      expect(actual).toEqual(expected)
    }
    if (threads > 1) expect(backend.sharedParts).toBeGreaterThan(0)
    backend[Symbol.dispose]()
  }
})

test('a tiny model starts no threads, and one with much to do starts them by itself', async () => {
  const backend = WasmBackend.open({ threads: 2 }, { startAfter: 1e6 })
  opened.push(backend)
  backend.scope(() => backend.full([10, 10], 1).matmul(backend.full([10, 10], 1)))
  expect(backend.runningThreads).toBe(1)
  for (let i = 0; i < 400 && backend.runningThreads === 1; i++) {
    expect(product(backend)).toBe(productValue)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  expect(backend.runningThreads).toBe(2)
})

describe.each(['throws', 'exits', 'silent'])('a worker that %s', mode => {
  test('rejects the job within a second, and the next one runs', async () => {
    const worker = new URL(`./workers/${mode}.js`, import.meta.url)
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const backend = await open(2, { worker })
    const { live, bytes } = backend
    expect(crash(backend)).toBeLessThan(1000)
    expect([backend.live, backend.bytes]).toEqual([live, bytes])
    expect(product(backend)).toBe(productValue)
    // It is started anew once; when that one fails too, the rest goes on alone, with one warning.
    await backend.startThreads()
    crash(backend)
    for (let i = 0; i < 3; i++) expect(product(backend)).toBe(productValue)
    expect(backend.runningThreads).toBe(1)
  })
})

test('memory that a lost worker may write to is not used before it has ended', async () => {
  const worker = new URL('./workers/silent.js', import.meta.url)
  const backend = await open(2, { worker })
  crash(backend)
  const addressOf = () => {
    const tensor = backend.zeros([40, 300])
    tensor.dispose()
    return tensor.storage instanceof KernelStorage ? tensor.storage.ref : undefined
  }
  const first = addressOf()
  expect(addressOf()).not.toBe(first)
  await new Promise(resolve => setTimeout(resolve, 300))
  const later = addressOf()
  expect(addressOf()).toBe(later)
})

test.each([
  ['SharedArrayBuffer is missing', {}, () => vi.stubGlobal('SharedArrayBuffer', undefined)],
  ['workers do not start', { worker: new URL('./workers/broken.js', import.meta.url) }, () => {}],
])('one thread computes, with one warning, where %s', async (_, tuning, prepare) => {
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const backend = WasmBackend.open({ threads: 2 }, { leastShared: 0, startAfter: 0, ...tuning })
  opened.push(backend)
  prepare()
  for (let i = 0; i < 60; i++) {
    expect(product(backend)).toBe(productValue)
    await new Promise(resolve => setTimeout(resolve, 10))
    if (warnings.mock.calls.length > 0 && i > 5) break
  }
  expect(backend.runningThreads).toBe(1)
  expect(warnings.mock.calls.length).toBeLessThanOrEqual(1)
})

test('workers with nothing to do sleep, and disposing of the back end ends them', async () => {
  const backend = await open(3)
  expect(backend.runningThreads).toBe(3)
  expect(product(backend)).toBe(productValue)
  const before = process.cpuUsage()
  await new Promise(resolve => setTimeout(resolve, 400))
  const { user, system } = process.cpuUsage(before)
  // Two workers that look out would take 800 ms of two cores.
  expect((user + system) / 1000).toBeLessThan(200)
  const terminate = vi.spyOn(Worker.prototype, 'terminate')
  backend.dispose()
  expect(terminate).toHaveBeenCalledTimes(2)
  const codes = await Promise.all(terminate.mock.results.map(({ value }) => value as Promise<number | undefined>))
  expect(codes).toHaveLength(2)
})

test('as many threads as VITRINE_THREADS says, in a process that ends by itself', () => {
  const url = new URL('../../dist/src/index.js', import.meta.url)
  const program = `
    const { openBackend } = await import('${url}')
    const backend = await openBackend()
    await backend.startThreads()
    process.stdout.write(String(backend.runningThreads))`
  const env = { ...process.env, VITRINE_THREADS: '2' }
  const options = { encoding: 'utf8', timeout: 20_000, env } as const
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], options)
  expect({ stdout, status }).toEqual({ stdout: '2', status: 0 })
})

test('a process with threads ends by itself', () => {
  const url = new URL('../../dist/src/backends/wasm/wasm.js', import.meta.url)
  const program = `
    const { WasmBackend } = await import('${url}')
    const backend = WasmBackend.open({ threads: 3 }, { leastShared: 0, startAfter: 0 })
    await backend.startThreads()
    backend.scope(() => backend.full([40, 300], 1).linear(backend.full([300, 300], 1)))
    process.stdout.write(String(backend.runningThreads))`
  const options = { encoding: 'utf8', timeout: 20_000, cwd: fileURLToPath(new URL('../..', import.meta.url)) } as const
  const { stdout, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], options)
  expect({ stdout, status, stderr }).toEqual({ stdout: '3', status: 0, stderr: '' })
})
