// A run of tokens that a text must have.
import { tokenRuns } from '../values.ts'
import type { Constraint, ConstraintProgress } from './constraint.ts'

export class PhrasalConstraint implements Constraint {
  readonly token_ids: readonly number[]
  readonly seqlen: number
  #fulfilled = 0

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(token_ids: readonly number[]) {
    this.token_ids = tokenRuns('force_words_ids', [token_ids])[0]!
    this.seqlen = token_ids.length
  }

  get completed(): boolean {
    return this.#fulfilled === this.seqlen
  }

  advance(): readonly number[] {
    return this.token_ids.slice(this.#fulfilled, this.#fulfilled + 1)
  }

  does_advance(token: number): boolean {
    return token === this.token_ids[this.#fulfilled]
  }

  update(token: number): ConstraintProgress {
    const stepped = this.does_advance(token)
    this.#fulfilled = stepped ? this.#fulfilled + 1 : 0
    return { stepped, completed: this.completed, reset: !stepped }
  }

  remaining(): number {
    return this.seqlen - this.#fulfilled
  }

  copy(stateful = false): PhrasalConstraint {
    const other = new PhrasalConstraint(this.token_ids)
    if (stateful) other.#fulfilled = this.#fulfilled
    return other
  }
}
