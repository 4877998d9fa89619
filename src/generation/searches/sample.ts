// Greedy search and sampling: a step of the model, the processors, one token for each row, until all rows have ended.
import { TokenChooser } from '../chooser.ts'
import type { StepCache } from '../model.ts'
import type { Generated, GenerationStep } from '../outputs.ts'
import type { Run } from '../run.ts'

export async function* sample<C extends StepCache>(run: Run<C>): AsyncGenerator<GenerationStep, Generated<C>> {
  const { rows, record } = run
  const chooser = new TokenChooser(run)
  const scores = new Float32Array(rows.count * run.vocabulary)
  const ended = new Array<boolean>(rows.count).fill(false)
  for (let step = 0; ended.includes(false); step++) {
    const output = await run.forward(rows, { into: scores })
    record.addLogits(output.logits)
    const tokens = chooser.choose(output.logits, step, ended, output)
    record.addScores(output.logits)
    record.addInner(output)
    rows.append(tokens)
    for (const [row, isEnd] of run.ended(rows.all(), step + 1).entries()) ended[row] ||= isEnd
    yield { step, tokens, ended: [...ended] }
  }
  return run.result()
}
