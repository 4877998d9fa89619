// How fast a machine could be at most: the limits that measured times are held to (Williams, Waterman and Patterson 2009).
import type { Backend } from '../backend.ts'
import { chooseEngine } from '../backends/wasm/engine.ts'
import { resolveOptions } from '../backends/wasm/options.ts'
import { Peaks } from '../backends/wasm/peaks.ts'
import { WasmBackend } from '../backends/wasm/wasm.ts'
import { ConfigError, VitrineError, valueText } from '../errors.ts'
import { checkOptions } from '../tensor/arguments.ts'
import type { Cost } from './cost.ts'

/** Limits from elsewhere, such as those of `npm run bench`. */
export interface RooflineOption {
  /** Billions of multiplications and additions a second, each counted. */
  gflops: number
  /** Billions of bytes read a second. */
  gigabytes: number
}

/** The limits of one profile. */
export interface Roofline extends RooflineOption {
  /** 'given', or how they were measured. */
  readonly source: string
}

export type Limit = 'multiply-add' | 'memory'

/**
 * The limits for work that goes through so many bytes: those given, none for false, else what a probe in WebAssembly reaches on
 * this machine with as many threads, measured once in a process (a tenth of a second each). Throws ConfigError UNKNOWN_OPTION,
 * OPTION_VALUE.
 */
export function rooflineFor(
  backend: Backend,
  bytes: number,
  option: RooflineOption | false | undefined,
): Roofline | undefined {
  if (option === false) return undefined
  if (option) return { ...checked(option), source: 'given' }
  const peaks = peaksFor(backend)
  if (!peaks) return undefined
  const { threads, flops } = peaks
  const source = `measured through WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  return { gflops: flops / 1e9, gigabytes: peaks.read(bytes) / 1e9, source }
}

function checked(option: RooflineOption): RooflineOption {
  checkOptions(option, ['gflops', 'gigabytes'], 'profile: roofline')
  for (const [name, value] of Object.entries({ gflops: option.gflops, gigabytes: option.gigabytes })) {
    if (typeof value === 'number' && value > 0) continue
    throw new ConfigError(
      'OPTION_VALUE',
      `profile: roofline.${name} must be a number above 0, got ${valueText(value)}`,
      {
        hint: '{ gflops: 120, gigabytes: 25 }, or leave roofline out to have it measured',
      },
    )
  }
  return option
}

/** The peaks of the threads that a back end has; undefined where no kernels run. */
function peaksFor(backend: Backend): Peaks | undefined {
  if (backend instanceof WasmBackend) return Peaks.of(backend.engine, backend.threads)
  try {
    const { threads, kernels, v8Flags } = resolveOptions()
    return Peaks.of(chooseEngine(kernels, v8Flags), backend.name === 'reference' ? 1 : threads)
  } catch (error) {
    if (error instanceof VitrineError && error.code === 'NO_SIMD') return undefined
    throw error
  }
}

/** The least time that work can take, in milliseconds, by the limit that it meets first. */
export function leastTime(
  { flops, bytes }: Cost,
  { gflops, gigabytes }: Roofline,
): { milliseconds: number; of: Limit } {
  const [computing, reading] = [flops / gflops / 1e6, bytes / gigabytes / 1e6]
  return computing > reading ? { milliseconds: computing, of: 'multiply-add' } : { milliseconds: reading, of: 'memory' }
}
