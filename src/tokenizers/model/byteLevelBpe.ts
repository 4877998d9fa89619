// Byte-level byte-pair encoding (Radford et al. 2019): a word's UTF-8 bytes are joined, pair by pair, into tokens.

import type { Pieces } from '../call/tokenList.ts'
import { byteCharacters, byteText } from './byteLevel.ts'
import { type MergeList, MergeTable, type Symbols } from './merges.ts'
import type { Vocabulary } from './vocabulary.ts'
import { WordCache } from './wordCache.ts'

export interface ByteLevelBpeOptions {
  /** The token of a byte that the vocabulary lacks; without one such bytes are left out. */
  readonly unk_token?: string | undefined
  /** One unknown token for several such bytes in a row. */
  readonly fuse_unk?: boolean
  /** Take a word whole if the vocabulary has it, whatever the merges say. */
  readonly ignore_merges?: boolean
  /** Show an unknown byte as its character, though its id is that of unk_token: Python's way. */
  readonly namesUnknown?: boolean
}

const encoder = new TextEncoder()

export class ByteLevelBpe {
  readonly merges: MergeList
  readonly options: ByteLevelBpeOptions
  readonly #vocabulary: Vocabulary
  readonly #table: MergeTable
  readonly #unknown: number | undefined
  readonly #cache = new WordCache()

  /** Throws FileError MERGES. */
  constructor(vocabulary: Vocabulary, merges: MergeList, options: ByteLevelBpeOptions) {
    this.merges = merges
    this.options = options
    this.#vocabulary = vocabulary
    this.#table = new MergeTable(vocabulary, merges)
    this.#unknown = vocabulary.ids.get(options.unk_token ?? '')
  }

  pieces(word: string): Pieces {
    return this.#cache.get(word, () => this.#cut(word))
  }

  #cut(word: string): Pieces {
    const bytes = encoder.encode(word)
    const whole = this.options.ignore_merges ? this.#vocabulary.ids.get(byteText(bytes)) : undefined
    const symbols = whole === undefined ? this.#symbols(bytes) : { ids: [whole], sizes: [bytes.length] }
    if (whole === undefined) this.#table.apply(symbols)
    return this.#placed(symbols, bytes)
  }

  /** One symbol a byte; -1 for one that is no token. */
  #symbols(bytes: Uint8Array): Symbols {
    const symbols: Symbols = { ids: [], sizes: [] }
    for (const byte of bytes) {
      const id = this.#vocabulary.ids.get(byteCharacters[byte]!) ?? -1
      if (id === -1 && this.#unknown === undefined) continue
      const fuses = id === -1 && this.options.fuse_unk && symbols.ids.at(-1) === -1
      if (fuses) {
        symbols.sizes[symbols.sizes.length - 1]!++
      } else {
        symbols.ids.push(id)
        symbols.sizes.push(1)
      }
    }
    return symbols
  }

  /** Symbols as tokens with the code points they stand for: a character's bytes all stand for the whole of it. */
  #placed({ ids, sizes }: Symbols, bytes: Uint8Array): Pieces {
    const pieces = { ids: [] as number[], tokens: [] as string[], froms: [] as number[], tos: [] as number[] }
    let place = 0
    let codePoint = -1
    for (const [i, size] of sizes.entries()) {
      if (size === 0) continue
      const first = place
      const id = ids[i]!
      const isUnknown = id === -1
      pieces.ids.push(isUnknown ? this.#unknown! : id)
      const names = isUnknown && this.options.namesUnknown
      pieces.tokens.push(names ? byteCharacters[bytes[first]!]! : this.#vocabulary.tokens.get(pieces.ids.at(-1)!)!)
      for (; place < first + size; place++) {
        if (!isContinuation(bytes[place]!)) codePoint++
        if (place === first) pieces.froms.push(codePoint)
      }
      pieces.tos.push(codePoint + 1)
    }
    return pieces
  }
}

/** Whether a byte goes on with a character of UTF-8 rather than beginning one. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}
