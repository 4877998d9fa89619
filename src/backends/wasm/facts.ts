// What the wasm back end has chosen and why, in words for reports.
import { availableParallelism } from 'node:os'
import type { BackendFacts } from '../../backend.ts'
import type { Engine } from './engine.ts'
import type { ThreadsReason } from './options.ts'

const kernelWords = { relaxed: 'relaxed (128-bit SIMD, multiply-add)', simd128: 'simd128 (128-bit SIMD)' } as const

const groupWords = {
  2: '2 inputs at a time (16-bit dot product)',
  4: '4 inputs at a time (relaxed dot product)',
} as const

/** The kernels' part, which is that of all back ends with the same options. */
export function engineFacts({ kernels, flags, width, group, widens, passedOver }: Engine): BackendFacts {
  return {
    kernels: kernelWords[kernels],
    "V8's flags": flags.length > 0 ? flags.join(' ') : 'none',
    ...(passedOver.length > 0 && { 'passed over': passedOver.join('; ') }),
    tiles: width === 16 ? '6 rows x 16 columns (pairs of vectors joined)' : '4 rows x 8 columns',
    panels: `${width} outputs wide`,
    int8: `${groupWords[group]}${widens ? ', float32 for many rows' : ''}`,
  }
}

export function threadFacts(threads: number, reason: ThreadsReason): BackendFacts {
  const cores = availableParallelism()
  const why = {
    cores: 'as many as cores',
    option: `option threads; ${cores} cores`,
    environment: `VITRINE_THREADS; ${cores} cores`,
  }[reason]
  return { threads: `${threads} (${why})` }
}

export function memoryFacts(limit: number): BackendFacts {
  return { 'memory limit': `${(limit / 2 ** 30).toFixed(2)} GiB` }
}
