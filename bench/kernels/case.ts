// One kernel at one size: its arguments, what it has to do, and its definition bound to them.
import { normalNumbers, uniformNumbers } from '../subjects/numbers.ts'
import type { SizeName } from '../subjects/sizes.ts'

export type KernelArray = Float32Array | Int32Array | Uint16Array | Uint8Array | Int8Array
/** `readonly number[]` is a shape, which only definitions take. */
export type KernelArgument = KernelArray | number | readonly number[]

export interface KernelCase {
  /** Name of the function in kernels/<op>.ts and in the wasm module. */
  readonly name: string
  /** '(128, 768) x (768, 3072)' */
  readonly sizes: string
  /** All arguments but begin and end; the first is the output. */
  readonly args: readonly KernelArgument[]
  /** What begin..end counts. */
  readonly units: number
  /** Multiplications and additions, where they are the work; else bytes are what counts. */
  readonly flops: number
  /** Bytes read and written once. */
  readonly bytes: number
  /** Largest distance from the definition that is no fault. */
  readonly tolerance: number
  /** The definition over all units. */
  readonly define: () => void
}

/** Sizes of the kernels: those of GPT-2 small and BERT-base, or tiny ones. */
export interface KernelSizes {
  /** Tokens, width, inner width, heads, width of a head, vocabulary, tokens in the cache. */
  readonly T: number
  readonly C: number
  readonly M: number
  readonly H: number
  readonly D: number
  readonly V: number
  readonly S: number
  /** Outputs side by side in a panel, as the fast twin expects them. */
  readonly width: number
  /** Inputs that the product of int8 numbers takes at a time. */
  readonly group: number
}

/** What every file <op>.bench.ts exports. */
export type KernelCases = (sizes: KernelSizes) => readonly KernelCase[]

export function kernelSizes(name: SizeName, width: number, group: number): KernelSizes {
  return name === 'base'
    ? { T: 128, C: 768, M: 3072, H: 12, D: 64, V: 21128, S: 320, width, group }
    : { T: 8, C: 32, M: 64, H: 4, D: 8, V: 96, S: 16, width, group }
}

interface Work {
  readonly units: number
  readonly flops?: number
  /** Bytes of all arrays unless given. */
  readonly bytes?: number
  readonly tolerance?: number
}

/** Binds a definition to its arguments; `begin` and `end` come from the units. */
export function kernelCase<Args extends readonly KernelArgument[]>(
  name: string,
  sizes: string,
  definition: (...args: [...Args, begin: number, end: number]) => void,
  args: Args,
  { units, flops = 0, bytes = bytesOf(args), tolerance = 0 }: Work,
): KernelCase {
  return { name, sizes, args, units, flops, bytes, tolerance, define: () => definition(...args, 0, units) }
}

function bytesOf(args: readonly KernelArgument[]): number {
  return args.reduce<number>((sum, arg) => sum + (ArrayBuffer.isView(arg) ? arg.byteLength : 0), 0)
}

/** An output of n numbers. */
export function room(n: number): Float32Array {
  return new Float32Array(n)
}

/** n normal numbers, the same for the same seed. */
export function normal(n: number, seed = 1): Float32Array {
  const next = normalNumbers(seed)
  return Float32Array.from({ length: n }, next)
}

/** n even numbers from 0.1 to 2.1: good for logarithms, roots and divisors. */
export function positive(n: number, seed = 2): Float32Array {
  const next = uniformNumbers(seed)
  return Float32Array.from({ length: n }, () => 0.1 + 2 * next())
}

/** n whole numbers from 0 to below `bound`. */
export function whole(n: number, bound: number, seed = 3): Int32Array {
  const next = uniformNumbers(seed)
  return Int32Array.from({ length: n }, () => Math.floor(bound * next()))
}
