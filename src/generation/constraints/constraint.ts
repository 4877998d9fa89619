// What a constraint is: tokens that a text must have, and how far a text has come with them.

export interface Constraint {
  /** The most tokens that it takes to fulfil it. */
  readonly seqlen: number
  /** Whether it is fulfilled. */
  readonly completed: boolean
  /** Tokens that would take it one step further; none when it is fulfilled. */
  advance(): readonly number[]
  /** Whether the token would. */
  does_advance(token: number): boolean
  /** Takes the next token of a text. A token that does not fit puts it back to its beginning. */
  update(token: number): ConstraintProgress
  /** Steps until it is fulfilled. */
  remaining(): number
  /** Another one like it: from the beginning, or as far as this one has come. */
  copy(stateful?: boolean): Constraint
}

export interface ConstraintProgress {
  readonly stepped: boolean
  readonly completed: boolean
  readonly reset: boolean
}

const methods = ['advance', 'does_advance', 'update', 'remaining', 'copy']

/** Whether a value has what a search needs of a constraint. */
export function isConstraint(value: unknown): value is Constraint {
  if (typeof value !== 'object' || value === null) return false
  return methods.every(name => typeof Reflect.get(value, name) === 'function')
}
