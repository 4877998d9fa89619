// Tokens that are found in a text before anything else happens to it: [MASK] and the like, and those a user adds.

export interface AddedToken {
  readonly content: string
  /** Left out by skip_special_tokens. */
  readonly special: boolean
  /** Take the white space on this side away with it. */
  readonly lstrip: boolean
  readonly rstrip: boolean
  /** Found only where no letter or digit stands next to it. */
  readonly single_word: boolean
  /** Look for it in the normalised text and not in the original. */
  readonly normalized: boolean
}

/** A token by its text alone, with Hugging Face's flags. */
export function addedToken(content: string, special: boolean): AddedToken {
  return { content, special, lstrip: false, rstrip: false, single_word: false, normalized: !special }
}

/** Part of a text: a token that was found, or what lies between two. */
export interface TextPart {
  readonly text: string
  /** Where it begins, in UTF-16 units. */
  readonly at: number
  readonly token: AddedToken | undefined
}

/** Cuts a text at the tokens in it; of two that begin at the same place the longer one counts. */
export function splitAtTokens(text: string, tokens: readonly AddedToken[]): TextPart[] {
  if (tokens.length === 0) return text === '' ? [] : [{ text, at: 0, token: undefined }]
  const byText = new Map(tokens.map(token => [token.content, token]))
  const parts: TextPart[] = []
  let from = 0
  for (const { 0: found, index } of text.matchAll(patternOf(tokens))) {
    const token = byText.get(found)!
    if (token.single_word && touchesWord(text, index, found.length)) continue
    const start = token.lstrip ? text.slice(0, index).trimEnd().length : index
    const rest = text.slice(index + found.length)
    const end = token.rstrip ? text.length - rest.trimStart().length : index + found.length
    if (start > from) parts.push({ text: text.slice(from, start), at: from, token: undefined })
    parts.push({ text: text.slice(Math.max(start, from), end), at: Math.max(start, from), token })
    from = end
  }
  if (from < text.length) parts.push({ text: text.slice(from), at: from, token: undefined })
  return parts
}

const patterns = new WeakMap<readonly AddedToken[], RegExp>()

function patternOf(tokens: readonly AddedToken[]): RegExp {
  const known = patterns.get(tokens)
  if (known) return known
  const longestFirst = tokens.map(({ content }) => content).sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'gu')
  patterns.set(tokens, pattern)
  return pattern
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function touchesWord(text: string, index: number, length: number): boolean {
  return /[\p{L}\p{N}_]$/u.test(text.slice(0, index)) || /^[\p{L}\p{N}_]/u.test(text.slice(index + length))
}
