// Guessing by looking up: what followed the last tokens the last time (prompt lookup decoding; candidate_generator.py).
import type { Guess, Guesser } from './guess.ts'

export class PromptLookup implements Guesser {
  readonly #tokens: number
  readonly #longest: number
  readonly #eos: readonly number[]

  /** Guesses `tokens` tokens, which followed the same run of at most `longest` tokens; not beyond the end of a text. */
  constructor(tokens: number, longest: number, eos: readonly number[]) {
    this.#tokens = tokens
    this.#longest = longest
    this.#eos = eos
  }

  guess(ids: Int32Array, most: number): Guess {
    for (let size = Math.min(this.#longest, ids.length - 1); size > 0; size--) {
      const start = followerOf(ids, size)
      if (start === undefined) continue
      const found = Array.from(ids.subarray(start, start + Math.min(this.#tokens, most)))
      const end = found.findIndex(token => this.#eos.includes(token))
      return { tokens: end < 0 ? found : found.slice(0, end) }
    }
    return { tokens: [] }
  }

  learn(): void {}

  dispose(): void {}
}

/** Where the first run of the last `size` tokens that has a token behind it ends. */
function followerOf(ids: Int32Array, size: number): number | undefined {
  const last = ids.length - size
  for (let start = 0; start < last; start++) {
    let same = 0
    while (same < size && ids[start + same] === ids[last + same]) same++
    if (same === size) return start + size
  }
  return undefined
}
