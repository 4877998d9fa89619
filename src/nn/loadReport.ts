// What differed between a model and its checkpoint, as a text: Hugging Face's table, and a sentence on each head or layer.
import { shapeText } from '../shape.ts'
import type { LoadReport } from './load.ts'

/** What the sentences need to know. */
export interface ReportContext {
  /** The model's class, and where its weights came from. */
  readonly model: string
  readonly from: string
  /** Heads that some classes of the architecture have, by the part of a path, and what they are: cls, 'the pre-training head'. */
  readonly heads: Readonly<Record<string, string>>
  /** The body's part of a path, which stands before its names. */
  readonly prefix: string
  /** The names of the model. */
  readonly names: readonly string[]
  /** Where random numbers came from: 'seed 5'. */
  readonly origin: string
}

interface Row {
  readonly name: string
  readonly status: 'UNEXPECTED' | 'MISSING' | 'MISMATCH'
  readonly details: string
  readonly reason: string
}

/** The report; undefined when nothing differs. */
export function reportText(report: LoadReport, context: ReportContext): string | undefined {
  const rows: Row[] = [
    ...report.unexpected.map(name => row(name, 'UNEXPECTED', '', whyUnexpected(name, context))),
    ...report.missing.map(name => row(name, 'MISSING', '', whyMissing(name, context))),
    ...report.mismatched.map(({ name, file, model }) =>
      row(name, 'MISMATCH', `file ${shapeText(file)}, model ${shapeText(model)}`, whyMismatched(name, context)),
    ),
  ]
  if (rows.length === 0) return undefined
  const reasons = [...new Set(rows.map(({ reason }) => reason))]
  return [
    `${context.model} LOAD REPORT from: ${context.from}`,
    ...table([['Key', 'Status', 'Details'], ...folded(rows)]),
    '',
    ...reasons.map(reason => `- ${reason}`),
  ].join('\n')
}

function row(name: string, status: Row['status'], details: string, reason: string): Row {
  return { name, status, details, reason }
}

/** The part that names a head: the first one behind the body's. */
function headOf(name: string, { prefix }: ReportContext): string {
  const parts = name.split('.')
  return (parts[0] === prefix && parts.length > 1 ? parts[1] : parts[0])!
}

function whyMissing(name: string, context: ReportContext): string {
  return `${headOf(name, context)} is new: it started with random numbers (${context.origin}). Train it before you trust its scores.`
}

function whyMismatched(name: string, context: ReportContext): string {
  return `${headOf(name, context)} has another shape in the file, so it started with random numbers (${context.origin}). Train it before you trust its scores.`
}

function whyUnexpected(name: string, context: ReportContext): string {
  const { heads, prefix, names, model } = context
  const head = headOf(name, context)
  const what = Object.hasOwn(heads, head) ? heads[head] : undefined
  const isElsewhere = !names.some(known => headOf(known, context) === head)
  if (what !== undefined && isElsewhere) return `${head}.* belongs to ${what}, which ${model} does not have.`
  const own = name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : name
  const pattern = patternOf(own)
  const isLayer =
    pattern !== own && names.some(known => patternOf(known) === pattern || patternOf(known) === `${prefix}.${pattern}`)
  if (isLayer) return `${model} has fewer layers than the file: is config.json that of these weights?`
  return `${model} has no place for ${starred(pattern)}: fine if you know what it is, not if the model should have it.`
}

const starred = (pattern: string): string => pattern.replaceAll('\0', '*')

/** Numbers between dots, or at the end. */
const numbers = /(?<=\.)\d+(?=\.|$)/g

/** A name with its numbers taken out. */
function patternOf(name: string): string {
  return name.replaceAll(numbers, '\0')
}

/** Names that differ only in numbers share a line: h.{0...11}.attn.bias. */
function folded(rows: readonly Row[]): string[][] {
  const groups = new Map<string, Row[]>()
  for (const each of rows) {
    const key = JSON.stringify([patternOf(each.name), each.status, each.details])
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return Array.from(groups.values(), group => {
    const { name, status, details } = group[0]!
    const places = group.map(each => each.name.match(numbers) ?? [])
    let place = 0
    const shown = patternOf(name).replaceAll('\0', () => {
      const found = [...new Set(places.map(each => Number(each[place])))].sort((a, b) => a - b)
      place++
      return found.length === 1 ? String(found[0]) : `{${runsOf(found)}}`
    })
    return [shown, status, details]
  })
}

/** 0, 1, 3 or, for a run of more than ten, 0...11. */
function runsOf(sorted: readonly number[]): string {
  const runs: number[][] = []
  for (const value of sorted) {
    const run = runs.at(-1)
    if (run?.at(-1) === value - 1) run.push(value)
    else runs.push([value])
  }
  return runs.map(run => (run.length > 10 ? `${run[0]}...${run.at(-1)}` : run.join(', '))).join(', ')
}

/** Columns under the first line, which names them; one that is empty is left out. */
function table(lines: readonly (readonly string[])[]): string[] {
  const [head, ...body] = lines
  const columns = head!.map((_, i) => i).filter(i => body.some(line => line[i] !== ''))
  const widths = columns.map(i => Math.max(...lines.map(line => line[i]!.length)))
  const text = (line: readonly string[]): string =>
    columns
      .map((i, place) => line[i]!.padEnd(widths[place]!))
      .join(' | ')
      .trimEnd()
  return [text(head!), widths.map(width => '-'.repeat(width)).join('-+-'), ...body.map(text)]
}
