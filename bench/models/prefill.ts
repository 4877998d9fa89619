// pp128, pp512: reading a prompt, in tokens a second.
import type { EngineProcess } from '../harness/engineProcess.ts'
import type { Group, Row } from '../harness/report.ts'
import { tokenIds } from '../subjects/weights.ts'
import { differenceTo, runContest } from './contest.ts'
import { prefillDemand } from './demand.ts'
import type { Run } from './run.ts'
import { gpt2Truth } from './truth.ts'

export async function prefill(engines: readonly EngineProcess[], run: Run): Promise<Group> {
  const { size, repeat: rounds } = run
  const truth = await gpt2Truth(run)
  const rows: Row[] = []
  for (const T of size.prompts) {
    const ids = tokenIds(T, size)
    const contest = {
      ...({ test: `pp${T}`, model: 'gpt2', unit: 'tokens/s', rounds } as const),
      demand: ({ options }: EngineProcess) => prefillDemand(size, T, options.dtype),
      milliseconds: (value: number) => (1000 * T) / value,
      async measure(engine: EngineProcess) {
        const { milliseconds } = await engine.ask({ do: 'lastLogits', ids, values: false })
        return (1000 * T) / milliseconds
      },
      async check(engine: EngineProcess) {
        const answer = await engine.ask({ do: 'lastLogits', ids, values: true })
        return { error: differenceTo(truth.lastLogits.get(T) ?? new Float32Array(), answer, size.C) }
      },
    }
    rows.push(...(await runContest(engines, contest, run)))
  }
  return { name: 'GPT-2 prefill', explanation, rows }
}

const explanation =
  'Reading a prompt into an empty cache, logits of its last token. The error is that of the logits (up to about 3 in size).'
