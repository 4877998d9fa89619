// What a run of the bench has found: rows in groups, with everything needed to judge them. This is also the form of the files in
// bench/results.
import type { Difference } from './compare.ts'
import type { Machine } from './machine.ts'
import type { Peaks, Share } from './roofline.ts'
import type { Spread } from './statistics.ts'

export interface Row {
  /** The test, by llama-bench's names where it has them: pp128, tg256 @ d64. */
  readonly test: string
  /** What was run: a model and its size, or the sizes of a kernel. */
  readonly subject: string
  readonly engine: string
  readonly dtype: string
  readonly threads: number
  readonly unit: Unit
  readonly spread: Spread
  readonly share?: Share | undefined
  readonly error?: Difference | undefined
  /** Greedy tokens equal to the reference's from the first one on, and how many there are. */
  readonly agreement?: { readonly equal: number; readonly of: number }
  readonly note?: string
}

export const units = {
  ms: { higherIsBetter: false },
  s: { higherIsBetter: false },
  MB: { higherIsBetter: false },
  us: { higherIsBetter: false },
  'tokens/s': { higherIsBetter: true },
  'GFLOP/s': { higherIsBetter: true },
  'GB/s': { higherIsBetter: true },
  'MB/s': { higherIsBetter: true },
} as const
export type Unit = keyof typeof units

export interface Group {
  readonly name: string
  /** What one must know to read it. */
  readonly explanation: string
  readonly rows: readonly Row[]
}

/** Something that was asked for and not measured. */
export interface Missing {
  readonly what: string
  readonly reason: string
}

export interface Report {
  readonly machine: Machine
  /** Load average of the last minute, before and after. */
  readonly load: readonly [before: number, after: number]
  readonly options: Readonly<Record<string, unknown>>
  /** What each engine says of itself. */
  readonly engines: Readonly<Record<string, string>>
  readonly peaks: Readonly<Record<string, Peaks>>
  readonly groups: readonly Group[]
  readonly missing: readonly Missing[]
}

/** How many times as fast (or as small) `row` is as `other`. */
export function ratio(row: Row, other: Row): number {
  const quotient = row.spread.median / other.spread.median
  return units[row.unit].higherIsBetter ? quotient : 1 / quotient
}

/** What is ours: the engine itself, and the fast twin of a kernel. */
export function isOurs({ engine }: Row): boolean {
  return engine === 'vitrine' || engine === 'twin'
}

/** Our own row for the same test: of the same dtype if there is one, else float32. */
export function ownRow(row: Row, rows: readonly Row[]): Row | undefined {
  const own = rows.filter(each => isOurs(each) && each.test === row.test && each.subject === row.subject)
  return own.find(({ dtype }) => dtype === row.dtype) ?? own.find(({ dtype }) => dtype === 'float32')
}
