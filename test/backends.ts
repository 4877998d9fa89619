// Every suite that concerns a back end runs on all of them.
import { afterAll, describe } from 'vitest'
import { backendNames, openBackend } from '../src/backends/index.ts'
import { loadTfjs } from '../src/backends/tfjs/load.ts'
import { TfjsBackend } from '../src/backends/tfjs/tfjs.ts'
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

/** Describes a suite once for each back end, with a back end opened for it. */
export function onEachBackend(title: string, suite: (backend: Backend, name: BackendName) => void): void {
  describe.each(backendsHere)(`${title} on %s`, async name => {
    const backend = await openBackend(name)
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
