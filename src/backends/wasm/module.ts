// The compiled kernels: finding their files, compiling each once, and binding one to a memory.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { VitrineError } from '../../errors.ts'
import { type FastName, fastNames, type Kernel } from '../kernels.ts'
import type { WasmMemory, WasmModule } from './wasmTypes.ts'

/** The sets of vector instructions that the kernels are built for: 128-bit SIMD, and that with relaxed SIMD. */
export const kernelSets = ['relaxed', 'simd128'] as const

export type KernelSet = (typeof kernelSets)[number]

const bytes = new Map<KernelSet, Uint8Array>()

/** The bytes of a kernel module. Throws VitrineError KERNELS_MISSING when it was not built. */
export function kernelBytes(set: KernelSet): Uint8Array {
  const known = bytes.get(set)
  if (known) return known
  // The modules lie in kernels/, seen from the sources and from dist/ alike.
  const url = new URL(`../../../kernels/${set}.wasm`, import.meta.url)
  try {
    const read = readFileSync(url)
    bytes.set(set, read)
    return read
  } catch (cause) {
    throw new VitrineError('KERNELS_MISSING', `the compiled kernels are not at ${fileURLToPath(url)}`, {
      cause,
      hint: 'run: npm run build',
    })
  }
}

export interface BoundKernels {
  readonly kernels: Readonly<Record<FastName, Kernel>>
  /** First byte of the memory behind the module's own constants. */
  readonly heapBase: number
}

/** A compiled module, and the columns of the tiles it is to use: 16 where V8 joins pairs of vectors, else 8. */
export interface KernelModule {
  readonly module: WasmModule
  readonly width: 8 | 16
}

/** The kernels working on `memory`. Throws VitrineError KERNELS_STALE when the module lacks one of them. */
export function bindKernels({ module, width }: KernelModule, memory: WasmMemory): BoundKernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: refuse } })
  const functions = exports as Readonly<Record<FastName | 'heapBase' | 'useTiles', Kernel>>
  const missing = [...fastNames, 'heapBase', 'useTiles'].filter(name => typeof exports[name] !== 'function')
  if (missing.length > 0) {
    throw new VitrineError('KERNELS_STALE', `the compiled kernels lack ${missing.join(', ')}`, {
      hint: 'run: npm run build',
    })
  }
  functions.useTiles(width)
  return { kernels: functions, heapBase: Number(functions.heapBase()) }
}

function refuse(): never {
  throw new VitrineError('KERNEL_ABORT', 'a wasm kernel stopped: this is a fault of the library')
}
