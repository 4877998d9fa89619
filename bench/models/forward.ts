// forward B1, B8: BERT over rows of 128 tokens, in milliseconds.
import type { EngineProcess } from '../harness/engineProcess.ts'
import type { Group, Row } from '../harness/report.ts'
import { tokenIds } from '../subjects/weights.ts'
import { differenceTo, runContest } from './contest.ts'
import { forwardDemand } from './demand.ts'
import type { Run } from './run.ts'
import { bertTruth } from './truth.ts'

export async function forward(engines: readonly EngineProcess[], run: Run): Promise<Group> {
  const { size, repeat: rounds } = run
  const truth = await bertTruth(run)
  const result: Row[] = []
  for (const B of size.batches) {
    const ids = tokenIds(B * size.T, size)
    const rows = Array.from({ length: B }, (_, b) => ids.slice(b * size.T, (b + 1) * size.T))
    const contest = {
      ...({ test: `T${size.T} B${B}`, model: 'bert', unit: 'ms', rounds } as const),
      demand: ({ options }: EngineProcess) => forwardDemand(size, B, options.dtype),
      async measure(engine: EngineProcess) {
        return (await engine.ask({ do: 'hidden', rows, values: false })).milliseconds
      },
      async check(engine: EngineProcess) {
        // The first row is the same for all B, and the only one that the reference has computed.
        const answer = await engine.ask({ do: 'hidden', rows: rows.slice(0, 1), values: true })
        return { error: differenceTo(truth.hidden, answer, size.C) }
      },
    }
    result.push(...(await runContest(engines, contest, run)))
  }
  return { name: 'BERT forward', explanation, rows: result }
}

const explanation =
  'B rows of T tokens, last hidden state of all of them and the pooler where the engine has it. The error is that of the hidden ' +
  'state of the first row (numbers up to about 4).'
