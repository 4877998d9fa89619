// WordPiece (Wu et al. 2016): a word becomes the longest pieces of it that the vocabulary knows, from left to right.
import { FileError } from '../../errors.ts'
import type { Pieces } from '../call/tokenList.ts'
import type { Vocabulary } from './vocabulary.ts'
import { WordCache } from './wordCache.ts'

export interface WordPieceOptions {
  /** The token of a word that the vocabulary cannot spell. */
  readonly unk_token: string
  /** How pieces inside of words begin; ## unless given. */
  readonly continuing_subword_prefix?: string
  /** Words longer than this, in code points, are unknown without a look; 100 unless given. */
  readonly max_input_chars_per_word?: number
}

export class WordPiece {
  readonly options: Required<WordPieceOptions>
  readonly #vocabulary: Vocabulary
  readonly #cache = new WordCache()

  /** Throws FileError VOCABULARY when the vocabulary does not have unk_token. */
  constructor(vocabulary: Vocabulary, options: WordPieceOptions) {
    if (!vocabulary.ids.has(options.unk_token)) {
      throw new FileError('VOCABULARY', `the vocabulary has no ${options.unk_token}, which stands for unknown words`, {
        hint: 'is this the vocabulary of a BERT?',
      })
    }
    this.#vocabulary = vocabulary
    this.options = { continuing_subword_prefix: '##', max_input_chars_per_word: 100, ...options }
  }

  pieces(word: string): Pieces {
    return this.#cache.get(word, () => this.#cut(word))
  }

  #cut(word: string): Pieces {
    const chars = [...word]
    if (chars.length > this.options.max_input_chars_per_word) return this.#unknown(chars.length)
    const pieces = { ids: [] as number[], tokens: [] as string[], froms: [] as number[], tos: [] as number[] }
    for (let from = 0; from < chars.length; ) {
      const found = this.#longest(chars, from)
      if (!found) return this.#unknown(chars.length)
      pieces.ids.push(found.id)
      pieces.tokens.push(found.token)
      pieces.froms.push(from)
      pieces.tos.push(found.to)
      from = found.to
    }
    return pieces
  }

  #longest(chars: readonly string[], from: number): { id: number; token: string; to: number } | undefined {
    const prefix = from > 0 ? this.options.continuing_subword_prefix : ''
    for (let to = chars.length; to > from; to--) {
      const token = prefix + chars.slice(from, to).join('')
      const id = this.#vocabulary.ids.get(token)
      if (id !== undefined) return { id, token, to }
    }
    return undefined
  }

  #unknown(length: number): Pieces {
    const { unk_token } = this.options
    return { ids: [this.#vocabulary.ids.get(unk_token)!], tokens: [unk_token], froms: [0], tos: [length] }
  }
}
