// The merges of byte-pair encoding (Sennrich et al. 2016): which two tokens become one, the most urgent pair first.
import { FileError } from '../../errors.ts'
import { Heap } from './heap.ts'
import { PairTable } from './pairTable.ts'
import type { Vocabulary } from './vocabulary.ts'

export type Pair = readonly [left: string, right: string]

/** Pairs in the order of their ranks, and what to call one of them in an error. */
export interface MergeList {
  readonly pairs: readonly Pair[]
  readonly nameOf: (rank: number) => string
}

/** More ranks than this do not fit into one number with a place (see MergeTable). */
const mostMerges = 2 ** 20

/**
 * Reads the text of a merges.txt: two tokens a line with a blank between. A first line with #version, CRLF, blanks at the end of
 * lines and empty lines at the end are fine. Throws FileError MERGES with the number of the line.
 */
export function readMergesTxt(text: string, name = 'merges.txt'): MergeList {
  const lines = text.split('\n').map(line => line.replace(/[ \r]+$/, ''))
  while (lines.at(-1) === '') lines.pop()
  const first = lines[0]?.startsWith('#version') ? 1 : 0
  const nameOf = (rank: number): string => `line ${first + rank + 1} of ${name}`
  return { pairs: lines.slice(first).map((line, rank) => pairOf(line, nameOf(rank))), nameOf }
}

/** Pairs, or lines 'left right', in the order of their ranks. Throws FileError MERGES. */
export function mergeList(merges: readonly (string | Pair)[]): MergeList {
  const nameOf = (rank: number): string => `merge ${rank}`
  const pairs = merges.map((merge, rank) => (typeof merge === 'string' ? pairOf(merge, nameOf(rank)) : merge))
  return { pairs, nameOf }
}

/** The two tokens of 'left right'. Throws FileError MERGES. */
export function pairOf(line: string, name: string): Pair {
  const [left, right, ...more] = line.split(' ')
  if (left && right && more.length === 0) return [left, right]
  throw new FileError('MERGES', `${name} must be two tokens with one blank between, got ${JSON.stringify(line)}`, {
    line,
  })
}

/** A word while its pieces grow: ids, and how many bytes each piece has; 0 bytes for one that was joined to its left. */
export interface Symbols {
  readonly ids: number[]
  readonly sizes: number[]
}

/** Ids of tokens as a table of pairs. */
export class MergeTable {
  readonly #ranks: PairTable
  /** The id that each rank makes. */
  readonly #made: number[] = []

  /** Throws FileError MERGES for a token that the vocabulary does not have. */
  constructor(vocabulary: Vocabulary, { pairs, nameOf }: MergeList) {
    if (pairs.length > mostMerges) throw new FileError('MERGES', `more than ${mostMerges} merges: ${pairs.length}`)
    this.#ranks = new PairTable(pairs.length)
    for (const [rank, [left, right]] of pairs.entries()) {
      const idOf = (token: string): number => {
        const id = vocabulary.ids.get(token)
        if (id !== undefined) return id
        const message = `${nameOf(rank)}: the vocabulary has no ${JSON.stringify(token)}`
        throw new FileError('MERGES', message, { token, rank })
      }
      this.#ranks.set(idOf(left), idOf(right), rank)
      this.#made.push(idOf(left + right))
    }
  }

  /**
   * Joins pairs in place, the least rank first and of one rank the leftmost, until none is left. Takes n log n steps: a heap has
   * the pairs as rank and place in one number.
   */
  apply({ ids, sizes }: Symbols): void {
    const next = ids.map((_, place) => place + 1)
    const previous = ids.map((_, place) => place - 1)
    const queue = new Heap<number>((a, b) => a < b)
    const offer = (left: number): void => {
      const right = left < 0 ? ids.length : next[left]!
      const rank = right < ids.length ? this.#ranks.get(ids[left]!, ids[right]!) : -1
      if (rank >= 0) queue.push(rank * placeRoom + left)
    }
    for (let place = 0; place + 1 < ids.length; place++) offer(place)
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      const left = key % placeRoom
      const made = this.#made[(key - left) / placeRoom]!
      const right = next[left]!
      if (sizes[left] === 0 || right >= ids.length) continue
      const now = this.#ranks.get(ids[left]!, ids[right]!)
      if (now < 0 || this.#made[now] !== made) continue
      ids[left] = made
      sizes[left]! += sizes[right]!
      sizes[right] = 0
      next[left] = next[right]!
      if (next[left]! < ids.length) previous[next[left]!] = left
      offer(previous[left]!)
      offer(left)
    }
  }
}

/** Places in a word are below this. */
const placeRoom = 2 ** 32
