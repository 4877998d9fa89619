// vitrine inspect: the tensors of a model folder, by name, type, shape and size; their numbers are not read.
import { basename } from 'node:path'
import type { Command } from 'commander'
import { quoted } from '../checkpoint/headerFault.ts'
import { openWeights } from '../checkpoint/openWeights.ts'
import { packedKindOf } from '../checkpoint/packedWeights.ts'
import type { Weights } from '../checkpoint/weights.ts'
import { shapeText } from '../shape.ts'
import { bytesText } from './byteProgress.ts'
import { answer, aside } from './terminal.ts'

interface InspectCommandOptions {
  variant?: string
  verify: boolean
  json: boolean
}

/** One tensor in the answer. */
interface Row {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: number
  readonly file: string
  /** The name of the tensor whose numbers it shares. */
  readonly same_as?: string
}

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('list the tensors of a model folder: name, type, shape, bytes')
    .argument('<folder>', 'folder with model.safetensors or pytorch_model.bin, or several of them and their index')
    .option('--variant <name>', 'weights of another kind: fp16 reads model.fp16.safetensors')
    .option('--verify', 'read everything and compare the checksums that pytorch_model.bin has', false)
    .option('--json', 'print the answer as JSON', false)
    .addHelpText('after', examples)
    .action((folder: string, { variant, verify, json }: InspectCommandOptions) => {
      using weights = openWeights(folder, variant === undefined ? {} : { variant })
      if (verify) weights.verify()
      const rows = rowsOf(weights)
      answer(json ? `${JSON.stringify(rows)}\n` : tableOf(rows))
      const bytes = rows.reduce((sum, row) => sum + (row.same_as === undefined ? row.bytes : 0), 0)
      const kind = packedKindOf(weights)
      const small = kind ? ` (weights kept as ${kind}, for Vitrine alone)` : ''
      aside(`${rows.length} tensors, ${bytesText(bytes)}, in ${weights.name}${small}`)
    })
}

const examples = `
Examples:
  vitrine inspect ./bert-base-chinese
  vitrine inspect ./gpt2 --json`

function rowsOf(weights: Weights): Row[] {
  return Array.from(weights.tensors, ([name, { dtype, shape, byteLength }]) => {
    const same = weights.aliases.get(name)
    const file = basename(weights.fileOf(name))
    return { name, dtype, shape, bytes: byteLength, file, ...(same !== undefined && { same_as: same }) }
  })
}

/** Names of tensors come from a stranger: what would steer a terminal, or break a line, is escaped. */
function tableOf(rows: readonly Row[]): string {
  const hasFiles = new Set(rows.map(({ file }) => file)).size > 1
  const lines = rows.map(({ name, dtype, shape, bytes, file, same_as }) => {
    const notes = [...(hasFiles ? [plain(file)] : []), ...(same_as === undefined ? [] : [`same as ${plain(same_as)}`])]
    return [plain(name), dtype, shapeText(shape), bytesText(bytes), notes.join(' ')]
  })
  const widths = [0, 1, 2, 3].map(column => Math.max(0, ...lines.map(line => line[column]!.length)))
  const text = (line: readonly string[]): string =>
    line
      .map((cell, column) => (column === 3 ? cell.padStart(widths[3]!) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return lines.map(line => `${text(line)}\n`).join('')
}

function plain(name: string): string {
  return quoted(name).slice(1, -1)
}
