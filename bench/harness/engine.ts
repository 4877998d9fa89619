// The kernels that the benches of this process run, and what is said of them.
import type { BackendFacts } from '../../src/backend.ts'
import { chooseEngine } from '../../src/backends/wasm/engine.ts'
import { engineFacts } from '../../src/backends/wasm/facts.ts'
import { resolveOptions } from '../../src/backends/wasm/options.ts'

/** Processes of the benches are ours alone, so V8's flags may be used unless the environment says no. */
const { kernels, v8Flags } = resolveOptions({}, { VITRINE_V8_FLAGS: '1', ...process.env })

export const engine = chooseEngine(kernels, v8Flags)

/** Kernels, flags, tiles and so on. */
export const engineHeader: BackendFacts = {
  ...engineFacts(engine),
  "use of V8's flags": v8Flags ? 'allowed: this process is ours alone' : 'not allowed (VITRINE_V8_FLAGS)',
}
