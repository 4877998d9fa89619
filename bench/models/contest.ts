// Runs one test on all engines in turns and makes rows of it.
import { compare, type Difference } from '../harness/compare.ts'
import type { EngineProcess } from '../harness/engineProcess.ts'
import { interleave } from '../harness/interleave.ts'
import { decodeValues } from '../harness/protocol.ts'
import type { Row, Unit } from '../harness/report.ts'
import type { Demand } from '../harness/roofline.ts'
import type { Gives } from '../peers/engine.ts'
import { type ModelName, parameters, type Size } from '../subjects/sizes.ts'
import type { Run } from './run.ts'

/** 'GPT-2 102 M', for the rows. */
export function subjectName(model: ModelName, size: Size): string {
  const count = parameters(model, size)
  const name = { gpt2: 'GPT-2', bert: 'BERT' }[model]
  return count >= 1e6 ? `${name} ${(count / 1e6).toFixed(0)} M` : `${name} ${(count / 1e3).toFixed(0)} k`
}

export interface Contest {
  readonly test: string
  readonly model: ModelName
  readonly unit: Unit
  readonly rounds: number
  /** What one measurement needs of the machine, and the milliseconds that a measured value stands for. */
  readonly demand?: (engine: EngineProcess) => Demand
  readonly milliseconds?: (value: number) => number
  /** One measurement. */
  measure(engine: EngineProcess): Promise<number>
  /** What is said of the engine's numbers; asked for once. */
  check?(engine: EngineProcess): Promise<Pick<Row, 'error' | 'agreement' | 'note'>>
}

/** Checks every engine, then measures them all in turns. An engine that fails is reported and left out. */
export async function runContest(engines: readonly EngineProcess[], contest: Contest, run: Run): Promise<Row[]> {
  const { test, model, unit, rounds, demand, milliseconds = value => value } = contest
  const checked = new Map<EngineProcess, Pick<Row, 'error' | 'agreement' | 'note'>>()
  for (const engine of engines) {
    try {
      checked.set(engine, (await contest.check?.(engine)) ?? {})
    } catch (error) {
      run.miss(`${nameOf(engine)}: ${test}`, error)
    }
  }
  run.progress(`${test}, ${checked.size} engines, ${rounds} rounds`)
  const contestants = [...checked.keys()].map(engine => ({ name: nameOf(engine), run: () => contest.measure(engine) }))
  const standings = await interleave(contestants, rounds, { rest: run.size.rest })
  const rows: Row[] = []
  for (const [engine, findings] of checked) {
    const { spread, failure } = standings.get(nameOf(engine)) ?? {}
    if (!spread) {
      run.miss(`${nameOf(engine)}: ${test}`, failure)
      continue
    }
    const { dtype, threads } = engine.options
    const share = demand && run.roofline.share(demand(engine), milliseconds(spread.median))
    const subject = subjectName(model, run.size)
    rows.push({ test, subject, engine: engine.peer.name, dtype, threads, unit, spread, share, ...findings })
  }
  return rows
}

export function nameOf(engine: EngineProcess): string {
  return `${engine.peer.name} ${engine.options.dtype}`
}

/** The numbers of an answer against the reference's; only as many of those as there are. */
export function differenceTo(
  reference: Float32Array,
  answer: { values?: string; gives?: Gives },
  C: number,
): Difference {
  return compare(decodeValues(answer.values ?? ''), reference, answer.gives, C)
}
