// How many tokens of each text of a pair stay when they are too many.
import { InputError } from '../errors.ts'
import type { Dialect } from './characters.ts'

export type Truncation = 'longest_first' | 'only_first' | 'only_second' | 'do_not_truncate'

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
export function truncatedLengths(
  first: number,
  second: number,
  room: number,
  how: Truncation,
  dialect: Dialect,
): [first: number, second: number] {
  const excess = first + second - room
  if (excess <= 0 || how === 'do_not_truncate') return [first, second]
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
