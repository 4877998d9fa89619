// The names of a tokenizer's special tokens, bos_token, pad_token and the like, and tokens that are added
// (SpecialTokensMixin of transformers/tokenization_utils_base.py).
import { ConfigError, InputError, valueText } from '../errors.ts'
import { AddedToken } from './added/addedTokens.ts'
import { type IdRow, rowOfIds } from './idRows.ts'
import { TokenVocabulary } from './tokenVocabulary.ts'

/** In Hugging Face's order, which is that of all_special_tokens. */
export const specialNames = [
  ...(['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'] as const),
] as const
export type SpecialName = (typeof specialNames)[number]

export type SpecialTokenOptions = {
  readonly [name in SpecialName]?: string | AddedToken | null
} & {
  readonly additional_special_tokens?: readonly (string | AddedToken)[] | null
  /** Tokens beside those of the vocabulary, by id. */
  readonly added_tokens_decoder?: ReadonlyMap<number, AddedToken> | Readonly<Record<number, AddedToken>>
}

/** Names and their tokens; `additional_special_tokens` has several. */
export type SpecialTokensMap = { [name in SpecialName]?: string } & { additional_special_tokens?: string[] }

type Token = string | AddedToken

export abstract class SpecialTokens extends TokenVocabulary {
  declare bos_token: string | undefined
  declare eos_token: string | undefined
  declare unk_token: string | undefined
  declare sep_token: string | undefined
  declare pad_token: string | undefined
  declare cls_token: string | undefined
  declare mask_token: string | undefined
  /** The ids of the tokens of these names; setting one sets the token. */
  declare bos_token_id: number | undefined
  declare eos_token_id: number | undefined
  declare unk_token_id: number | undefined
  declare sep_token_id: number | undefined
  declare pad_token_id: number | undefined
  declare cls_token_id: number | undefined
  declare mask_token_id: number | undefined
  /** What token_type_ids has for padding. */
  readonly pad_token_type_id: number = 0
  readonly #named = new Map<SpecialName, Token>()
  #additional: Token[] = []

  static {
    for (const name of specialNames) {
      const accessor = { configurable: true, enumerable: false }
      Object.defineProperty(this.prototype, name, {
        ...accessor,
        get(this: SpecialTokens) {
          return contentOf(this.#named.get(name))
        },
        set(this: SpecialTokens, token: Token | null | undefined) {
          this.#name(name, token)
        },
      })
      Object.defineProperty(this.prototype, `${name}_id`, {
        ...accessor,
        get(this: SpecialTokens) {
          const token = this.#named.get(name)
          return token === undefined ? undefined : this.#idOf(contentOf(token))
        },
        set(this: SpecialTokens, id: number | null | undefined) {
          this.#name(name, id === null || id === undefined ? undefined : this.convert_ids_to_tokens(id))
        },
      })
    }
  }

  /** Names the tokens of the options and adds them: those with ids first, then the special ones that are new. */
  protected addGiven(options: SpecialTokenOptions, stored: ReadonlyMap<number, AddedToken>): void {
    for (const special of specialNames) this.#name(special, options[special])
    this.#additional = [...(options.additional_special_tokens ?? [])]
    const special = new Set(this.dialect === 'fast' ? this.all_special_tokens : [])
    const { added_tokens_decoder: decoder = {} } = options
    const given = decoder instanceof Map ? [...decoder] : Object.entries(decoder)
    for (const [id, token] of [...stored, ...given.sort(([a], [b]) => Number(a) - Number(b))]) {
      this.added.addAt(Number(id), special.has(token.content) ? token.with({ special: true }) : token)
    }
    const isNew = (token: Token): boolean => typeof token === 'object' || this.added.idOf(token) === undefined
    this.add_tokens(this.all_special_tokens_extended.filter(isNew), true)
  }

  #name(name: SpecialName, token: Token | null | undefined): void {
    if (token === undefined || token === null) this.#named.delete(name)
    else if (typeof token === 'string' || token instanceof AddedToken) this.#named.set(name, token)
    else throw new ConfigError('SPECIAL_TOKEN', `${name} must be a string or an AddedToken, got ${typeof token}`)
  }

  /** Python's tokenizers call a special token without a name an additional one. */
  #noteSpecial(token: AddedToken): void {
    const isNew = this.dialect === 'slow' && token.special && !this.all_special_tokens.includes(token.content)
    if (isNew) this.#additional.push(token)
  }

  /** Tokens that are special without a name of their own. */
  get additional_special_tokens(): string[] {
    return this.#additional.map(token => contentOf(token))
  }

  set additional_special_tokens(tokens: readonly Token[]) {
    this.#additional = [...tokens]
  }

  get additional_special_tokens_ids(): number[] {
    return this.convert_tokens_to_ids(this.additional_special_tokens)
  }

  /** The special tokens by name. */
  get special_tokens_map(): SpecialTokensMap {
    const additional = this.additional_special_tokens
    const named = specialNames.flatMap(name => (this[name] === undefined ? [] : [[name, this[name]] as const]))
    return { ...Object.fromEntries(named), ...(additional.length > 0 && { additional_special_tokens: additional }) }
  }

  /** The same with flags, where they were given. */
  get special_tokens_map_extended(): Record<string, Token | Token[]> {
    const named = specialNames.flatMap(name => (this.#named.has(name) ? [[name, this.#named.get(name)!] as const] : []))
    const additional = [...this.#additional]
    return { ...Object.fromEntries(named), ...(additional.length > 0 && { additional_special_tokens: additional }) }
  }

  /** The special tokens, each once. */
  get all_special_tokens(): string[] {
    return this.all_special_tokens_extended.map(token => contentOf(token))
  }

  get all_special_tokens_extended(): Token[] {
    const byContent = new Map<string, Token>()
    for (const token of Object.values(this.special_tokens_map_extended).flat()) {
      if (!byContent.has(contentOf(token))) byContent.set(contentOf(token), token)
    }
    return [...byContent.values()]
  }

  get all_special_ids(): number[] {
    return this.convert_tokens_to_ids(this.all_special_tokens)
  }

  /**
   * Adds tokens that are found in texts before anything else; returns how many. Python's tokenizers count those that are new to
   * the vocabulary, fast ones those that they did not have with these flags. Throws InputError EMPTY_TOKEN.
   */
  add_tokens(tokens: Token | readonly Token[], special_tokens = false): number {
    const list = typeof tokens === 'string' || tokens instanceof AddedToken ? [tokens] : tokens
    let count = 0
    for (const given of list) {
      if (contentOf(given) === '') throw new InputError('EMPTY_TOKEN', 'add_tokens: a token must not be empty')
      const token = this.#flagged(given, special_tokens)
      const known = this.added.tokenOf(this.added.idOf(token?.content ?? '') ?? -1)
      if (!token || (this.dialect === 'fast' && known?.equals(token))) continue
      const isNew = this.added.add(token)
      if (isNew || this.dialect === 'fast') count++
      this.#noteSpecial(token)
    }
    return count
  }

  /** A token with the flags it gets when it is added; undefined for one that stays as it is. */
  #flagged(token: Token, special: boolean): AddedToken | undefined {
    if (typeof token !== 'string') return this.keptContent(special ? this.#made(token) : token)
    if (this.dialect === 'fast') return new AddedToken(token, { special })
    if (this.added.idOf(token) !== undefined) return undefined
    return this.keptContent(new AddedToken(token, { special: special || this.all_special_tokens.includes(token) }))
  }

  /** A token made special: Python's tokenizers go on looking for it in the text where they looked before. */
  #made(token: AddedToken): AddedToken {
    return token.with({ special: true, ...(this.dialect === 'slow' && { normalized: token.normalized }) })
  }

  /** The token as it is kept: Python's BERT that knows no capitals keeps none. */
  protected keptContent(token: AddedToken): AddedToken {
    return token
  }

  /**
   * Gives special tokens their names, and adds those that the vocabulary does not have; returns how many. Throws InputError
   * SPECIAL_TOKEN_NAME.
   */
  add_special_tokens(
    tokens: { readonly [name in SpecialName]?: Token } & { readonly additional_special_tokens?: readonly Token[] },
    replace_additional_special_tokens = true,
  ): number {
    const fresh: AddedToken[] = []
    const flagged = (token: Token): AddedToken =>
      typeof token === 'string' ? new AddedToken(token, { special: true }) : token
    for (const [name, value] of Object.entries(tokens)) {
      if (name === 'additional_special_tokens') {
        const all = (value as readonly Token[]).map(flagged)
        const known = new Set(replace_additional_special_tokens ? [] : this.additional_special_tokens)
        const more = all.filter(({ content }) => !known.has(content))
        if (!replace_additional_special_tokens) this.#additional.push(...more)
        else if (more.length > 0) this.#additional = more
        fresh.push(...more)
        continue
      }
      const known = specialNames.find(special => special === name)
      if (!known) {
        throw new InputError('SPECIAL_TOKEN_NAME', `add_special_tokens: there is no ${name}`, {
          hint: `known: ${specialNames.join(', ')}, additional_special_tokens`,
        })
      }
      const token = flagged(value as Token)
      this.#name(known, token)
      if (!fresh.some(other => other.equals(token))) fresh.push(token)
    }
    return this.add_tokens(fresh, true)
  }

  #idOf(token: string): number | undefined {
    const known = this.added.idOf(token) ?? this.vocabulary.ids.get(token)
    return known ?? (token === this.unk_token ? undefined : this.unk_token_id)
  }

  convert_tokens_to_ids(token: string): number
  convert_tokens_to_ids(tokens: readonly string[]): number[]
  convert_tokens_to_ids(tokens: string | readonly string[]): number | number[]
  /**
   * The ids of tokens; that of unk_token for one that is not there. Throws InputError UNKNOWN_TOKEN where there is no unk_token,
   * TOKEN_TYPE for what is no token.
   */
  convert_tokens_to_ids(tokens: string | readonly string[]): number | number[] {
    const idOf = (token: string): number => {
      if (typeof token !== 'string') throw wrongToken(token)
      const id = this.#idOf(token)
      if (id !== undefined) return id
      throw new InputError('UNKNOWN_TOKEN', `there is no token ${JSON.stringify(token)}, and no unk_token`, { token })
    }
    if (typeof tokens === 'string') return idOf(tokens)
    if (Array.isArray(tokens)) return tokens.map(idOf)
    throw wrongToken(tokens)
  }

  convert_ids_to_tokens(id: number | bigint, skip_special_tokens?: boolean): string
  convert_ids_to_tokens(ids: IdRow, skip_special_tokens?: boolean): string[]
  /**
   * The tokens of ids. Throws InputError ID_RANGE for an id that is no token, and names its place, DECODE_TYPE for what is no
   * row of ids.
   */
  convert_ids_to_tokens(ids: number | bigint | IdRow, skip_special_tokens = false): string | string[] {
    if (typeof ids === 'number' || typeof ids === 'bigint') return this.#tokenAt(Number(ids), 0)
    const row = rowOfIds(ids, 'convert_ids_to_tokens')
    const special = new Set(skip_special_tokens ? this.all_special_ids : [])
    const tokens = Array.from(row, (id, place) => this.#tokenAt(id, place))
    return skip_special_tokens ? tokens.filter((_, place) => !special.has(row[place]!)) : tokens
  }

  #tokenAt(id: number, place: number): string {
    const token = this.added.tokenOf(id)?.content ?? this.vocabulary.tokens.get(id)
    if (token !== undefined) return token
    const message = `tokenizer: ${String(id)} at place ${place} is the id of none of ${this.length} tokens`
    throw new InputError('ID_RANGE', message, { id, place })
  }
}

/** The options with a kind's own special tokens where they name none; null says that there is none. */
export function withDefaults<T extends SpecialTokenOptions>(
  options: T,
  defaults: { readonly [name in SpecialName]?: Token },
): T {
  const missing = Object.entries(defaults).filter(([name]) => options[name as SpecialName] === undefined)
  return { ...options, ...Object.fromEntries(missing) }
}

function wrongToken(got: unknown): InputError {
  const message = `convert_tokens_to_ids: a token is a text, got ${valueText(got)}`
  return new InputError('TOKEN_TYPE', message, { hint: 'for the ids of a text use encode' })
}

function contentOf(token: Token): string
function contentOf(token: Token | undefined): string | undefined
function contentOf(token: Token | undefined): string | undefined {
  return typeof token === 'object' ? token.content : token
}
