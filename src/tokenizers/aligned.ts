// Text that remembers where each of its characters came from, through all changes of normalisation.
import { accent, classesOf, type Dialect, dropped, isChinese, lowerOf, space } from './characters.ts'

/** Code points, and for each the part of the original text it stands for: starts and ends in code points. */
export interface AlignedText {
  readonly codes: number[]
  readonly starts: number[]
  readonly ends: number[]
}

export interface Normalization {
  readonly dialect: Dialect
  readonly tokenize_chinese_chars: boolean
  readonly do_lower_case: boolean
  readonly strip_accents: boolean
}

/** The text as it came; `offset` is the place of its first code point in the whole. A lone surrogate becomes U+FFFD. */
export function alignedText(text: string, offset = 0): AlignedText {
  const codes: number[] = []
  const starts: number[] = []
  const ends: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0)!
    starts.push(offset + codes.length)
    ends.push(offset + codes.length + 1)
    codes.push(code >= 0xd800 && code < 0xe000 ? 0xfffd : code)
  }
  return { codes, starts, ends }
}

export function textOf({ codes }: AlignedText, from = 0, to = codes.length): string {
  let text = ''
  for (let i = from; i < to; i++) text += String.fromCodePoint(codes[i]!)
  return text
}

/** Puts what `change` makes of each code point in its place: undefined leaves it, '' drops it. */
function mapCodes(text: AlignedText, change: (code: number) => string | undefined): AlignedText {
  const out: AlignedText = { codes: [], starts: [], ends: [] }
  for (let i = 0; i < text.codes.length; i++) {
    const code = text.codes[i]!
    const changed = change(code)
    if (changed === undefined) push(out, code, text.starts[i]!, text.ends[i]!)
    else for (const char of changed) push(out, char.codePointAt(0)!, text.starts[i]!, text.ends[i]!)
  }
  return out
}

function push({ codes, starts, ends }: AlignedText, code: number, start: number, end: number): void {
  codes.push(code)
  starts.push(start)
  ends.push(end)
}

/** Drops control characters, makes every kind of white space a blank, and puts blanks around Chinese characters. */
function cleaned(text: AlignedText, { dialect, tokenize_chinese_chars }: Normalization): AlignedText {
  const classes = classesOf(dialect)
  return mapCodes(text, code => {
    if (classes[code] === dropped) return ''
    if (classes[code] === space) return ' '
    return tokenize_chinese_chars && isChinese(code, dialect) ? ` ${String.fromCodePoint(code)} ` : undefined
  })
}

/** Takes characters apart (NFD) and drops their accents. */
function withoutAccents(text: AlignedText, dialect: Dialect): AlignedText {
  const classes = classesOf(dialect)
  const apart = mapCodes(text, code => (code < 0xc0 ? undefined : String.fromCodePoint(code).normalize('NFD')))
  return mapCodes(inCanonicalOrder(apart), code => (classes[code] === accent ? '' : undefined))
}

/**
 * Several marks on one letter have an order (Unicode's canonical ordering). As in the Rust library a mark that moves takes
 * with it only whether it was a character of its own in the text; the characters' places stay in order.
 */
function inCanonicalOrder(text: AlignedText): AlignedText {
  const before = textOf(text)
  const after = before.normalize('NFD')
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

/** Gives the marks from..to of `out`, which stood in another order in `text`, their places. */
function placeMoved(out: AlignedText, text: AlignedText, from: number, to: number): void {
  const isOwn = (i: number): boolean => i === 0 || text.starts[i] !== text.starts[i - 1]
  const left = Array.from({ length: to - from }, (_, i) => from + i)
  const places = left.filter(isOwn)
  let place = from - 1
  for (let i = from; i < to; i++) {
    const at = left.findIndex(j => text.codes[j] === out.codes[i])
    const [moved] = left.splice(Math.max(at, 0), 1)
    if (isOwn(moved!)) place = places.shift()!
    out.starts[i] = text.starts[Math.max(place, 0)]!
    out.ends[i] = text.ends[Math.max(place, 0)]!
  }
}

function lowered(text: AlignedText, dialect: Dialect): AlignedText {
  return mapCodes(text, code => {
    if (code < 0x80) return code >= 0x41 && code <= 0x5a ? String.fromCharCode(code + 32) : undefined
    return lowerOf(code, dialect)
  })
}

/** Puts characters together (NFC). What is joined stands for all its parts. */
function composed(text: AlignedText): AlignedText {
  const whole = textOf(text)
  if (whole.normalize('NFC') === whole) return text
  const out: AlignedText = { codes: [], starts: [], ends: [] }
  for (let from = 0; from < text.codes.length; ) {
    let to = from + 1
    while (to < text.codes.length && joinsToTheLeft(text.codes[to]!)) to++
    const part = textOf(text, from, to)
    const joined = part.normalize('NFC')
    if (joined === part) for (let i = from; i < to; i++) push(out, text.codes[i]!, text.starts[i]!, text.ends[i]!)
    else for (const char of joined) push(out, char.codePointAt(0)!, text.starts[from]!, text.ends[to - 1]!)
    from = to
  }
  return out
}

/** Marks, and the vowels and finals of hangul syllables: all that composition joins to what stands before. */
function joinsToTheLeft(code: number): boolean {
  const isJamo = (code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7ff)
  return isJamo || (code >= 0x300 && /^\p{M}/u.test(String.fromCodePoint(code)))
}

/** As the Rust library's BertNormalizer: clean, accents, lower case; or as Python's BasicTokenizer: lower case, clean, NFC, accents. */
export function normalized(text: AlignedText, options: Normalization): AlignedText {
  const { dialect, do_lower_case, strip_accents } = options
  if (dialect === 'slow') {
    const first = do_lower_case ? lowered(text, dialect) : text
    const joined = composed(cleaned(first, options))
    return strip_accents ? withoutAccents(joined, dialect) : joined
  }
  let out = cleaned(text, options)
  if (strip_accents) out = withoutAccents(out, dialect)
  return do_lower_case ? lowered(out, dialect) : out
}

/** A stretch from `from` to before `to` of an aligned text. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** The words of a normalised text: cut at blanks, punctuation on its own; those in `whole` are not cut. */
export function wordsIn(
  text: AlignedText,
  isPunctuation: (code: number) => boolean,
  whole: ReadonlySet<string>,
): Stretch[] {
  const { codes } = text
  const words: Stretch[] = []
  for (let from = 0; from < codes.length; ) {
    let to = from
    while (to < codes.length && !isBlank(codes[to]!)) to++
    if (whole.size > 0 && whole.has(textOf(text, from, to))) words.push({ from, to })
    else pushPieces(words, codes, from, to, isPunctuation)
    from = to + 1
  }
  return words
}

function pushPieces(
  words: Stretch[],
  codes: readonly number[],
  from: number,
  to: number,
  isPunctuation: (code: number) => boolean,
): void {
  let start = from
  for (let i = from; i < to; i++) {
    if (!isPunctuation(codes[i]!)) continue
    if (i > start) words.push({ from: start, to: i })
    words.push({ from: i, to: i + 1 })
    start = i + 1
  }
  if (to > start) words.push({ from: start, to })
}

/** Normalised text has blanks only; text that was left as it came has the others too. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 9 && code <= 13)
}
