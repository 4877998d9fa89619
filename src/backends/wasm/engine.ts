// Which kernels this process computes with: the set of vector instructions, the width of the panels, and V8's flags.
// Chosen once by what the engine accepts, by a check of the numbers, and by a short race.
import { setFlagsFromString } from 'node:v8'
import { roomForSums } from '../../../kernels/int8.ts'
import { VitrineError } from '../../errors.ts'
import { type BoundKernels, bindKernels, type KernelModule, type KernelSet, kernelBytes, kernelSets } from './module.ts'
import { allTrials, dotTrials, fewTrials, firstFault } from './selfCheck.ts'
import type { WasmMemory } from './wasmTypes.ts'

export interface Engine extends KernelModule {
  readonly kernels: KernelSet
  /** Inputs that products of int8 numbers take at a time: 4 where the relaxed dot product gives the right numbers. */
  readonly group: 2 | 4
  /** Whether products with many rows are faster in float32 than in whole numbers. */
  readonly widens: boolean
  /** V8's flags that were set while the kernels were compiled. */
  readonly flags: readonly string[]
  /** What would have been faster but cannot be used, and why. */
  readonly passedOver: readonly string[]
}

/** How a flag is set and how it is put back. */
type Flag = readonly [on: string, off: string]

const relaxedFlag: Flag = ['--experimental-wasm-relaxed-simd', '--no-experimental-wasm-relaxed-simd']
const joiningFlag: Flag = ['--experimental-wasm-revectorize', '--no-experimental-wasm-revectorize']
const optimiseAtOnce: readonly Flag[] = [
  ['--wasm-sync-tier-up', '--no-wasm-sync-tier-up'],
  ['--wasm-tiering-budget=1', '--wasm-tiering-budget=13000000'],
]

/** The major version of Node, 0 elsewhere. */
const node = Number(globalThis.process?.versions?.node?.split('.')[0] ?? 0)

const chosen = new Map<string, Engine>()

/**
 * The fastest kernels that pass the check; `kernels` asks for one set, `v8Flags` allows the flags. Throws VitrineError
 * NO_SIMD when none passes.
 */
export function chooseEngine(kernels: KernelSet | undefined, v8Flags: boolean): Engine {
  const key = `${kernels} ${v8Flags}`
  const engine = chosen.get(key) ?? choose(kernels ? [kernels] : kernelSets, v8Flags)
  chosen.set(key, engine)
  return engine
}

function choose(sets: readonly KernelSet[], v8Flags: boolean): Engine {
  const faults: string[] = []
  for (const { title, compile } of candidates(sets, v8Flags)) {
    const engine = compile()
    if (typeof engine !== 'string') return { ...engine, passedOver: faults }
    faults.push(`${title}: ${engine}`)
  }
  throw new VitrineError('NO_SIMD', `no kernels run here (${faults.join('; ')})`, {
    hint: "use the back end 'reference', or a newer version of Node",
  })
}

interface Candidate {
  readonly title: string
  /** The engine, or why it cannot be used. */
  readonly compile: () => Chosen | string
}

type Chosen = Omit<Engine, 'passedOver'>

/** What may be tried, the fastest first. */
function candidates(sets: readonly KernelSet[], v8Flags: boolean): Candidate[] {
  return sets.flatMap(kernels => {
    const mayFlag = v8Flags && kernels === 'relaxed'
    const flags = mayFlag && node === 20 ? [relaxedFlag] : []
    return [
      ...(mayFlag && node >= 24 ? [{ title: `${kernels} ${joiningFlag[0]}`, compile: () => joined(kernels) }] : []),
      { title: kernels, compile: () => withFlags(flags, () => plain(kernels, flags)) },
    ]
  })
}

/** The kernels as the engine compiles them by itself, or why they cannot be used. */
function plain(kernels: KernelSet, flags: readonly Flag[]): Chosen | string {
  const bytes = kernelBytes(kernels)
  if (!WebAssembly.validate(bytes)) return 'not known to this engine'
  const module = new WebAssembly.Module(bytes)
  const engine = { kernels, width: 8, group: 2, widens: false, flags: flags.map(([on]) => on), module } as const
  // Relaxed instructions leave a choice to the engine; the others do not.
  if (kernels === 'simd128') return engine
  const { bound, memory } = workshop(engine)
  const fault = firstFault(bound, memory, fewTrials)
  return fault === undefined ? { ...engine, group: groupOf(bound, memory, 8) } : `wrong numbers in ${fault}`
}

/**
 * The kernels with pairs of 128-bit vectors joined, when their numbers are right and they are faster, or why not. It is the optimising
 * compiler that joins, so it is made to compile each kernel at its first call, and the second call is what is checked. A
 * kernel that the check does not run is compiled later, without the flag.
 */
function joined(kernels: KernelSet): Chosen | string {
  return withFlags([joiningFlag, ...optimiseAtOnce], () => {
    const bytes = kernelBytes(kernels)
    if (!WebAssembly.validate(bytes)) return 'not known to this engine'
    const module = new WebAssembly.Module(withMark(bytes))
    const { bound, memory } = workshop({ module, width: 16 })
    firstFault(bound, memory, allTrials(16))
    const group = groupOf(bound, memory, 16)
    const fault = firstFault(bound, memory, allTrials(16))
    if (fault !== undefined) return `wrong numbers in ${fault}`
    const seconds = secondsOf(bound, 16)
    if (seconds >= secondsOf(bound, 8) * 0.75) return 'not faster here'
    const widens = seconds < secondsOfInt8(bound, 16, group)
    return { kernels, width: 16, group, widens, flags: [joiningFlag[0]], module }
  })
}

/** 4 where the relaxed dot product of bytes is right: Node 20 computes it wrongly until it optimises. */
function groupOf(bound: BoundKernels, memory: WasmMemory, width: number): 2 | 4 {
  return firstFault(bound, memory, dotTrials(width)) === undefined ? 4 : 2
}

/** The same module with an empty custom section, so that V8 does not take it for the one it has compiled without flags. */
function withMark(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes, 0, 2, 1, 0x6a])
}

/** A small memory of its own and the kernels on it. */
function workshop(module: KernelModule): { bound: BoundKernels; memory: WasmMemory } {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true })
  return { bound: bindKernels(module, memory), memory }
}

/** The product that is timed: rows, inputs, outputs. */
const timed = { rows: 24, k: 256, n: 64 } as const

/** The least time of a product in panels of `width`. */
function secondsOf({ kernels, heapBase }: BoundKernels, width: number): number {
  const { rows, k, n } = timed
  const x = Math.ceil(heapBase / 64) * 64
  const w = x + rows * k * 4
  const out = w + k * n * 4
  return leastTime(() => kernels.linear(out, x, w, 0, 0, 0, k, n, width, rows, 0, n / width))
}

/** The same with a weight in int8. */
function secondsOfInt8({ kernels, heapBase }: BoundKernels, width: number, group: 2 | 4): number {
  const { rows, k, n } = timed
  const lengths = [rows * k * 2, rows * 4, rows * 4, k * n, n * 4, n * 4, roomForSums(width) * 4]
  let next = Math.ceil(heapBase / 64) * 64
  const [q, scale, zero, w, scales, sums, scratch] = lengths.map(length => (next += length) - length)
  const args = [next, q!, scale!, zero!, w!, scales!, sums!, 0, 0, 0, k, n, width, group, rows, scratch!] as const
  return leastTime(() => kernels.linearInt8(...args, 0, n / width))
}

function leastTime(work: () => void): number {
  let least = Infinity
  for (let i = 0; i < 12; i++) {
    const start = performance.now()
    work()
    least = Math.min(least, performance.now() - start)
  }
  return least
}

/**
 * Runs `body` with V8's flags set. They concern the whole process, so they are put back at once; what was compiled in between
 * stays as it is.
 */
function withFlags<R>(flags: readonly Flag[], body: () => R): R {
  for (const [on] of flags) setFlagsFromString(on)
  try {
    return body()
  } finally {
    for (const [, off] of flags) setFlagsFromString(off)
  }
}
