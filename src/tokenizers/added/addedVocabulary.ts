// The tokens added to a model's vocabulary: their ids, and the parts into which they cut a text. Python and the Rust library
// number them alike, but look for them in different ways.
import { FileError } from '../../errors.ts'
import type { Vocabulary } from '../model/vocabulary.ts'
import { type AlignedText, alignedText } from '../text/alignedText.ts'
import type { Dialect } from '../text/characters.ts'
import type { AddedToken } from './addedTokens.ts'
import { pythonParts, rustParts, type TextPart } from './textParts.ts'
import { TokenTrie } from './tokenTrie.ts'

/** In which text a token is looked for: the original or the normalised one. Python's tokenizers have one text only. */
export type Stage = 'original' | 'normalized'

/** In which texts the Rust library looks for a token: wherever one of its flags ever said so, until it became special. */
interface Search {
  readonly stages: Set<Stage>
  isSpecial: boolean
}

export class AddedVocabulary {
  readonly #vocabulary: Vocabulary
  readonly #dialect: Dialect
  readonly #normalize: (text: AlignedText) => AlignedText
  readonly #ids = new Map<string, number>()
  readonly #tokens = new Map<number, AddedToken>()
  readonly #searches = new Map<string, Search>()
  #tries: Readonly<Record<Stage, TokenTrie<AddedToken>>> | undefined
  #revision = 0

  /** `normalize` is applied to the tokens that are looked for in normalised text. */
  constructor(vocabulary: Vocabulary, dialect: Dialect, normalize: (text: AlignedText) => AlignedText) {
    this.#vocabulary = vocabulary
    this.#dialect = dialect
    this.#normalize = normalize
  }

  /** Tokens by id, in the order of these. */
  get decoder(): Map<number, AddedToken> {
    return new Map([...this.#tokens].sort(([a], [b]) => a - b))
  }

  /** Grows with every change. */
  get revision(): number {
    return this.#revision
  }

  idOf(content: string): number | undefined {
    return this.#ids.get(content)
  }

  tokenOf(id: number): AddedToken | undefined {
    return this.#tokens.get(id)
  }

  /** Number of tokens that the model's vocabulary does not have. */
  get newCount(): number {
    return [...this.#ids.keys()].filter(content => !this.#vocabulary.ids.has(content)).length
  }

  /** Adds a token, or changes its flags; returns whether it got a new id. */
  add(token: AddedToken): boolean {
    const known = this.#ids.get(token.content) ?? this.#vocabulary.ids.get(token.content)
    this.#put(token, known ?? this.#nextId())
    return known === undefined
  }

  /** Adds a token under an id of its own. Throws FileError ADDED_TOKEN_ID when that cannot be. */
  addAt(id: number, token: AddedToken): void {
    const known = this.#ids.get(token.content) ?? this.#vocabulary.ids.get(token.content)
    const holder = this.#tokens.get(id)?.content ?? this.#vocabulary.tokens.get(id)
    if ((known ?? id) !== id || (holder ?? token.content) !== token.content) {
      const other = known === undefined ? `which is that of ${JSON.stringify(holder)}` : `but its id is ${known}`
      const message = `the added token ${JSON.stringify(token.content)} is given the id ${id}, ${other}`
      throw new FileError('ADDED_TOKEN_ID', message, { id, content: token.content })
    }
    this.#put(token, id)
  }

  #put(token: AddedToken, id: number): void {
    this.#ids.set(token.content, id)
    this.#tokens.set(id, token)
    this.#noteSearch(token)
    this.#tries = undefined
    this.#revision++
  }

  #noteSearch({ content, normalized, special }: AddedToken): void {
    const search = this.#searches.get(content) ?? { stages: new Set(), isSpecial: false }
    this.#searches.set(content, search)
    if (search.isSpecial) return
    search.stages.add(this.#dialect === 'fast' && normalized ? 'normalized' : 'original')
    search.isSpecial = special
  }

  #nextId(): number {
    let id = this.#vocabulary.size
    while (this.#tokens.has(id) || this.#vocabulary.tokens.has(id)) id++
    return id
  }

  /**
   * Cuts a text at the tokens that are looked for at a stage. `splitsSpecial`: special tokens (Python: all that were added) are
   * no different from other text.
   */
  parts(text: AlignedText, stage: Stage, splitsSpecial: boolean): TextPart[] {
    this.#tries ??= this.#newTries()
    const trie = this.#tries[stage]
    if (trie.isEmpty) return [{ text, token: undefined }]
    if (this.#dialect === 'fast') return rustParts(text, trie, splitsSpecial)
    return splitsSpecial ? [{ text, token: undefined }] : pythonParts(text, trie)
  }

  #newTries(): Record<Stage, TokenTrie<AddedToken>> {
    const tries = { original: new TokenTrie<AddedToken>(), normalized: new TokenTrie<AddedToken>() }
    for (const token of this.#tokens.values()) {
      const text = alignedText(token.content)
      for (const stage of this.#searches.get(token.content)!.stages) {
        tries[stage].add((stage === 'normalized' ? this.#normalize(text) : text).codes, token)
      }
    }
    return tries
  }
}
