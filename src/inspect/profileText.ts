// A profile as text: the printed tree with columns in front of its lines.
import type { Profile } from './profile.ts'
import type { ProfileRow } from './profileRow.ts'

interface Line {
  readonly text: string
  readonly row: ProfileRow | undefined
}

interface Column {
  readonly title: string
  readonly cell: (row: ProfileRow) => string
  readonly isText?: boolean
}

/** Figures of a module that was not called. */
const nothing = '-'

/** A heading of some lines, then the table. */
export function profileText(profile: Profile, lines: readonly Line[]): string {
  const columns = columnsOf(profile)
  const cells = lines.map(({ row }) => columns.map(({ cell }) => (row ? cell(row) : '')))
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map(line => line[i]!.length)))
  const joined = (line: readonly string[]): string =>
    line.map((cell, i) => (columns[i]!.isText ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  const table = lines.map(({ text }, i) => `${joined(cells[i]!)}  ${text}`)
  return [...headingOf(profile), '', joined(columns.map(({ title }) => title)).trimEnd(), ...table].join('\n')
}

function headingOf({ model, subject, backend, facts, repeat, roofline, milliseconds }: Profile): string[] {
  const chosen = Object.entries(facts).map(([name, value]) => `${name}: ${value}`)
  const limits = roofline
    ? `${significant(roofline.gflops)} GFLOP/s, ${significant(roofline.gigabytes)} GB/s (${roofline.source})`
    : 'not known'
  return [
    `${model}, ${subject}: ${significant(milliseconds)} ms (median of ${repeat} runs)`,
    `back end ${backend}: ${chosen.join(', ')}`,
    `limits: ${limits}`,
  ]
}

function columnsOf({ milliseconds, roofline }: Profile): Column[] {
  const ifCalled = (cell: (row: ProfileRow) => string) => (row: ProfileRow) => (isIdle(row) ? nothing : cell(row))
  return [
    { title: 'ms', cell: ifCalled(row => significant(row.milliseconds)) },
    { title: 'own ms', cell: ifCalled(row => significant(row.ownMilliseconds)) },
    { title: '%', cell: ifCalled(row => (100 * (row.milliseconds / milliseconds)).toFixed(1)) },
    { title: 'MFLOP', cell: ifCalled(row => significant(row.flops / 1e6)) },
    { title: 'MB', cell: ifCalled(row => significant(row.bytes / 1e6)) },
    ...(roofline ? [{ title: 'of limit', cell: ifCalled(limitOf) }] : []),
    { title: 'operations', cell: operationsOf, isText: true },
  ]
}

/** Neither called nor above one that was. */
function isIdle({ calls, milliseconds }: ProfileRow): boolean {
  return calls === 0 && milliseconds === 0
}

function limitOf({ share, limit }: ProfileRow): string {
  if (share === undefined) return nothing
  return `${(100 * share).toFixed(0)} % ${limit === 'memory' ? 'mem' : 'mul'}`
}

function operationsOf({ operations, countedIn, calls }: ProfileRow): string {
  if (countedIn !== undefined && calls === 0) return `in ${countedIn.split('.').at(-1)}`
  return Object.entries(operations)
    .map(([name, count]) => (count === 1 ? name : `${count} ${name}`))
    .join(', ')
}

/** Three significant digits or, of large numbers, all before the point. */
function significant(value: number): string {
  if (value === 0) return '0'
  if (value >= 100) return value.toFixed(0)
  return value.toFixed(Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(value)))))
}
