// What the numbers were measured on: the header of every report.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import type { BackendFacts } from '../../src/backend.ts'
import { root } from '../subjects/cache.ts'
import { engineHeader } from './engine.ts'

export interface Machine {
  readonly date: string
  readonly commit: string
  readonly vitrine: string
  /** Versions of the packages that the figures depend on. */
  readonly packages: Readonly<Record<string, string>>
  readonly cpu: string
  readonly cores: number
  /** Vector instructions that decide what is possible. */
  readonly features: readonly string[]
  readonly memoryGigabytes: number
  readonly system: string
  readonly node: string
  readonly v8: string
  /** Flags that Node and V8 were started with. */
  readonly flags: readonly string[]
  /** What was chosen of the wasm kernels. */
  readonly kernels: BackendFacts
}

/** Features worth telling, of the many that a processor has. */
const telling =
  /^(sse4_2|avx|avx2|fma|f16c|avx512(f|bw|vl|_vnni|_bf16|_fp16)|avx_vnni|amx_\w+|asimd|asimddp|sve2?|i8mm|bf16)$/

export function describeMachine(): Machine {
  const version = versionIn(root)
  const cores = cpus()
  return {
    date: new Date().toISOString(),
    commit: commit(),
    vitrine: version,
    packages: Object.fromEntries(['assemblyscript', 'benchmark', 'tokenizers'].map(name => [name, versionOf(name)])),
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    features: features(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    flags: [...process.execArgv, ...(process.env.NODE_OPTIONS?.split(/\s+/).filter(Boolean) ?? [])].filter(
      flag => flag !== '--enable-source-maps',
    ),
    kernels: engineHeader,
  }
}

/** How many programs wanted a core in the last minute. Above a few tenths other work disturbs the measurement. */
export function load(): number {
  return loadavg()[0] ?? 0
}

function versionOf(name: string): string {
  try {
    return versionIn(join(root, 'node_modules', name))
  } catch {
    return 'not installed'
  }
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}

function commit(): string {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? ''
  const hash = git('rev-parse', '--short', 'HEAD')
  if (hash === '') return 'unknown'
  return git('status', '--porcelain') === '' ? hash : `${hash} and changes`
}

function features(): string[] {
  try {
    const [, flags = ''] = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? []
    return flags.split(' ').filter(flag => telling.test(flag))
  } catch {
    return []
  }
}
