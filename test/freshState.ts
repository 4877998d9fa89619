// Test files share the modules of a process: each begins with what a new process has.
import { afterAll, vi } from 'vitest'
import { forgetSeed } from '../src/random/default.ts'
import { forgetWarnings } from '../src/warnings.ts'

forgetWarnings()
forgetSeed()
afterAll(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})
