// The fast twins on a memory of their own, called with the same arguments as the definitions.
import { bindKernels } from '../../src/backends/wasm/module.ts'
import { engine } from '../harness/engine.ts'
import type { KernelArgument, KernelArray, KernelCase } from './case.ts'

/** Width of the panels that the twins of products expect. */
export const panelWidth = engine.width

/** Inputs that the product of int8 numbers takes at a time. */
export const dotGroup = engine.group

/** Arrays begin at cache lines, as in the back end. */
const alignment = 64

export interface BoundTwin {
  /** Runs the twin over all units. */
  readonly run: () => void
  /** A copy of what it wrote. */
  readonly output: () => KernelArray
}

/** The twin of a kernel with the case's arrays copied into its memory; undefined when the kernel has none. */
export function bindTwin({ name, args, units }: KernelCase): BoundTwin | undefined {
  if (args.some(arg => Array.isArray(arg))) return undefined
  const bytes = args.reduce<number>((sum, arg) => sum + roundUp(isArray(arg) ? arg.byteLength : 0) + alignment, 0)
  const pages = Math.ceil(bytes / 65536) + 64
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const { kernels, heapBase } = bindKernels(engine, memory)
  const kernel: unknown = Reflect.get(kernels, name)
  if (typeof kernel !== 'function') return undefined
  let top = roundUp(heapBase)
  const places = args.map(arg => {
    if (!isArray(arg)) return arg
    if (arg.length === 0) return 0
    const address = top
    top = roundUp(top + arg.byteLength)
    bytesAt(memory, address, arg.byteLength).set(new Uint8Array(arg.buffer, arg.byteOffset, arg.byteLength))
    return address
  })
  const [out] = args
  if (!isArray(out)) throw new TypeError(`${name}: the first argument must be the output`)
  return {
    run: () => void kernel(...places, 0, units),
    output: () => {
      const copy = out.slice()
      new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength).set(
        bytesAt(memory, Number(places[0]), copy.byteLength),
      )
      return copy
    },
  }
}

function isArray(arg: KernelArgument | undefined): arg is KernelArray {
  return ArrayBuffer.isView(arg)
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}

function bytesAt(memory: WebAssembly.Memory, address: number, length: number): Uint8Array {
  return new Uint8Array(memory.buffer, address, length)
}
