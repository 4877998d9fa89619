// WordPiece (Wu et al. 2016): a word becomes the longest pieces of it that the vocabulary knows, from left to right.

/** Pieces of one word: ids, and how many code points each covers. */
export interface Pieces {
  readonly ids: readonly number[]
  readonly lengths: readonly number[]
}

/** Words longer than this, in code points, are unknown without a look. */
const longestWord = 100
/** Words kept with their pieces; text repeats itself. */
const cacheSize = 10_000

export class WordPiece {
  readonly #vocabulary: ReadonlyMap<string, number>
  readonly #unknown: number
  readonly #cache = new Map<string, Pieces>()

  /** `unknown` is the id of a word that the vocabulary cannot spell. Pieces inside of words begin with ##. */
  constructor(vocabulary: ReadonlyMap<string, number>, unknown: number) {
    this.#vocabulary = vocabulary
    this.#unknown = unknown
  }

  pieces(word: string): Pieces {
    const known = this.#cache.get(word)
    if (known) return known
    const pieces = this.#cut(word)
    if (this.#cache.size >= cacheSize) this.#cache.clear()
    this.#cache.set(word, pieces)
    return pieces
  }

  #cut(word: string): Pieces {
    const chars = [...word]
    const unknown = { ids: [this.#unknown], lengths: [chars.length] }
    if (chars.length > longestWord) return unknown
    const ids: number[] = []
    const lengths: number[] = []
    for (let from = 0; from < chars.length; ) {
      let to = chars.length
      let id: number | undefined
      for (; to > from; to--) {
        const piece = chars.slice(from, to).join('')
        id = this.#vocabulary.get(from > 0 ? `##${piece}` : piece)
        if (id !== undefined) break
      }
      if (id === undefined) return unknown
      ids.push(id)
      lengths.push(to - from)
      from = to
    }
    return { ids, lengths }
  }
}
