// Tokens that are found in a text before anything else happens to it: [MASK] and the like, and those a user adds.

export interface AddedTokenFlags {
  /** Found only where no letter or digit stands next to it. */
  single_word?: boolean
  /** Take the white space on this side away with it. */
  lstrip?: boolean
  rstrip?: boolean
  /** Look for it in the normalised text and not in the original; as `special` does not say unless given. */
  normalized?: boolean | undefined
  /** Left out by skip_special_tokens. */
  special?: boolean
}

/** A token and how it is looked for. Immutable. */
export class AddedToken {
  readonly content: string
  readonly single_word: boolean
  readonly lstrip: boolean
  readonly rstrip: boolean
  readonly normalized: boolean
  readonly special: boolean
  readonly #normalized: boolean | undefined

  constructor(content: string, flags: AddedTokenFlags = {}) {
    const { single_word = false, lstrip = false, rstrip = false, special = false, normalized } = flags
    this.content = content
    this.single_word = single_word
    this.lstrip = lstrip
    this.rstrip = rstrip
    this.normalized = normalized ?? !special
    this.#normalized = normalized
    this.special = special
  }

  /** The same token with other flags, or another text. Where `normalized` was never given it still is as `special` says. */
  with({ content = this.content, ...flags }: AddedTokenFlags & { content?: string }): AddedToken {
    const { normalized = this.#normalized, ...others } = flags
    return new AddedToken(content, { ...this, ...others, normalized })
  }

  equals(other: AddedToken): boolean {
    return this.content === other.content && addedTokenFlags.every(flag => this[flag] === other[flag])
  }

  toString(): string {
    return this.content
  }
}

export const addedTokenFlags = ['single_word', 'lstrip', 'rstrip', 'normalized', 'special'] as const
