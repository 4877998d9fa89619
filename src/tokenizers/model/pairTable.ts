// Ranks of pairs of ids: a hash table on plain numbers, which a long text asks at every place.

/** A place that holds no pair. */
const empty = -1

/** Pairs of ids from 0 on, each with a rank. */
export class PairTable {
  /** Left, right and rank of the pair in each place. */
  readonly #places: Int32Array
  readonly #mask: number

  /** `most` is how many pairs will be set at the most. */
  constructor(most: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * most + 1))
    this.#places = new Int32Array(size * 3).fill(empty)
    this.#mask = size - 1
  }

  set(left: number, right: number, rank: number): void {
    const at = this.#find(left, right)
    this.#places[at] = left
    this.#places[at + 1] = right
    this.#places[at + 2] = rank
  }

  /** The rank of a pair; -1 for one that was not set, and for ids below 0. */
  get(left: number, right: number): number {
    return left < 0 || right < 0 ? empty : this.#places[this.#find(left, right) + 2]!
  }

  /** Where the pair is, or would be: the first free place from that of its hash on. */
  #find(left: number, right: number): number {
    const places = this.#places
    let place = hashOf(left, right) & this.#mask
    for (;;) {
      const at = place * 3
      if ((places[at] === left && places[at + 1] === right) || places[at] === empty) return at
      place = (place + 1) & this.#mask
    }
  }
}

function hashOf(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
