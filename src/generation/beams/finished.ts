// The best texts that have ended, of one group of beams (transformers/generation/beam_search.py, BeamHypotheses).
import type { GenerationConfig } from '../config.ts'
import type { Hypothesis } from './hypothesis.ts'

export class FinishedBeams {
  /** In the order in which they ended. */
  readonly texts: Hypothesis[] = []
  readonly #size: number
  readonly #config: Pick<GenerationConfig, 'length_penalty' | 'early_stopping'>
  readonly #mostNew: number
  #worst = 1e9

  /** Room for `size` texts, which can have `mostNew` new tokens at most. */
  constructor(size: number, config: Pick<GenerationConfig, 'length_penalty' | 'early_stopping'>, mostNew: number) {
    this.#size = size
    this.#config = config
    this.#mostNew = mostNew
  }

  /**
   * Takes a text with `count` new tokens, the one that ended it included, if it is good enough; the worst one may go.
   */
  add({ ids, score: sum, beams }: Hypothesis, count: number): void {
    const score = sum / count ** this.#config.length_penalty
    if (this.texts.length >= this.#size && score <= this.#worst) return
    this.texts.push({ ids, score, beams })
    if (this.texts.length <= this.#size) {
      this.#worst = Math.min(score, this.#worst)
      return
    }
    const [worst, next] = this.texts.toSorted((a, b) => a.score - b.score)
    this.texts.splice(this.texts.indexOf(worst!), 1)
    this.#worst = next!.score
  }

  /**
   * Whether no beam can beat the worst text any more; `best` is the sum of the best way to go on, to `count` new
   * tokens.
   */
  isDone(best: number, count: number): boolean {
    if (this.texts.length < this.#size) return false
    const { early_stopping, length_penalty } = this.#config
    if (early_stopping === true) return true
    const length = early_stopping === 'never' && length_penalty > 0 ? this.#mostNew : count
    return this.#worst >= best / length ** length_penalty
  }
}

/** The `count` best of all texts, the best in front, of equals the last one. */
export function bestFinished(finished: readonly FinishedBeams[], count: number): Hypothesis[] {
  return finished
    .flatMap(({ texts }) => texts)
    .toSorted((a, b) => a.score - b.score)
    .reverse()
    .slice(0, count)
}
