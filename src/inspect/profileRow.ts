// One line of a profile: what its modules took, by themselves and with all below them.
import type { Module } from '../nn/module.ts'
import type { TreeLine } from '../nn/print.ts'
import type { Calls } from './calls.ts'
import type { CountedCall } from './costs.ts'
import { type Limit, leastTime, type Roofline } from './roofline.ts'

export interface ProfileRow {
  /** The line of the printed tree. */
  readonly text: string
  /** The modules of the line: several where neighbours share it, whose figures are then added up. '' is the model itself. */
  readonly paths: readonly string[]
  /** How often they were called in one run, all together. */
  readonly calls: number
  /** With all modules below. */
  readonly milliseconds: number
  /** Without them. */
  readonly ownMilliseconds: number
  /** Multiplications, additions and other functions of one number, by formula, with all modules below. */
  readonly flops: number
  readonly ownFlops: number
  /** Bytes read and written at least, with all modules below. */
  readonly bytes: number
  readonly ownBytes: number
  /** The least time that the machine needs for this over the time it took: 1 is the limit. Undefined without limits or work. */
  readonly share: number | undefined
  /** Which limit most of that least time is due to. */
  readonly limit: Limit | undefined
  /** The modules' own operations and how often they ran: { 'linear+gelu': 12 }. */
  readonly operations: Readonly<Record<string, number>>
  /** The path of the module that did this one's work, where that is so: an activation at the end of a product. */
  readonly countedIn: string | undefined
}

/** Where the figures come from. */
export interface RowSources {
  readonly paths: ReadonlyMap<Module, string>
  /** Milliseconds of a module itself. */
  readonly own: (module: Module) => number
  readonly costs: ReadonlyMap<Module, readonly CountedCall[]>
  readonly calls: Calls
  readonly roofline: Roofline | undefined
}

export function rowOf({ text, modules }: TreeLine, sources: RowSources): ProfileRow {
  const { paths, own, costs, calls, roofline } = sources
  const all = new Set(modules.flatMap(module => Array.from(module.named_modules(), ([, each]) => each)))
  const sumOf = (list: Iterable<Module>, figure: (module: Module) => number): number =>
    Array.from(list, figure).reduce((sum, value) => sum + value, 0)
  const callsOf = (module: Module): readonly CountedCall[] => costs.get(module) ?? []
  const total = (what: 'flops' | 'bytes') => (module: Module) =>
    callsOf(module).reduce((sum, call) => sum + call[what], 0)
  const milliseconds = sumOf(all, own)
  const absorber = modules.map(module => calls.absorbed.get(module)).find(module => module !== undefined)
  return {
    text,
    paths: modules.map(module => paths.get(module) ?? ''),
    calls: sumOf(modules, module => calls.counts.get(module) ?? 0),
    milliseconds,
    ownMilliseconds: sumOf(modules, own),
    flops: sumOf(all, total('flops')),
    ownFlops: sumOf(modules, total('flops')),
    bytes: sumOf(all, total('bytes')),
    ownBytes: sumOf(modules, total('bytes')),
    ...nearness([...all].flatMap(callsOf), milliseconds, roofline),
    operations: counted(modules.flatMap(callsOf)),
    countedIn: absorber && paths.get(absorber),
  }
}

/** How near to the limits some operations came that took `milliseconds`. */
function nearness(
  calls: readonly CountedCall[],
  milliseconds: number,
  roofline: Roofline | undefined,
): Pick<ProfileRow, 'share' | 'limit'> {
  if (!roofline || calls.length === 0 || milliseconds === 0) return { share: undefined, limit: undefined }
  const least = { 'multiply-add': 0, memory: 0 }
  for (const call of calls) {
    const { milliseconds: time, of } = leastTime(call, roofline)
    least[of] += time
  }
  const limit = least['multiply-add'] > least.memory ? 'multiply-add' : 'memory'
  return { share: (least['multiply-add'] + least.memory) / milliseconds, limit }
}

function counted(calls: readonly CountedCall[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { title } of calls) counts[title] = (counts[title] ?? 0) + 1
  return counts
}
