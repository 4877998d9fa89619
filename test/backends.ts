// Every suite that concerns a back end runs on all of them.
import { afterAll, describe } from 'vitest'
import { backendNames, openBackend } from '../src/backends/index.ts'
import type { Backend, BackendName } from '../src/index.ts'

/** How far numbers of models may be from Hugging Face's, on each back end. */
export const tolerances: Readonly<Record<BackendName, number>> = { reference: 1e-5, wasm: 5e-5 }

/** Describes a suite once for each back end, with a back end opened for it. */
export function onEachBackend(title: string, suite: (backend: Backend, name: BackendName) => void): void {
  describe.each(backendNames)(`${title} on %s`, async name => {
    const backend = await openBackend(name)
    afterAll(() => backend[Symbol.dispose]())
    suite(backend, name)
  })
}
