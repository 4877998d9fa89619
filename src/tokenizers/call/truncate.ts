// How many tokens of each text of a pair stay when they are too many, and what becomes of the rest.
import { InputError } from '../../errors.ts'
import type { Dialect } from '../text/characters.ts'
import { TokenList } from './tokenList.ts'

export type Truncation = 'longest_first' | 'only_first' | 'only_second' | 'do_not_truncate'

/** One text, or a pair. */
export type Texts = readonly [first: TokenList, second?: TokenList | undefined]

/** Where tokens go: how many stay, how, on which side, and how many the pieces of a text share. */
export interface TruncationSettings {
  readonly how: Truncation
  /** The most tokens of both texts together. */
  readonly room: number
  readonly stride: number
  readonly side: 'left' | 'right'
  readonly dialect: Dialect
}

/** The value of the option: true is longest_first, false do_not_truncate. Throws InputError OPTION_VALUE. */
export function truncationOf(value: boolean | string | null | undefined): Truncation {
  if (value === true) return 'longest_first'
  if (value === false || value === null || value === undefined) return 'do_not_truncate'
  const known = ['longest_first', 'only_first', 'only_second', 'do_not_truncate'] as const
  const found = known.find(name => name === value)
  if (found) return found
  throw new InputError('OPTION_VALUE', `truncation: there is no '${value}'`, {
    hint: `true, false or one of ${known.join(', ')}`,
  })
}

/**
 * Lengths of both texts for `room` tokens in all. Where the text that should shrink is too short, Python's tokenizer leaves
 * both as they are, and Rust's refuses: InputError TRUNCATION.
 */
function truncatedLengths([one, two]: Texts, settings: TruncationSettings): [first: number, second: number] {
  const { room, dialect } = settings
  const how = dialect === 'slow' && settings.how === 'longest_first' && !two ? 'only_first' : settings.how
  const [first, second] = [one.length, two?.length ?? 0]
  const excess = first + second - room
  if (excess <= 0 || how === 'do_not_truncate') return [first, second]
  if (dialect === 'fast' && room === 0) return [0, 0]
  if (how === 'only_first' && excess < first) return [first - excess, second]
  if (how === 'only_second' && excess < second) return [first, second - excess]
  if (how === 'longest_first' && room >= 0) {
    return dialect === 'slow' ? oneByOne(first, second, excess) : inHalves(first, second, room)
  }
  if (dialect === 'slow') return [first, second]
  const message = `truncation '${how}': ${excess} tokens would have to go, but the texts have ${first} and ${second}`
  throw new InputError('TRUNCATION', message, { hint: "give a larger max_length, or truncation: 'longest_first'" })
}

/** Python: one token after the other goes from the longer text, from the second one when they are equal. */
function oneByOne(first: number, second: number, excess: number): [number, number] {
  const fromLonger = Math.min(excess, Math.abs(first - second))
  if (first > second) first -= fromLonger
  else second -= fromLonger
  const rest = excess - fromLonger
  return [first - Math.floor(rest / 2), second - Math.ceil(rest / 2)]
}

/** Rust: the shorter text stays whole where it fits into half of the room; else each gets half, the second one the odd token. */
function inHalves(first: number, second: number, room: number): [number, number] {
  const shorter = Math.min(first, second)
  const half = Math.floor(room / 2)
  const [small, large] = 2 * shorter <= room ? [shorter, room - shorter] : [half, room - half]
  return first > second ? [large, small] : [small, large]
}

/** Python: the texts as they are cut, and the tokens that went with `stride` of those before them. */
export function cut([first, second]: Texts, settings: TruncationSettings): { texts: Texts; overflow: number[] } {
  const { how, side, stride } = settings
  const [a, b] = truncatedLengths([first, second], settings)
  const kept = (list: TokenList, length: number): TokenList =>
    side === 'right' ? list.slice(0, length) : list.slice(list.length - length, list.length)
  const shrinks = how === 'only_second' ? second : how === 'only_first' || !second ? first : undefined
  const gone = shrinks ? shrinks.length - (shrinks === first ? a : b) : 0
  const window = Math.min(gone + stride, shrinks?.length ?? 0)
  const ids = gone === 0 || !shrinks ? [] : side === 'right' ? shrinks.ids.slice(-window) : shrinks.ids.slice(0, window)
  return { texts: second ? [kept(first, a), kept(second, b)] : [kept(first, a)], overflow: ids }
}

/** Rust: the texts in pieces that share `stride` tokens, the piece that stays first, every piece of one with those of the other. */
export function pieces([first, second]: Texts, settings: TruncationSettings): Texts[] {
  const [a, b] = truncatedLengths([first, second], settings)
  const firsts = windows(first, a, settings)
  if (!second) return firsts.map(piece => [piece])
  const seconds = windows(second, b, settings)
  const pairs = (ones: readonly TokenList[], others: readonly TokenList[]): Texts[] =>
    ones.flatMap(one => others.map((other): Texts => [one, other]))
  const [main, ...more] = firsts
  const [mainSecond, ...moreSeconds] = seconds
  return [[main!, mainSecond!], ...pairs(more, seconds), ...pairs([main!], moreSeconds)]
}

/** A text in windows of `most` tokens, the one that stays first. Throws InputError OPTION_VALUE for a stride without progress. */
function windows(list: TokenList, most: number, { stride, side }: TruncationSettings): TokenList[] {
  if (most >= list.length) return [list]
  if (most === 0) return [new TokenList(), list]
  if (stride >= most) {
    const message = `tokenizer: stride ${stride} leaves no progress in pieces of ${most} tokens`
    throw new InputError('OPTION_VALUE', message, { hint: 'give a larger max_length or a smaller stride' })
  }
  const found: TokenList[] = []
  for (let done = 0; ; done += most - stride) {
    const to = Math.min(done + most, list.length)
    found.push(side === 'right' ? list.slice(done, to) : list.slice(list.length - to, list.length - done))
    if (to === list.length) return found
  }
}
