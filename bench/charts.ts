// Bar charts of a report as SVG, drawn by hand: one file for each test, light or dark as the reader's page is.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isOurs, type Report, type Row, units } from './harness/report.ts'
import { figure } from './harness/table.ts'

/** Draws every test that more than one engine took part in. Returns the paths of the files. */
export function drawCharts(report: Report, folder: string): string[] {
  mkdirSync(folder, { recursive: true })
  return report.groups
    .filter(({ name }) => name !== 'Kernels')
    .flatMap(({ name, rows }) =>
      [...new Set(rows.map(({ test, subject }) => `${test}, ${subject}`))].flatMap(title => {
        const shown = rows.filter(({ test, subject }) => `${test}, ${subject}` === title)
        if (shown.length < 2) return []
        const path = join(folder, `${`${name} ${title}`.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.svg`)
        writeFileSync(path, chart(`${name}: ${title}`, shown, report))
        return [path]
      }),
    )
}

const size = { width: 760, label: 230, value: 120, bar: 20, gap: 10, head: 64, foot: 34 }

/** Horizontal bars, the best on top, our own in colour; the thin line shows the quartiles. */
function chart(title: string, rows: readonly Row[], { machine }: Report): string {
  const unit = rows[0]!.unit
  const { higherIsBetter } = units[unit]
  const sorted = [...rows].sort((a, b) => (higherIsBetter ? -1 : 1) * (a.spread.median - b.spread.median))
  const most = Math.max(...rows.map(({ spread }) => spread.high))
  const room = size.width - size.label - size.value
  const x = (value: number) => size.label + (room * value) / most
  const height = size.head + sorted.length * (size.bar + size.gap) + size.foot
  const bars = sorted.map((row, i) => {
    const y = size.head + i * (size.bar + size.gap)
    const { low, median, high } = row.spread
    const middle = y + size.bar / 2
    const kind = isOurs(row) ? 'ours' : 'theirs'
    return [
      `<text class="label ${kind}-label" x="${size.label - 10}" y="${middle}">${escaped(`${row.engine} ${row.dtype}`.trim())}</text>`,
      `<rect class="${kind}" x="${size.label}" y="${y}" width="${(x(median) - size.label).toFixed(1)}" height="${size.bar}" rx="3"/>`,
      `<path class="spread" d="M${x(low).toFixed(1)} ${middle}H${x(high).toFixed(1)}"/>`,
      `<text class="value" x="${(x(Math.max(median, high)) + 8).toFixed(1)}" y="${middle}">${figure(median)} ${unit}</text>`,
    ].join('\n')
  })
  const better = higherIsBetter ? 'longer is better' : 'shorter is better'
  const footer = `${machine.cpu}, ${machine.cores} cores, ${rows[0]!.threads} threads, Node ${machine.node}, ${machine.date.slice(0, 10)}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>${style}</style>
<text class="title" x="16" y="26">${escaped(title)}</text>
<text class="note" x="16" y="46">${unit}, ${better}; the line in a bar spans the middle half of the rounds</text>
${bars.join('\n')}
<text class="note" x="16" y="${height - 12}">${escaped(footer)}</text>
</svg>
`
}

const style = `
text { font: 14px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif; fill: #1f2328; dominant-baseline: middle }
.title { font-size: 16px; font-weight: 600 }
.note { font-size: 12px; fill: #59636e }
.label { text-anchor: end }
.ours-label { font-weight: 600 }
.ours { fill: #0f7b6c }
.theirs { fill: #b6bec7 }
.spread { stroke: #1f2328; stroke-width: 2; opacity: 0.55 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .note { fill: #9198a1 }
  .ours { fill: #2fb8a0 }
  .theirs { fill: #565f69 }
  .spread { stroke: #e6edf3 }
}
`

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
