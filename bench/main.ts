// The command line of the benches: `npm run bench -- [tests] [options]`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { accuracyText, judgeAll } from './accuracy/accuracy.ts'
import { keepVerdicts } from './accuracy/kept.ts'
import { drawCharts } from './charts.ts'
import { describeMachine, load as loadAverage } from './harness/machine.ts'
import type { Group, Report } from './harness/report.ts'
import { Roofline } from './harness/roofline.ts'
import { reportText } from './harness/table.ts'
import { Run } from './models/run.ts'
import { dtypeNames, type EngineDType } from './peers/engine.ts'
import { peerNamed, peers } from './peers/index.ts'
import { root } from './subjects/cache.ts'
import { type SizeName, sizeNames, sizes } from './subjects/sizes.ts'
import { expandTests, runTests, type TestName, testNames } from './tests.ts'

interface Options {
  readonly peers?: true | string
  readonly sizes: SizeName
  readonly threads: number
  readonly repeat: number
  readonly dtype: EngineDType[]
  readonly kernel?: string[]
  readonly json?: true
  readonly markdown?: string
  readonly save?: true | string
}

const program = new Command('bench').description('Measures speed, accuracy and memory. See bench/README.md.')

program
  .command('run', { isDefault: true })
  .description('measures the kernels, the models and the tokenizers, and other engines beside them (the default)')
  .addArgument(new Argument('[tests...]', 'what to measure').choices(testNames).default(['all']))
  .option('--peers [names]', 'measure the other engines too: all, or those named, with commas between')
  .addOption(new Option('--sizes <name>', 'size of the models and kernels').choices(sizeNames).default('base'))
  .option('--threads <n>', 'threads of every engine', wholeNumber, cpus().length)
  .option('--repeat <n>', 'rounds', wholeNumber, 5)
  .option('--dtype <names>', `kinds of weights, with commas between: ${dtypeNames.join(', ')}`, dtypes, ['float32'])
  .option('--kernel <names>', 'only these kernels, with commas between', (text: string) => text.split(','))
  .option('--node <path>', 'the node program to run with, or a version that setup:peers has fetched')
  .option('--json', 'print the report as JSON')
  .option('--markdown <file>', 'write the report as Markdown too')
  .option('--save [folder]', 'keep the report as JSON and Markdown, in bench/results unless given')
  .action(bench)

program
  .command('accuracy')
  .description('judges the small kinds of weights against float32, on the shipped checkpoints and a real model')
  .option('--dtype <names>', 'kinds of weights, with commas between', dtypes, [...dtypeNames])
  .option('--json', 'print the verdicts as JSON')
  .option('--markdown <file>', 'write the table as Markdown too')
  .option('--save', 'keep them in bench/results, and put the table into bench/README.md')
  .action(accuracy)

program
  .command('charts <results>')
  .description('draws bar charts (SVG) of a file in bench/results')
  .option('--folder <path>', 'where they go', join('docs', 'charts'))
  .action((results: string, { folder }: { folder: string }) => {
    for (const path of drawCharts(JSON.parse(readFileSync(results, 'utf8')) as Report, folder))
      process.stdout.write(`${path}\n`)
  })

async function accuracy(options: Pick<Options, 'dtype' | 'json' | 'markdown' | 'save'>): Promise<void> {
  const verdicts = await judgeAll(options.dtype)
  const text = options.json ? `${JSON.stringify(verdicts, null, 2)}\n` : accuracyText(verdicts, 'terminal')
  process.stdout.write(text)
  if (options.markdown !== undefined) writeFileSync(options.markdown, accuracyText(verdicts, 'markdown'))
  if (options.save) keepVerdicts(verdicts)
}

async function bench(asked: TestName[], options: Options): Promise<void> {
  const before = loadAverage()
  const size = sizes[options.sizes]
  const chosen = options.peers ? chosenPeers(options.peers) : [peerNamed('vitrine')]
  const run = new Run({ ...options, size, dtypes: options.dtype, peers: chosen }, new Roofline(options.threads))
  run.progress(`load average ${before.toFixed(2)}`)
  const single = new Roofline(1)
  const groups = await runTests(expandTests(asked), run, single, options.kernel)
  const report = reportOf(groups, run, single, [before, loadAverage()], { ...options, tests: asked.join(' ') })
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  else process.stdout.write(reportText(report, 'terminal'))
  if (options.markdown !== undefined) writeFileSync(options.markdown, reportText(report, 'markdown'))
  if (options.save) save(report, options.save === true ? join(root, 'bench', 'results') : options.save)
}

function reportOf(groups: Group[], run: Run, single: Roofline, load: [number, number], options: object): Report {
  const limits = { [`${run.threads} threads`]: run.roofline.peaks, '1 thread': single.peaks }
  const peaks = Object.fromEntries(Object.entries(limits).flatMap(([name, value]) => (value ? [[name, value]] : [])))
  const shown = Object.fromEntries(
    Object.entries(options).filter(([name]) => !['json', 'markdown', 'save'].includes(name)),
  )
  return { machine: describeMachine(), load, options: shown, engines: run.engines, peaks, groups, missing: run.missing }
}

/** FOLDER/DATE-CPU.json and .md. */
function save(report: Report, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const cpu = report.machine.cpu
    .toLowerCase()
    .replace(/\(.*?\)|processor|cpu|@.*/g, '')
    .trim()
    .replace(/[^a-z0-9]+/g, '-')
  const path = join(folder, `${report.machine.date.slice(0, 10)}-${cpu}`)
  writeFileSync(`${path}.json`, `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(`${path}.md`, reportText(report, 'markdown'))
  process.stderr.write(`kept as ${path}.json and .md\n`)
}

function chosenPeers(names: true | string) {
  if (names === true) return peers
  return ['vitrine', ...names.split(',').filter(name => name !== 'vitrine')].map(name => {
    try {
      return peerNamed(name)
    } catch (error) {
      return program.error(error instanceof Error ? error.message : String(error))
    }
  })
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('a whole number from 1 on is wanted')
}

function dtypes(text: string): EngineDType[] {
  return text.split(',').map(name => {
    const found = dtypeNames.find(dtype => dtype === name)
    if (found) return found
    throw new InvalidArgumentError(`known: ${dtypeNames.join(', ')}`)
  })
}

await program.parseAsync()
