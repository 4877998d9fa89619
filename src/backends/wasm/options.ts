// What a user may choose about the wasm back end: by option, or by environment variable for models opened by name.
import { availableParallelism } from 'node:os'
import { ConfigError, nearestName } from '../../errors.ts'
import { type KernelSet, kernelSets } from './module.ts'

export interface WasmOptions {
  /**
   * Threads that compute, this one included: as many as there are cores unless given. The others start when there is enough
   * to do. They change no bit of a result. Environment: VITRINE_THREADS.
   */
  threads?: number
  /** Vector instructions to compute with; the fastest that work here unless given. Environment: VITRINE_KERNELS. */
  kernels?: KernelSet
  /**
   * Whether V8's experimental flags may be used where they make the kernels faster: about twice on Node 24 and later, by a
   * fifth on Node 20. They are on for some milliseconds only, while the kernels are compiled and checked against their
   * definitions; what fails the check is not used. Environment: VITRINE_V8_FLAGS=1.
   */
  v8Flags?: boolean
  /** Most pages of 64 KiB that the memory may grow to: 65,536 unless given, which is 4 GiB. */
  maximumPages?: number
}

/** Who said how many threads there are. */
export type ThreadsReason = 'cores' | 'option' | 'environment'

export interface ResolvedOptions {
  readonly threads: number
  readonly threadsReason: ThreadsReason
  readonly kernels: KernelSet | undefined
  readonly v8Flags: boolean
  readonly maximumPages: number
}

const mostThreads = 256

const optionNames = ['kernels', 'maximumPages', 'threads', 'v8Flags']

/** The options with those of the environment in the place of what is not given. Throws ConfigError UNKNOWN_OPTION, OPTION_VALUE. */
export function resolveOptions(
  given: WasmOptions = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ResolvedOptions {
  const unknown = Object.keys(given).find(name => !optionNames.includes(name))
  if (unknown !== undefined) {
    const near = nearestName(unknown, optionNames)
    throw new ConfigError('UNKNOWN_OPTION', `the wasm back end has no option '${unknown}'`, {
      hint: near ? `did you mean '${near}'?` : `known: ${optionNames.join(', ')}`,
    })
  }
  const { VITRINE_THREADS, VITRINE_KERNELS, VITRINE_V8_FLAGS } = environment
  const { maximumPages = 65536 } = given
  if (!Number.isInteger(maximumPages) || maximumPages < 16 || maximumPages > 65536) {
    throw wrongValue('maximumPages', maximumPages, 'a whole number from 16 to 65536')
  }
  return {
    ...threadsOf(given.threads, VITRINE_THREADS),
    kernels: kernelSet(given.kernels ?? VITRINE_KERNELS),
    v8Flags: given.v8Flags ?? flag('VITRINE_V8_FLAGS', VITRINE_V8_FLAGS),
    maximumPages,
  }
}

function threadsOf(
  option: number | undefined,
  variable: string | undefined,
): Pick<ResolvedOptions, 'threads' | 'threadsReason'> {
  if (option !== undefined) return { threads: checkedThreads('threads', option), threadsReason: 'option' }
  if (variable === undefined || variable === '') return { threads: availableParallelism(), threadsReason: 'cores' }
  return { threads: checkedThreads('VITRINE_THREADS', Number(variable)), threadsReason: 'environment' }
}

function checkedThreads(name: string, threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads) return threads
  throw wrongValue(name, threads, `a whole number from 1 to ${mostThreads}`)
}

function kernelSet(value: string | undefined): KernelSet | undefined {
  if (value === undefined || value === '') return undefined
  const known = kernelSets.find(set => set === value)
  if (known) return known
  throw wrongValue('kernels (VITRINE_KERNELS)', value, kernelSets.join(' or '))
}

function flag(name: string, value: string | undefined): boolean {
  if (value === undefined || value === '' || value === '0') return false
  if (value === '1') return true
  throw wrongValue(name, value, '0 or 1')
}

function wrongValue(name: string, value: unknown, wanted: string): ConfigError {
  return new ConfigError('OPTION_VALUE', `the wasm back end's option ${name} is ${String(value)}, expected ${wanted}`)
}
