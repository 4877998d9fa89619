// The compiled kernels: finding the file, compiling it once, and binding it to a memory.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { VitrineError } from '../../errors.ts'
import { type FastKernels, fastNames } from '../kernelBackend.ts'

/** The module lies in kernels/, seen from the sources and from dist/ alike. */
const moduleUrl = new URL('../../../kernels/simd.wasm', import.meta.url)

let compiled: WebAssembly.Module | undefined

/** The kernel module, compiled once for each process. Throws VitrineError KERNELS_MISSING when it was not built. */
export function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(moduleBytes())
  return compiled
}

function moduleBytes(): Uint8Array {
  try {
    return readFileSync(moduleUrl)
  } catch (cause) {
    throw new VitrineError('KERNELS_MISSING', `the compiled kernels are not at ${fileURLToPath(moduleUrl)}`, {
      cause,
      hint: 'run: npm run build',
    })
  }
}

export interface BoundKernels {
  readonly kernels: FastKernels<number>
  /** First byte of the memory behind the module's own constants. */
  readonly heapBase: number
}

/** The kernels working on `memory`. Throws VitrineError KERNELS_STALE when the module lacks one of them. */
export function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): BoundKernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: refuse } })
  const missing = [...fastNames, 'heapBase'].filter(name => typeof exports[name] !== 'function')
  if (missing.length > 0) {
    throw new VitrineError('KERNELS_STALE', `the compiled kernels lack ${missing.join(', ')}`, {
      hint: 'run: npm run build',
    })
  }
  const { heapBase } = exports
  if (typeof heapBase !== 'function') throw new TypeError('heapBase is no function')
  return { kernels: exports as WebAssembly.Exports & FastKernels<number>, heapBase: Number(heapBase()) }
}

function refuse(): never {
  throw new VitrineError('KERNEL_ABORT', 'a wasm kernel stopped: this is a fault of the library')
}
