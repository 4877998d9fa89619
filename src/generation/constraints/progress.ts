// How far a text has come with a list of constraints (transformers/generation/beam_constraints.py,
// ConstraintListState).
import type { Constraint } from './constraint.ts'

/** One constraint at a time is under way; a token that does not fit it sends it back among those that wait. */
export class ConstraintProgressList {
  readonly #constraints: readonly Constraint[]
  readonly #longest: number
  #fulfilled = 0
  #current: Constraint | undefined
  #waiting: Constraint[]
  #completed = false

  constructor(constraints: readonly Constraint[]) {
    this.#constraints = constraints
    this.#longest = Math.max(...constraints.map(({ seqlen }) => seqlen))
    this.#waiting = constraints.map(constraint => constraint.copy())
  }

  /** Whether all are fulfilled. */
  get completed(): boolean {
    return this.#completed
  }

  /** A measure of the progress: texts are compared only with those of the same bank. */
  bank(): number {
    const underWay = this.#current ? this.#longest - this.#current.remaining() : 0
    return this.#fulfilled * this.#longest + underWay
  }

  /** Tokens that would take it further. */
  advance(): readonly number[] {
    if (this.#current) return this.#current.advance()
    return this.#waiting.flatMap(constraint => constraint.advance())
  }

  /** Begins anew and takes the tokens of a text, until all are fulfilled. */
  read(ids: ArrayLike<number>): this {
    this.#fulfilled = 0
    this.#current = undefined
    this.#waiting = this.#constraints.map(constraint => constraint.copy())
    for (let t = 0; t < ids.length && !this.#completed; t++) this.add(ids[t]!)
    return this
  }

  /** Takes the next token of the text. */
  add(token: number): void {
    if (this.#completed) return
    if (this.#current) this.#goOn(this.#current, token)
    else this.#begin(token)
  }

  #goOn(current: Constraint, token: number): void {
    const { completed, reset } = current.update(token)
    if (reset) {
      this.#waiting.push(current.copy())
      this.#current = undefined
    }
    if (!completed) return
    this.#fulfilled++
    this.#current = undefined
    this.#completed = this.#waiting.length === 0
  }

  #begin(token: number): void {
    const place = this.#waiting.findIndex(constraint => constraint.does_advance(token))
    const constraint = this.#waiting[place]
    if (!constraint) return
    this.#waiting.splice(place, 1)
    if (constraint.update(token).completed) this.#fulfilled++
    else this.#current = constraint
    this.#completed = this.#waiting.length === 0 && this.#current === undefined
  }

  copy(): ConstraintProgressList {
    const other = new ConstraintProgressList(this.#constraints)
    other.#fulfilled = this.#fulfilled
    other.#current = this.#current?.copy(true)
    other.#waiting = this.#waiting.map(constraint => constraint.copy())
    other.#completed = this.#completed
    return other
  }
}
