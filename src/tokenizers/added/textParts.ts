// A text cut at the tokens that stand in it, as the Rust library and as Python cut it.

import { type AlignedText, sliced } from '../text/alignedText.ts'
import { type Dialect, isWhitespace, isWordCharacter } from '../text/characters.ts'
import type { AddedToken } from './addedTokens.ts'
import type { Found, TokenTrie } from './tokenTrie.ts'

/** Part of a text: a token that was found, or what lies between two. */
export interface TextPart {
  readonly text: AlignedText
  readonly token: AddedToken | undefined
}

const blank = 0x20

/** Each longest token from left to right, none inside another. */
function* tokensIn(
  codes: readonly number[],
  trie: TokenTrie<AddedToken>,
): Generator<Found<AddedToken> & { from: number }, void> {
  for (let from = 0; from < codes.length; ) {
    const found = trie.longestAt(codes, from)
    if (found) yield { ...found, from }
    from = found ? found.to : from + 1
  }
}

/** As added_vocabulary.rs: white space that goes with a token is part of it. With `skipsSpecial` special tokens are text. */
export function rustParts(text: AlignedText, trie: TokenTrie<AddedToken>, skipsSpecial: boolean): TextPart[] {
  const { codes } = text
  const parts: TextPart[] = []
  let done = 0
  for (const { token, from, to } of tokensIn(codes, trie)) {
    if (skipsSpecial && token.special) continue
    if (token.single_word && (isWord(codes[from - 1]) || isWord(codes[to]))) continue
    const start = token.lstrip ? Math.max(beforeSpaces(codes, from, 'fast'), done) : from
    const end = token.rstrip ? behindSpaces(codes, to, 'fast') : to
    if (start > done) parts.push({ text: sliced(text, done, start), token: undefined })
    parts.push({ text: sliced(text, start, end), token })
    done = end
  }
  if (done < codes.length) parts.push({ text: sliced(text, done, codes.length), token: undefined })
  return parts
}

/**
 * As tokenize() of tokenization_utils.py: white space that goes with a token disappears, and a token that must stand alone but
 * does not (where only a blank counts as a border) is glued to its neighbour, and both are text then.
 */
export function pythonParts(text: AlignedText, trie: TokenTrie<AddedToken>): TextPart[] {
  const cuts = cutsAt(text.codes, trie)
  for (const [i, cut] of cuts.entries()) {
    if (cut.token && cut.from < cut.to) settle(cut, cuts[i - 1], cuts[i + 1], text.codes)
  }
  return cuts
    .filter(({ from, to }) => from < to)
    .map(({ from, to, token }) => ({ text: sliced(text, from, to), token }))
}

interface Cut {
  from: number
  to: number
  token: AddedToken | undefined
}

function cutsAt(codes: readonly number[], trie: TokenTrie<AddedToken>): Cut[] {
  const cuts: Cut[] = []
  let done = 0
  for (const { token, from, to } of tokensIn(codes, trie)) {
    if (from > done) cuts.push({ from: done, to: from, token: undefined })
    cuts.push({ from, to, token })
    done = to
  }
  if (done < codes.length) cuts.push({ from: done, to: codes.length, token: undefined })
  return cuts
}

/** Lets a token take the white space of its neighbours, or one of these take the token. */
function settle(cut: Cut, left: Cut | undefined, right: Cut | undefined, codes: readonly number[]): void {
  const { rstrip, lstrip, single_word } = cut.token!
  const touchesLeft = left && left.from < left.to && codes[left.to - 1] !== blank
  const touchesRight = right && right.from < right.to && codes[right.from] !== blank
  if (rstrip && right) right.from = Math.min(behindSpaces(codes, right.from, 'slow'), right.to)
  if (lstrip && left) left.to = Math.max(beforeSpaces(codes, left.to, 'slow'), left.from)
  if (!single_word || !(touchesLeft || touchesRight)) return
  if (touchesLeft) Object.assign(left, { to: cut.to, token: undefined })
  else Object.assign(right!, { from: cut.from, token: undefined })
  cut.to = cut.from
}

/** The place in front of the white space that ends at `to`. */
function beforeSpaces(codes: readonly number[], to: number, dialect: Dialect): number {
  while (to > 0 && isWhitespace(codes[to - 1]!, dialect)) to--
  return to
}

/** The place behind the white space that begins at `from`. */
function behindSpaces(codes: readonly number[], from: number, dialect: Dialect): number {
  while (from < codes.length && isWhitespace(codes[from]!, dialect)) from++
  return from
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && isWordCharacter(code)
}
