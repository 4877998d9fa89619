// Unicode's canonical forms, NFD and NFC, of text that remembers where it came from, as far as a dialect's tables know them.
import { type AlignedText, copyTo, emptyText, mapCodes, push, type Stretch, textOf } from './alignedText.ts'
import { type Dialect, inertCharacters } from './characters.ts'

/** Takes characters apart and puts their marks in order (NFD). */
export function decomposed(text: AlignedText, dialect: Dialect): AlignedText {
  const inert = inertCharacters(dialect)
  const apart = mapCodes(text, code =>
    code < 0xc0 || inert[code] === 1 ? undefined : String.fromCodePoint(code).normalize('NFD'),
  )
  return inCanonicalOrder(apart, dialect)
}

/**
 * Several marks on one letter have an order (Unicode's canonical ordering). As in the Rust library a mark that moves takes
 * with it only whether it was a character of its own in the text; the characters' places stay in order.
 */
function inCanonicalOrder(text: AlignedText, dialect: Dialect): AlignedText {
  const before = textOf(text)
  const after = ordered(text, dialect)
  if (after === before) return text
  const codes = Array.from(after, char => char.codePointAt(0)!)
  const out: AlignedText = { codes, starts: [...text.starts], ends: [...text.ends] }
  for (let from = 0; from < codes.length; from++) {
    if (codes[from] === text.codes[from]) continue
    let to = from + 1
    while (to < codes.length && codes[to] !== text.codes[to]) to++
    placeMoved(out, text, from, to)
    from = to
  }
  return out
}

/** The text in canonical order; marks do not pass characters that the dialect does not know. */
function ordered(text: AlignedText, dialect: Dialect): string {
  const inert = inertCharacters(dialect)
  let out = ''
  for (const { from, to } of parts(text, inert, chunk)) {
    const part = textOf(text, from, to)
    out += inert[text.codes[from]!] === 1 ? part : part.normalize('NFD')
  }
  return out
}

/** Gives the marks from..to of `out`, which stood in another order in `text`, their places. */
function placeMoved(out: AlignedText, text: AlignedText, from: number, to: number): void {
  const isOwn = (i: number): boolean => i === 0 || text.starts[i] !== text.starts[i - 1]
  const waiting = new Map<number, number[]>()
  for (let i = to - 1; i >= from; i--) {
    const places = waiting.get(text.codes[i]!)
    if (places) places.push(i)
    else waiting.set(text.codes[i]!, [i])
  }
  let own = from
  let place = from - 1
  for (let i = from; i < to; i++) {
    const moved = waiting.get(out.codes[i]!)?.pop() ?? i
    if (isOwn(moved)) {
      while (own < to && !isOwn(own)) own++
      place = Math.min(own++, to - 1)
    }
    out.starts[i] = text.starts[Math.max(place, 0)]!
    out.ends[i] = text.ends[Math.max(place, 0)]!
  }
}

/** Puts characters together (NFC), as far as the dialect knows them. What is joined stands for all its parts. */
export function composed(text: AlignedText, dialect: Dialect): AlignedText {
  const inert = inertCharacters(dialect)
  const out = emptyText()
  const isKnown = (joined: string): boolean => [...joined].every(char => inert[char.codePointAt(0)!] !== 1)
  const compose = (stretch: Stretch, size: number): void => {
    for (const { from, to } of parts(text, inert, size, stretch)) {
      const part = textOf(text, from, to)
      const joined = inert[text.codes[from]!] === 1 ? part : part.normalize('NFC')
      if (joined === part || (size === 1 && !isKnown(joined))) copyTo(out, text, from, to)
      else if (size > 1) compose({ from, to }, 1)
      else for (const char of joined) push(out, char.codePointAt(0)!, text.starts[from]!, text.ends[to - 1]!)
    }
  }
  compose({ from: 0, to: text.codes.length }, chunk)
  return out
}

/** Characters that are normalised at once, and the most that belong together: sorting marks takes their number squared. */
const chunk = 512
const longestPart = 2048

/**
 * Parts of `size` characters or more that normalisation does not join to each other. Characters that the dialect does not know
 * are parts of their own.
 */
function* parts(
  { codes }: AlignedText,
  inert: Uint8Array,
  size: number,
  { from, to }: Stretch = { from: 0, to: codes.length },
): Generator<Stretch, void> {
  const goesOn = (start: number, end: number): boolean =>
    inert[codes[end]!] !== 1 && end - start < longestPart && (end - start < size || joinsToTheLeft(codes[end]!))
  for (let start = from; start < to; ) {
    let end = start + 1
    while (end < to && inert[codes[start]!] !== 1 && goesOn(start, end)) end++
    yield { from: start, to: end }
    start = end
  }
}

/** Marks, and the vowels and finals of hangul syllables: all that composition joins to what stands before. */
function joinsToTheLeft(code: number): boolean {
  const isJamo = (code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7ff)
  return isJamo || (code >= 0x300 && /^\p{M}/u.test(String.fromCodePoint(code)))
}
