// The heads of an attention: how many are left, and which numbers are theirs when some are cut out.
import { InputError } from '../errors.ts'

export class HeadList {
  /** Heads before any was cut out. */
  readonly total: number
  /** Numbers of each head. */
  readonly width: number
  #left: readonly number[]

  constructor(total: number, width: number) {
    this.total = total
    this.width = width
    this.#left = Array.from({ length: total }, (_, head) => head)
  }

  get count(): number {
    return this.#left.length
  }

  /** Throws InputError HEAD_RANGE unless these heads are some, not all, of those the attention began with. */
  check(heads: Iterable<number>): void {
    const cut = new Set(heads)
    const bad = [...cut].find(head => !Number.isInteger(head) || head < 0 || head >= this.total)
    if (bad !== undefined) {
      throw new InputError('HEAD_RANGE', `prune_heads: there is no head ${bad}, they are 0..${this.total - 1}`)
    }
    if (this.#left.some(head => !cut.has(head))) return
    throw new InputError('HEAD_RANGE', 'prune_heads: at least one head of a layer must stay', {
      hint: 'head_mask can turn all of them off',
    })
  }

  /** Cuts heads out; gives the places of what stays among the numbers of all heads there were. Throws as `check`. */
  prune(heads: Iterable<number>): number[] {
    this.check(heads)
    const cut = new Set(heads)
    const places = this.#left.flatMap((head, i) =>
      cut.has(head) ? [] : Array.from({ length: this.width }, (_, d) => i * this.width + d),
    )
    this.#left = this.#left.filter(head => !cut.has(head))
    return places
  }
}
