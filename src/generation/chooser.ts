// Choosing the next token of each row: the best one, or a draw for all rows at once.
import { Candidates } from './candidates.ts'
import type { StepOutput } from './model.ts'
import type { ProcessorInput } from './processors/processor.ts'
import type { Run } from './run.ts'
import { checkAllowed } from './scores.ts'

export class TokenChooser {
  readonly #run: Run
  /** What each row still has to choose from, filled anew in each step; none when the best token is taken. */
  readonly #candidates: readonly Candidates[]

  constructor(run: Run) {
    this.#run = run
    const { rows, vocabulary, config } = run
    this.#candidates = Array.from({ length: config.do_sample ? rows.count : 0 }, () => new Candidates(vocabulary))
  }

  /**
   * A token for each row of scores (rows, V), which the processors change in place. Rows that have ended get the
   * padding token but take part in the draw, as in Hugging Face: what the others draw does not depend on them.
   */
  choose(scores: Float32Array, step: number, ended: readonly boolean[], outputs: StepOutput): number[] {
    const { rows, vocabulary: V, config, record, parts } = this.#run
    const padding = parts.pad ?? 0
    const isPadded = (row: number): boolean => ended[row] === true && parts.fillsUp
    const best = ended.map((_, row) => {
      if (isPadded(row) && !record.scores) return padding
      const logits = scores.subarray(row * V, (row + 1) * V)
      return this.#process({ ids: rows.row(row), logits, step, row, outputs })
    })
    if (!config.do_sample) return best.map((token, row) => (isPadded(row) ? padding : token))
    const left = this.#candidates.map((each, row) => (isPadded(row) ? undefined : { ...each.weights(), width: V }))
    return parts.generator.drawAmong(left, V).map((token, row) => (isPadded(row) ? padding : token))
  }

  /** The best token of a row; when one is to be drawn, only its candidates are found. */
  #process(input: ProcessorInput): number {
    const { chain } = this.#run.parts
    const { logits, row } = input
    const candidates = this.#candidates[row]
    if (candidates) {
      chain.narrow(input, candidates)
      if (this.#run.record.scores) candidates.writeTo(logits)
      return 0
    }
    const best = chain.apply(input)
    checkAllowed(logits[best]!, row, input.step)
    return best
  }
}
