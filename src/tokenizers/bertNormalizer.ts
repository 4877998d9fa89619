// BERT's normalisation: control characters, white space, Chinese characters, accents and capitals.
import { type AlignedText, emptyText, mapCodes, push, textOf } from './alignedText.ts'
import { accent, classesOf, type Dialect, dropped, isChinese, isInert, lowerOf, space } from './characters.ts'

export interface Normalization {
  readonly dialect: Dialect
  /** Drop control characters and make every kind of white space a blank; only a tokenizer.json can say no. */
  readonly clean_text: boolean
  readonly tokenize_chinese_chars: boolean
  readonly do_lower_case: boolean
  readonly strip_accents: boolean
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

function withChineseApart(text: AlignedText, { dialect, tokenize_chinese_chars }: Normalization): AlignedText {
  if (!tokenize_chinese_chars) return text
  return mapCodes(text, code => (isChinese(code, dialect) ? ` ${String.fromCodePoint(code)} ` : undefined))
}

/** Takes characters apart (NFD) and drops their accents. */
function withoutAccents(text: AlignedText, dialect: Dialect): AlignedText {
  const classes = classesOf(dialect)
  const apart = mapCodes(text, code =>
    code < 0xc0 || isInert(code, dialect) ? undefined : String.fromCodePoint(code).normalize('NFD'),
  )
  return mapCodes(inCanonicalOrder(apart, dialect), code => (classes[code] === accent ? '' : undefined))
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
  let out = ''
  let from = 0
  for (const [place, code] of text.codes.entries()) {
    if (!isInert(code, dialect)) continue
    out += textOf(text, from, place).normalize('NFD') + String.fromCodePoint(code)
    from = place + 1
  }
  return out + textOf(text, from).normalize('NFD')
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

/** A letter in lower case; undefined for what stays as it is. */
export function lowered(code: number, dialect: Dialect): string | undefined {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? String.fromCharCode(code + 32) : undefined
  return lowerOf(code, dialect)
}

/** Puts characters together (NFC), as far as the dialect knows them. What is joined stands for all its parts. */
function composed(text: AlignedText, dialect: Dialect): AlignedText {
  const whole = textOf(text)
  if (whole.normalize('NFC') === whole) return text
  const out = emptyText()
  for (let from = 0; from < text.codes.length; ) {
    let to = from + 1
    while (to < text.codes.length && !isInert(text.codes[to - 1]!, dialect) && joinsToTheLeft(text.codes[to]!, dialect))
      to++
    const part = textOf(text, from, to)
    const joined = part.normalize('NFC')
    const isChanged = joined !== part && [...joined].every(char => !isInert(char.codePointAt(0)!, dialect))
    if (isChanged) for (const char of joined) push(out, char.codePointAt(0)!, text.starts[from]!, text.ends[to - 1]!)
    else for (let i = from; i < to; i++) push(out, text.codes[i]!, text.starts[i]!, text.ends[i]!)
    from = to
  }
  return out
}

/** Marks, and the vowels and finals of hangul syllables: all that composition joins to what stands before. */
function joinsToTheLeft(code: number, dialect: Dialect): boolean {
  const isJamo = (code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7ff)
  return isJamo || (code >= 0x300 && !isInert(code, dialect) && /^\p{M}/u.test(String.fromCodePoint(code)))
}

/**
 * As the Rust library's BertNormalizer: clean, accents, lower case; or as Python's BasicTokenizer: clean, NFC, accents, of a text
 * whose letters are in lower case before.
 */
export function normalized(text: AlignedText, options: Normalization): AlignedText {
  const { dialect, do_lower_case, strip_accents } = options
  const clean = options.clean_text ? cleaned(text, options) : withChineseApart(text, options)
  if (dialect === 'slow')
    return strip_accents ? withoutAccents(composed(clean, dialect), dialect) : composed(clean, dialect)
  const plain = strip_accents ? withoutAccents(clean, dialect) : clean
  return do_lower_case ? mapCodes(plain, code => lowered(code, dialect)) : plain
}
