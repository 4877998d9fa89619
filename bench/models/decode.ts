// tg256 @ d64: one token after the other behind a prompt, greedy, in tokens a second.
import type { EngineProcess } from '../harness/engineProcess.ts'
import type { Group } from '../harness/report.ts'
import { tokenIds } from '../subjects/weights.ts'
import { differenceTo, runContest } from './contest.ts'
import { tokenDemand } from './demand.ts'
import type { Run } from './run.ts'
import { gpt2Truth } from './truth.ts'

export async function decode(engines: readonly EngineProcess[], run: Run): Promise<Group> {
  const { size } = run
  const { depth, decoded } = size
  const truth = await gpt2Truth(run)
  const ids = tokenIds(depth, size)
  const contest = {
    ...({ test: `tg${decoded} @ d${depth}`, model: 'gpt2', unit: 'tokens/s' } as const),
    // A round has hundreds of tokens in it.
    rounds: Math.ceil(run.repeat / 2),
    demand: ({ options }: EngineProcess) => tokenDemand(size, depth + decoded / 2, options.dtype),
    milliseconds: (value: number) => 1000 / value,
    async measure(engine: EngineProcess) {
      const { milliseconds } = await engine.ask({ do: 'generate', ids, count: decoded })
      // The first one holds the prompt.
      const steps = milliseconds.slice(1)
      return (1000 * steps.length) / steps.reduce((a, b) => a + b, 0)
    },
    async check(engine: EngineProcess) {
      const answer = await engine.ask({ do: 'lastLogits', ids, values: true })
      const error = differenceTo(truth.lastLogits.get(depth) ?? new Float32Array(), answer, size.C)
      const { tokens } = await engine.ask({ do: 'generate', ids, count: decoded })
      return { error, agreement: { equal: equalFromStart(tokens, truth.tokens), of: truth.tokens.length } }
    },
  }
  return { name: 'GPT-2 decode', explanation, rows: await runContest(engines, contest, run) }
}

const explanation =
  'Greedy tokens behind a prompt, without the time of the prompt itself; choosing the token is included. The error is that of the ' +
  "logits behind the prompt; then how many tokens are the reference's before the first other one."

function equalFromStart(tokens: readonly number[], wanted: readonly number[]): number {
  const at = wanted.findIndex((token, i) => token !== tokens[i])
  return at < 0 ? wanted.length : at
}
