// Runs of tokens of which a text must have one.
import { tokenRuns, valueFault } from '../values.ts'
import type { Constraint, ConstraintProgress } from './constraint.ts'

/** Tokens that may come next, and behind each the ones after it; empty where a run is complete. */
type Trie = Map<number, Trie>

export class DisjunctiveConstraint implements Constraint {
  readonly token_ids: readonly (readonly number[])[]
  readonly seqlen: number
  readonly #trie: Trie = new Map()
  #at = this.#trie
  #depth = 0

  /** Throws ConfigError GENERATION_VALUE, also when a run begins with all of another one. */
  constructor(nested_token_ids: readonly (readonly number[])[]) {
    this.token_ids = tokenRuns('force_words_ids', nested_token_ids)
    this.seqlen = Math.max(...nested_token_ids.map(run => run.length))
    for (const run of this.token_ids) {
      let at = this.#trie
      for (const token of run) {
        if (!at.has(token)) at.set(token, new Map())
        at = at.get(token)!
      }
    }
    if (leaves(this.#trie) !== this.token_ids.length) {
      throw valueFault('force_words_ids', nested_token_ids, 'runs of which none begins with another one')
    }
  }

  get completed(): boolean {
    return this.#at.size === 0
  }

  advance(): readonly number[] {
    return [...this.#at.keys()]
  }

  does_advance(token: number): boolean {
    return this.#at.has(token)
  }

  update(token: number): ConstraintProgress {
    const next = this.#at.get(token)
    this.#at = next ?? this.#trie
    this.#depth = next ? this.#depth + 1 : 0
    return { stepped: next !== undefined, completed: this.completed, reset: next === undefined }
  }

  remaining(): number {
    return this.completed ? 0 : this.seqlen - this.#depth
  }

  copy(stateful = false): DisjunctiveConstraint {
    const other = new DisjunctiveConstraint(this.token_ids)
    if (!stateful) return other
    other.#depth = this.#depth
    other.#at = this.#at
    return other
  }
}

function leaves(trie: Trie): number {
  if (trie.size === 0) return 1
  return [...trie.values()].reduce((sum, next) => sum + leaves(next), 0)
}
