// Test files share the modules of a process: each begins with what a new process has.
import { afterAll, vi } from 'vitest'
import { disposeShared } from '../src/backends/index.ts'
import { forgetSeed } from '../src/random/default.ts'
import { forgetWarnings } from '../src/warnings.ts'

forgetWarnings()
forgetSeed()
afterAll(() => {
  disposeShared()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})
