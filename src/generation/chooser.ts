// Choosing the next token of each row: the best one, or a draw for all rows at once.
import { Candidates } from './candidates.ts'
import type { StepOutput } from './model.ts'
import type { ProcessorInput } from './processors/processor.ts'
import type { Run } from './run.ts'
import { checkAllowed } from './scores.ts'

export class TokenChooser {
  readonly #run: Run
  readonly #candidates: Candidates
  /** (rows, V), filled anew in each step. */
  readonly #probabilities: Float32Array

  constructor(run: Run) {
    this.#run = run
    this.#candidates = new Candidates(run.config.do_sample ? run.vocabulary : 0)
    this.#probabilities = new Float32Array(run.config.do_sample ? run.rows.count * run.vocabulary : 0)
  }

  /**
   * A token for each row of scores (rows, V), which the processors change in place. Rows that have ended get the
   * padding token but take part in the draw, as in Hugging Face: what the others draw does not depend on them.
   */
  choose(scores: Float32Array, step: number, ended: readonly boolean[], outputs: StepOutput): number[] {
    const { rows, vocabulary: V, config, record, parts } = this.#run
    const padding = parts.pad ?? 0
    const tokens = ended.map((isDone, row) => {
      const isPadded = isDone && parts.fillsUp
      if (isPadded && !record.scores) return padding
      const logits = scores.subarray(row * V, (row + 1) * V)
      const best = this.#process({ ids: rows.row(row), logits, step, row, outputs })
      return isPadded ? padding : best
    })
    if (!config.do_sample) return tokens
    const drawn = parts.generator.multinomial(this.#probabilities, 1, { rows: rows.count })
    return tokens.map((token, row) => (ended[row] && parts.fillsUp ? token : drawn[row]!))
  }

  /** The best token; when one is to be drawn, the probabilities instead. */
  #process(input: ProcessorInput): number {
    const { chain } = this.#run.parts
    const { logits, row } = input
    if (!this.#run.config.do_sample) {
      const best = chain.apply(input)
      checkAllowed(logits[best]!, row, input.step)
      return best
    }
    chain.narrow(input, this.#candidates)
    this.#candidates.writeProbabilities(this.#probabilities.subarray(row * logits.length, (row + 1) * logits.length))
    if (this.#run.record.scores) this.#candidates.writeTo(logits)
    return 0
  }
}
