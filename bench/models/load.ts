// From starting a process to its first logits, and the most memory it held meanwhile.
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { EngineProcess } from '../harness/engineProcess.ts'
import { interleave } from '../harness/interleave.ts'
import type { Group, Row } from '../harness/report.ts'
import { type Spread, spreadOf } from '../harness/statistics.ts'
import type { EngineOptions, Peer } from '../peers/engine.ts'
import { modelFolder, tokenIds } from '../subjects/weights.ts'
import { differenceTo, subjectName } from './contest.ts'
import { entrants } from './engines.ts'
import type { Run } from './run.ts'
import { gpt2Truth } from './truth.ts'

/** Both groups come from the same processes. */
export async function load(run: Run): Promise<[time: Group, memory: Group]> {
  const { size } = run
  const truth = await gpt2Truth(run)
  const wanted = truth.lastLogits.get(size.loadPrompt) ?? new Float32Array()
  const file = join(modelFolder('gpt2', size), 'model.safetensors')
  const weightBytes = statSync(file).size
  const measured = entrants('gpt2', run).map(entrant => ({
    ...entrant,
    peaks: [] as number[],
    findings: {} as Findings,
  }))
  run.progress(`load, ${measured.length} engines`)
  const standings = await interleave(
    [
      { name: reading, run: async () => secondsToRead(file) },
      ...measured.map(entry => ({
        name: `${entry.peer.name} ${entry.options.dtype}`,
        async run() {
          const { seconds, peak, findings, about } = await firstLogits(entry.peer, entry.options, wanted, run)
          entry.peaks.push(peak)
          entry.findings = findings
          run.engines[`${entry.peer.name} ${entry.options.dtype}`] = about
          return seconds
        },
      })),
    ],
    Math.ceil(run.repeat / 2),
    { rest: run.size.rest },
  )
  const floor = standings.get(reading)?.spread
  if (!floor) throw new Error(`${file} cannot be read: ${standings.get(reading)?.failure}`)
  const common = { subject: subjectName('gpt2', size), threads: run.threads }
  const time: Row[] = [
    { ...common, test: 'load', engine: reading, dtype: 'float32', unit: 's', spread: floor, threads: 1 },
  ]
  const memory: Row[] = []
  for (const { peer, options, peaks, findings } of measured) {
    const { spread, failure } = standings.get(`${peer.name} ${options.dtype}`) ?? {}
    if (!spread) {
      run.miss(`${peer.name} ${options.dtype}: load`, failure)
      continue
    }
    const row = { ...common, engine: peer.name, dtype: options.dtype, ...findings }
    const reads = `${(spread.median / floor.median).toFixed(1)} times reading the file`
    time.push({ ...row, test: 'load', unit: 's', spread, note: reads })
    memory.push(memoryRow(row, spreadOf(peaks), weightBytes))
  }
  return [
    { name: 'Load', explanation: loadExplanation, rows: time },
    { name: 'Peak memory', explanation: memoryExplanation, rows: memory },
  ]
}

type Findings = Pick<Row, 'error'>

const reading = 'reading the file'

const loadExplanation =
  'From starting the process to the logits behind a short prompt, files in the page cache; the error is that of these logits. ' +
  '"reading the file" reads the same float32 weights into memory once, in a process that has started already.'
const memoryExplanation =
  'The most that the process of the load test held (resident), and as a multiple of the float32 file.'

function memoryRow(row: Omit<Row, 'test' | 'unit' | 'spread'>, bytes: Spread, weightBytes: number): Row {
  const spread = spreadOf(bytes.samples.map(value => value / 1e6))
  return {
    ...row,
    test: 'peak memory',
    unit: 'MB',
    spread,
    note: `${(bytes.median / weightBytes).toFixed(2)} of the file`,
  }
}

async function firstLogits(peer: Peer, options: EngineOptions, wanted: Float32Array, { size }: Run) {
  const start = performance.now()
  await using engine = new EngineProcess(peer, options)
  await engine.open()
  const answer = await engine.ask({ do: 'lastLogits', ids: tokenIds(size.loadPrompt, size), values: true })
  const seconds = (performance.now() - start) / 1000
  const { peak } = await engine.ask({ do: 'memory' })
  return { seconds, peak, about: engine.about, findings: { error: differenceTo(wanted, answer, size.C) } }
}

/** The time to bring a whole file into memory that is new to the process. */
function secondsToRead(file: string): number {
  const program = `const t = performance.now(); require('fs').readFileSync(process.argv[1]); console.log(performance.now() - t)`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, file], { encoding: 'utf8' })
  const milliseconds = Number(stdout)
  if (!(milliseconds > 0)) throw new Error(stderr)
  return milliseconds / 1000
}
