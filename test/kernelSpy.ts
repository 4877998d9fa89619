// Which kernels ran: the proof that a test of a back end ran the code it is about. Import it before a back end is
// opened.
import { definitions } from '../src/backends/kernels.ts'

/** Names of kernels that were called. */
export interface KernelsRun {
  /** In the compiled module of the wasm back end. */
  readonly compiled: ReadonlySet<string>
  /** As plain TypeScript. */
  readonly defined: ReadonlySet<string>
}

const compiled = new Set<string>()
const defined = new Set<string>()

/** What `body` runs. */
export function kernelsRun(body: () => void): KernelsRun {
  compiled.clear()
  defined.clear()
  body()
  return { compiled: new Set(compiled), defined: new Set(defined) }
}

/** A function that does the same and enters its name. */
function noted(value: unknown, name: string, into: Set<string>): unknown {
  if (typeof value !== 'function') return value
  return (...args: unknown[]): unknown => {
    into.add(name)
    return Reflect.apply(value, undefined, args)
  }
}

for (const [name, kernel] of Object.entries(definitions)) Reflect.set(definitions, name, noted(kernel, name, defined))

WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...args: ConstructorParameters<typeof WebAssembly.Instance>) {
    super(...args)
    const all = Object.entries(this.exports).map(([name, value]) => [name, noted(value, name, compiled)] as const)
    Object.defineProperty(this, 'exports', { value: Object.fromEntries(all) })
  }
}
