// Every suite that concerns a back end runs on all of them, and on the wasm back end in each way it can compute.
import { afterAll, beforeAll, describe } from 'vitest'
import { backendNames } from '../src/backends/index.ts'
import { ReferenceBackend } from '../src/backends/reference.ts'
import { loadTfjs } from '../src/backends/tfjs/load.ts'
import { TfjsBackend } from '../src/backends/tfjs/tfjs.ts'
import { WasmBackend } from '../src/backends/wasm/wasm.ts'
import { VitrineError } from '../src/errors.ts'
import type { Backend, BackendName } from '../src/index.ts'

/** How far numbers of models may be from Hugging Face's, on each back end. */
export const tolerances: Readonly<Record<BackendName, number>> = { reference: 1e-5, wasm: 5e-5, tfjs: 5e-5 }

/** Why the tests on the back end tfjs are left out; undefined when tfjs-node is there. leftOut.ts says so at the end. */
export function tfjsMissing(): string | undefined {
  try {
    loadTfjs()
    return undefined
  } catch (error) {
    if (error instanceof VitrineError && error.code === 'BACKEND_MISSING') return error.message
    throw error
  }
}

/** The back ends of this machine. */
export const backendsHere = backendNames.filter(name => name !== 'tfjs' || tfjsMissing() === undefined)

interface Variant {
  readonly title: string
  readonly name: BackendName
  readonly open: () => Backend
}

/** Shares everything that has two units, from the first call on. */
const sharesAll = { leastShared: 0, startAfter: 0 }

/** `wasm` is what a user gets; the others are what another machine, a flag or more threads would make of it. */
const variants: readonly Variant[] = [
  { title: 'reference', name: 'reference', open: () => new ReferenceBackend() },
  { title: 'wasm', name: 'wasm', open: () => WasmBackend.open() },
  {
    title: 'wasm with 128-bit vectors',
    name: 'wasm',
    open: () => WasmBackend.open({ kernels: 'simd128', threads: 1 }),
  },
  {
    title: "wasm with V8's flags and 3 threads",
    name: 'wasm',
    open: () => WasmBackend.open({ v8Flags: true, threads: 3 }, sharesAll),
  },
  { title: 'tfjs', name: 'tfjs', open: () => TfjsBackend.open() },
]

/** Describes a suite once for each back end and variant, with a back end opened for it. */
export function onEachBackend(title: string, suite: (backend: Backend, name: BackendName) => void): void {
  describeOn(variants, title, suite)
}

/** The same without the variants, for what stands on models and knows no numbers of its own. */
export function onPlainBackends(title: string, suite: (backend: Backend, name: BackendName) => void): void {
  describeOn(
    variants.filter(({ title: variant, name }) => variant === name),
    title,
    suite,
  )
}

function describeOn(
  wanted: readonly Variant[],
  title: string,
  suite: (backend: Backend, name: BackendName) => void,
): void {
  const here = wanted.filter(({ name }) => backendsHere.includes(name))
  describe.each(here)(`${title} on $title`, ({ name, open }) => {
    const backend = open()
    beforeAll(async () => {
      if (backend instanceof WasmBackend && backend.threads === 3) await backend.startThreads()
    })
    afterAll(() => backend[Symbol.dispose]())
    suite(backend, name)
  })
}

/** Describes a suite for what only the back end tfjs has, where tfjs-node is. */
export function onTfjs(title: string, suite: (backend: TfjsBackend) => void): void {
  describe.each(backendsHere.filter(name => name === 'tfjs'))(`${title} on %s`, () => {
    const backend = TfjsBackend.open()
    afterAll(() => backend.dispose())
    suite(backend)
  })
}

/** TensorFlow takes numbers below 2^-126 for 0, those it is given and those it would give. */
export function takesForZero(name: BackendName, value: number): boolean {
  return name === 'tfjs' && value !== 0 && Math.abs(value) < 2 ** -126
}
