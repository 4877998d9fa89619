// One call of a kernel, run by its definition and by its twin on the same numbers: how the two are held to each other, when a
// back end starts and in the tests.
import { definitions, type FastName, type Kernel, type KernelArguments, type KernelArray } from '../kernels.ts'
import type { BoundKernels } from './module.ts'
import type { WasmMemory } from './wasmTypes.ts'

/** A kernel, all arguments but begin and end (the first is the output), and the number of units. */
export interface Trial {
  readonly name: FastName
  readonly args: readonly (KernelArray | number)[]
  readonly units: number
}

/** The arguments are those of the kernel's definition. */
export function trial<Name extends FastName>(
  name: Name,
  args: KernelArguments<Name, KernelArray>,
  units: number,
): Trial {
  return { name, args, units }
}

/** What the definition writes. */
export function byDefinition({ name, args, units }: Trial): KernelArray {
  const out = outputOf(args).slice()
  const definition: Kernel = definitions[name]
  definition(out, ...args.slice(1), 0, units)
  return out
}

/** Arrays begin at cache lines, as they do in the back end. */
const alignment = 64

/**
 * What the twin writes when it is called for the units up to each of `cuts`, one part after the other. The arrays are copied
 * into `memory` behind the kernels' own constants, with an unused cache line behind each.
 */
export function byTwin(
  { name, args, units }: Trial,
  { kernels, heapBase }: BoundKernels,
  memory: WasmMemory,
  cuts: readonly number[] = [units],
): KernelArray {
  let top = Math.ceil(heapBase / alignment) * alignment
  const place = (array: KernelArray): number => {
    if (array.length === 0) return 0
    const address = top
    top = Math.ceil((top + array.byteLength) / alignment) * alignment + alignment
    bytesAt(memory, address, array.byteLength).set(bytesOf(array))
    return address
  }
  const places = args.map(arg => (typeof arg === 'number' ? arg : place(arg)))
  let begin = 0
  for (const end of cuts) {
    kernels[name](...places, begin, end)
    begin = end
  }
  const out = outputOf(args).slice()
  bytesOf(out).set(bytesAt(memory, places[0]!, out.byteLength))
  return out
}

function outputOf([out]: Trial['args']): KernelArray {
  if (typeof out === 'number' || out === undefined) throw new TypeError('the first argument of a kernel is its output')
  return out
}

function bytesAt(memory: WasmMemory, address: number, length: number): Uint8Array {
  return new Uint8Array(memory.buffer, address, length)
}

function bytesOf(array: KernelArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
