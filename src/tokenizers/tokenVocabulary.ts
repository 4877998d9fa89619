// What tokens a tokenizer has: those of its model and those that were added.

import { Callable } from '../callable.ts'
import type { AddedToken } from './added/addedTokens.ts'
import { AddedVocabulary } from './added/addedVocabulary.ts'
import type { Vocabulary } from './model/vocabulary.ts'
import type { AlignedText } from './text/alignedText.ts'
import type { Dialect } from './text/characters.ts'

export abstract class TokenVocabulary extends Callable {
  /** @internal */
  readonly vocabulary: Vocabulary
  /** @internal */
  readonly added: AddedVocabulary

  /** @internal Whose lines between characters: Python's, or those of the Rust library. */
  get dialect(): Dialect {
    return 'slow'
  }

  /** @internal What a text becomes before words are cut. */
  abstract normalized(text: AlignedText): AlignedText

  constructor(vocabulary: Vocabulary) {
    super()
    this.vocabulary = vocabulary
    this.added = new AddedVocabulary(vocabulary, this.dialect, text => this.normalized(text))
  }

  /** The tokens that were added, by id. */
  get added_tokens_decoder(): Map<number, AddedToken> {
    return this.added.decoder
  }

  /** The ids of the tokens that were added. */
  get added_tokens_encoder(): Map<string, number> {
    return new Map([...this.added.decoder].map(([id, { content }]) => [content, id]))
  }

  /** The same as added_tokens_encoder. */
  get_added_vocab(): Map<string, number> {
    return this.added_tokens_encoder
  }

  /** All tokens with their ids, those that were added included. */
  get_vocab(): Map<string, number> {
    return new Map([...this.vocabulary.ids, ...this.added_tokens_encoder])
  }

  /** The same as get_vocab() of fast tokenizers; Python's leave out tokens that were added. */
  get vocab(): Map<string, number> {
    return this.dialect === 'fast' ? this.get_vocab() : new Map(this.vocabulary.ids)
  }

  /** Number of tokens of the model's vocabulary, without those that were added. */
  get vocab_size(): number {
    return this.vocabulary.size
  }

  /** Number of all tokens: len(tokenizer) in Python. */
  get length(): number {
    return this.vocabulary.size + this.added.newCount
  }
}
