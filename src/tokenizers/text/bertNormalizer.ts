// BERT's normalisation: control characters, white space, Chinese characters, accents and capitals.
import { type AlignedText, mapCodes } from './alignedText.ts'
import { composed, decomposed } from './canonical.ts'
import { accent, classesOf, type Dialect, dropped, isChinese, lowerOf, space } from './characters.ts'

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

/** Takes characters apart and drops their accents. */
function withoutAccents(text: AlignedText, dialect: Dialect): AlignedText {
  const classes = classesOf(dialect)
  return mapCodes(decomposed(text, dialect), code => (classes[code] === accent ? '' : undefined))
}

/** A letter in lower case; undefined for what stays as it is. */
export function lowered(code: number, dialect: Dialect): string | undefined {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? String.fromCharCode(code + 32) : undefined
  return lowerOf(code, dialect)
}

/** As the Rust library's BertNormalizer: clean, accents, lower case. */
export function rustNormalized(text: AlignedText, options: Normalization): AlignedText {
  const { dialect, do_lower_case, strip_accents } = options
  const clean = options.clean_text ? cleaned(text, options) : withChineseApart(text, options)
  const plain = strip_accents ? withoutAccents(clean, dialect) : clean
  return do_lower_case ? mapCodes(plain, code => lowered(code, dialect)) : plain
}

/** As Python's BasicTokenizer before it cuts words: clean, NFC. */
export function pythonCleaned(text: AlignedText, options: Normalization): AlignedText {
  return composed(cleaned(text, options), options.dialect)
}

/** What Python's BasicTokenizer makes of words: lower case, accents. */
export function pythonPlain(text: AlignedText, { dialect, do_lower_case, strip_accents }: Normalization): AlignedText {
  const lower = do_lower_case ? mapCodes(text, code => lowered(code, dialect)) : text
  return strip_accents ? withoutAccents(lower, dialect) : lower
}
