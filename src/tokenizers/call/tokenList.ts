// The tokens of one text, column by column, before anything is put around them.
import type { AlignedText } from '../text/alignedText.ts'

/** The tokens of one word, and the code points of the word from..to that each stands for. */
export interface Pieces {
  readonly ids: readonly number[]
  readonly tokens: readonly string[]
  readonly froms: readonly number[]
  readonly tos: readonly number[]
}

interface TokenColumns {
  readonly ids: number[]
  readonly tokens: string[]
  /** Starts and ends in the text, in code points. */
  readonly starts: number[]
  readonly ends: number[]
  /** The number of the word that each token belongs to. */
  readonly words: number[]
}

export class TokenList implements TokenColumns {
  readonly ids: number[]
  readonly tokens: string[]
  readonly starts: number[]
  readonly ends: number[]
  readonly words: number[]
  #wordCount = 0

  constructor({ ids, tokens, starts, ends, words }: Partial<TokenColumns> = {}) {
    this.ids = ids ?? []
    this.tokens = tokens ?? []
    this.starts = starts ?? []
    this.ends = ends ?? []
    this.words = words ?? []
  }

  get length(): number {
    return this.ids.length
  }

  /** Adds a token that is a word of its own. */
  pushToken(id: number, token: string, start: number, end: number): void {
    this.#push(id, token, start, end)
    this.#wordCount++
  }

  /** Adds the pieces of the word that begins at `from` of a text. */
  pushWord({ starts, ends }: AlignedText, from: number, { ids, tokens, froms, tos }: Pieces): void {
    for (let i = 0; i < ids.length; i++) {
      this.#push(ids[i]!, tokens[i]!, starts[from + froms[i]!]!, ends[from + tos[i]! - 1]!)
    }
    this.#wordCount++
  }

  /** Adds the tokens of a word that the user cut, under its number. */
  pushAll(list: TokenList, word: number): void {
    for (let i = 0; i < list.length; i++) {
      this.#push(list.ids[i]!, list.tokens[i]!, list.starts[i]!, list.ends[i]!, word)
    }
  }

  #push(id: number, token: string, start: number, end: number, word = this.#wordCount): void {
    this.ids.push(id)
    this.tokens.push(token)
    this.starts.push(start)
    this.ends.push(end)
    this.words.push(word)
  }

  /** The tokens from..to. */
  slice(from: number, to: number): TokenList {
    if (from === 0 && to === this.length) return this
    return new TokenList({
      ids: this.ids.slice(from, to),
      tokens: this.tokens.slice(from, to),
      starts: this.starts.slice(from, to),
      ends: this.ends.slice(from, to),
      words: this.words.slice(from, to),
    })
  }
}

/** Tokens that are nowhere in a text, each a word of its own. */
export function listOfIds(ids: readonly number[], tokens: readonly string[]): TokenList {
  const list = new TokenList()
  for (const [i, id] of ids.entries()) list.pushToken(id, tokens[i]!, 0, 0)
  return list
}
