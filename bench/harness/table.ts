// Reports as text: tables for a terminal and for Markdown, which have the same columns.
import { type Group, isOurs, ownRow, type Report, type Row, ratio } from './report.ts'

const columns = [
  'test',
  'subject',
  'engine',
  'dtype',
  'median',
  'quartiles',
  'unit',
  'ours',
  'of the limit',
  'largest error',
]

/** The whole report; Markdown has links and pipes, the terminal aligned columns. */
export function reportText(report: Report, form: 'terminal' | 'markdown'): string {
  const heading = (text: string) => (form === 'markdown' ? `## ${text}` : `\n${text}\n${'='.repeat(text.length)}`)
  const parts = [form === 'markdown' ? '# Bench' : '', list(headerLines(report), form)]
  for (const group of report.groups) {
    parts.push(heading(group.name), group.explanation, table(columns, cellsOf(group), form))
  }
  if (report.missing.length > 0) {
    const lines = report.missing.map(({ what, reason }): [string, string] => [what, reason])
    parts.push(heading('Not measured'), list(lines, form))
  }
  return `${parts.filter(Boolean).join('\n\n').trim()}\n`
}

function headerLines({ machine, load, options, engines, peaks }: Report): [string, string][] {
  const limits = Object.entries(peaks).map(([threads, { multiplyAdd, reads }]): [string, string] => {
    const rates = reads.map(([bytes, rate]) => `${amount(bytes)} ${rate.toFixed(1)} GB/s`)
    return [`limits, ${threads}`, `${multiplyAdd.toFixed(0)} GFLOP/s (native, float32); reading ${rates.join(', ')}`]
  })
  return [
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GiB, ${machine.system}`],
    ['features', machine.features.join(' ') || 'unknown'],
    ['node', `${machine.node}, V8 ${machine.v8}, flags: ${machine.flags.join(' ') || 'none'}`],
    [
      'wasm kernels',
      Object.entries(machine.kernels)
        .map(([name, fact]) => `${name}: ${fact}`)
        .join(', '),
    ],
    ['vitrine', `${machine.vitrine}, commit ${machine.commit}`],
    [
      'packages',
      Object.entries(machine.packages)
        .map(entry => entry.join(' '))
        .join(', '),
    ],
    ['date', machine.date],
    ['load average', `${load[0].toFixed(2)} before, ${load[1].toFixed(2)} after${isBusy(load, machine.cores)}`],
    [
      'options',
      Object.entries(options)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(', '),
    ],
    ...limits,
    ...Object.entries(engines),
  ]
}

/** Other work on the machine makes all figures worth little. */
function isBusy([before]: readonly [number, number], cores: number): string {
  return before > 0.25 * cores ? ': BUSY, do not trust the figures' : ''
}

function cellsOf({ rows }: Group): string[][] {
  return rows.map(row => {
    const { low, median, high } = row.spread
    const own = isOurs(row) ? undefined : ownRow(row, rows)
    return [
      ...[row.test, row.subject, row.engine, row.dtype, figure(median), `${figure(low)} .. ${figure(high)}`, row.unit],
      own ? `${ratio(own, row).toFixed(2)} x${own.dtype === row.dtype ? '' : ` (${own.dtype})`}` : '',
      row.share ? `${(100 * row.share.value).toFixed(0)} % ${row.share.of}` : '',
      [errorText(row), row.note].filter(Boolean).join('; '),
    ]
  })
}

function errorText({ error, agreement }: Row): string {
  const kinds = { logProbabilities: ' (log p)', firstToken: ' (first token)' }
  const distance = error && `${error.largest.toExponential(1)}${error.of ? kinds[error.of] : ''}`
  const tokens = agreement && `${agreement.equal} of ${agreement.of} tokens`
  return [distance, tokens].filter(Boolean).join(', ')
}

/** Three significant digits, and all before the point. */
export function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Number.isFinite(value) ? value.toPrecision(3) : String(value)
}

/** Bytes in the largest unit that leaves one digit before the point. */
export function amount(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(bytes) / 3)))
  return `${figure(bytes / 1000 ** power)} ${units[power]}`
}

function list(entries: readonly (readonly [string, string])[], form: 'terminal' | 'markdown'): string {
  if (form === 'markdown') return entries.map(([name, text]) => `- ${name}: ${text}`).join('\n')
  const width = Math.max(...entries.map(([name]) => name.length))
  return entries.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n')
}

/** Columns of numbers are aligned to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  form: 'terminal' | 'markdown',
): string {
  const isNumber = head.map((_, c) => rows.some(row => /^[\d.]/.test(row[c] ?? '')) && c > 3)
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, c) => (isNumber[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
    return form === 'markdown' ? `| ${padded.join(' | ')} |` : padded.join('  ').trimEnd()
  }
  const widths = head.map((title, c) => Math.max(title.length, ...rows.map(row => row[c]?.length ?? 0)))
  const rule = widths.map((width, c) => (isNumber[c] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [
    line(head),
    form === 'markdown' ? `| ${rule.join(' | ')} |` : rule.map(text => text.replace(':', '-')).join('  '),
    ...rows.map(line),
  ].join('\n')
}
