// Words that were cut before: text repeats itself.
import type { Pieces } from '../call/tokenList.ts'

/** Words kept with their pieces, and the longest that is worth keeping. */
const mostWords = 20_000
const longestWord = 256

export class WordCache {
  readonly #known = new Map<string, Pieces>()

  /** The pieces of a word, cut now or before. */
  get(word: string, cut: () => Pieces): Pieces {
    const known = this.#known.get(word)
    if (known) return known
    const pieces = cut()
    if (word.length > longestWord) return pieces
    if (this.#known.size >= mostWords) this.#known.clear()
    this.#known.set(word, pieces)
    return pieces
  }
}
