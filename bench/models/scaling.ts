// pp128 on one thread and on all: how much the others bring, and whether every number stays the same to the bit.
import { EngineProcess } from '../harness/engineProcess.ts'
import { interleave } from '../harness/interleave.ts'
import type { Group, Row } from '../harness/report.ts'
import { tokenIds } from '../subjects/weights.ts'
import { subjectName } from './contest.ts'
import { entrants } from './engines.ts'
import type { Run } from './run.ts'

export async function scaling(run: Run): Promise<Group> {
  const rows: Row[] = []
  for (const { peer, options } of entrants('gpt2', run)) {
    try {
      await using single = new EngineProcess(peer, { ...options, threads: 1 })
      await using several = new EngineProcess(peer, options)
      rows.push(...(await sideBySide(single, several, run)))
    } catch (error) {
      run.miss(`${peer.name} ${options.dtype}: scaling`, error)
    }
  }
  return { name: 'Threads', explanation, rows }
}

const explanation =
  'The shortest prompt test again. With all threads, the note says how many times as fast, and whether the bits are the same.'

async function sideBySide(single: EngineProcess, several: EngineProcess, run: Run): Promise<Row[]> {
  const { size } = run
  const T = size.prompts[0]!
  const ids = tokenIds(T, size)
  const engines = [single, several]
  for (const engine of engines) await engine.open()
  const answers = []
  for (const engine of engines) answers.push(await engine.ask({ do: 'lastLogits', ids, values: true }))
  const bits = answers[0]?.values === answers[1]?.values ? 'same bits' : 'OTHER BITS'
  run.progress(`threads of ${single.peer.name} ${single.options.dtype}`)
  const contestants = engines.map(engine => ({
    name: engine === single ? 'single' : 'several',
    run: async () => (1000 * T) / (await engine.ask({ do: 'lastLogits', ids, values: false })).milliseconds,
  }))
  const standings = await interleave(contestants, run.repeat, { rest: run.size.rest })
  const [alone, together] = ['single', 'several'].map(name => standings.get(name)?.spread)
  if (!alone || !together) throw new Error([...standings.values()].flatMap(({ failure }) => failure ?? []).join('; '))
  const common = { subject: subjectName('gpt2', size), engine: single.peer.name, dtype: single.options.dtype }
  const row = (threads: number, spread: typeof alone, note: string): Row => {
    return { ...common, test: `pp${T}, threads ${threads}`, threads, unit: 'tokens/s', spread, note }
  }
  const times = (together.median / alone.median).toFixed(2)
  return [row(1, alone, ''), row(run.threads, together, `${times} times one thread, ${bits}`)]
}
