// What kind of character a code point is, as BERT's tokenizers see it. Python and the Rust library draw some lines differently.
import { lowerCase, unicodeTables } from './unicodeTables.ts'

/** Whose lines: transformers' BertTokenizer in Python ('slow'), or the Rust library behind BertTokenizerFast ('fast'). */
export type Dialect = keyof typeof unicodeTables

/** Classes of code points; everything else is 0. */
export const dropped = 1
export const space = 2
export const punctuation = 3
export const accent = 4
const classNumbers = { dropped, space, punctuation, accent } as const

const tables = new Map<Dialect, Uint8Array>()

/** The class of every code point. */
export function classesOf(dialect: Dialect): Uint8Array {
  const known = tables.get(dialect)
  if (known) return known
  const classes = new Uint8Array(0x110000)
  for (const [name, number] of Object.entries(classNumbers)) {
    let last = 0
    for (const run of unicodeTables[dialect][name as keyof typeof classNumbers].split(' ')) {
      const [gap, length = '1'] = run.split('.')
      const first = last + Number.parseInt(gap!, 36)
      last = first + Number.parseInt(length, 36) - 1
      classes.fill(number, first, last + 1)
    }
  }
  tables.set(dialect, classes)
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
