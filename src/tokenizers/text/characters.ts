// What kind of character a code point is, as the tokenizers see it. Python and the Rust library draw some lines differently.
import { besideTables, inertTables, lowerCase, unicodeTables, wordTables } from './unicodeTables.ts'

/** Whose lines: transformers' BertTokenizer in Python ('slow'), or the Rust library behind BertTokenizerFast ('fast'). */
export type Dialect = keyof typeof unicodeTables

/** Classes of BERT's tokenizers; everything else is 0. */
export const dropped = 1
export const space = 2
export const punctuation = 3
export const accent = 4

/** Classes of GPT-2's tokenizers, whose words are runs of one class; everything else is 0. */
export const letter = 1
export const number = 2
export const whitespace = 3

type ClassNames = Readonly<Record<string, number>>
const bertClasses = { dropped, space, punctuation, accent } as const satisfies ClassNames
const inertClasses = { inert: 1 }
const besideClasses = { word: 1 }
const wordClasses = { letter, number, whitespace } as const satisfies ClassNames

const tables = new Map<object, Uint8Array>()

/** BERT's class of every code point. */
export function classesOf(dialect: Dialect): Uint8Array {
  return unpacked(unicodeTables[dialect], bertClasses)
}

/** GPT-2's class of every code point. */
export function wordClassesOf(dialect: Dialect): Uint8Array {
  return unpacked(wordTables[dialect], wordClasses)
}

/**
 * 1 for a code point that is newer than a dialect's tables of normalisation: it is neither taken apart nor put in order, though
 * JavaScript may know better.
 */
export function inertCharacters(dialect: Dialect): Uint8Array {
  return unpacked(inertTables[dialect], inertClasses)
}

/** A letter, digit or the like for the Rust library's regular expressions: \w. */
export function isWordCharacter(code: number): boolean {
  return unpacked(besideTables.fast, besideClasses)[code] === 1
}

/** White space as Python's str.split and Rust's char::is_whitespace know it; never JavaScript's \s, which differs from both. */
export function isWhitespace(code: number, dialect: Dialect): boolean {
  if (code === 0x20 || (code >= 9 && code <= 13)) return true
  if (code >= 0x1c && code <= 0x1f) return dialect === 'slow'
  return code >= 0x85 && wordClassesOf(dialect)[code] === whitespace
}

function unpacked(runs: Readonly<Record<string, string>>, numbers: ClassNames): Uint8Array {
  const known = tables.get(runs)
  if (known) return known
  const classes = new Uint8Array(0x110000)
  for (const [name, packed] of Object.entries(runs)) {
    let last = 0
    for (const run of packed.split(' ')) {
      const [gap, length = '1'] = run.split('.')
      const first = last + Number.parseInt(gap!, 36)
      last = first + Number.parseInt(length, 36) - 1
      classes.fill(numbers[name]!, first, last + 1)
    }
  }
  tables.set(runs, classes)
  return classes
}

/** The blocks of CJK ideographs of the original BERT; kana and hangul form words and are not among them. */
const chineseBlocks = [
  [0x4e00, 0x9fff],
  [0x3400, 0x4dbf],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2b73f],
  [0x2b740, 0x2b81f],
  [0x2b820, 0x2ceaf],
  [0xf900, 0xfaff],
  [0x2f800, 0x2fa1f],
] as const
/** Where the block from U+2B820 begins in the Rust library: a slip that its users live with. */
const rustBegins = 0x2b920

export function isChinese(codePoint: number, dialect: Dialect): boolean {
  if (codePoint < 0x3400) return false
  if (dialect === 'fast' && codePoint >= 0x2b820 && codePoint < rustBegins) return false
  return chineseBlocks.some(([first, last]) => codePoint >= first && codePoint <= last)
}

const lowerTables = new Map<Dialect, Map<number, string>>()

/** One character in lower case, without regard to its neighbours; the same on every version of Node. */
export function lowerOf(codePoint: number, dialect: Dialect): string {
  let table = lowerTables.get(dialect)
  if (!table) {
    const entries = lowerCase[dialect].split(' ').map((entry): [number, string] => {
      const [from, to = from] = entry.split('.')
      return [Number.parseInt(from!, 16), String.fromCodePoint(Number.parseInt(to!, 16))]
    })
    table = new Map(entries)
    lowerTables.set(dialect, table)
  }
  return table.get(codePoint) ?? String.fromCodePoint(codePoint).toLowerCase()
}
