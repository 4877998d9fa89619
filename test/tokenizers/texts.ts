// Texts made of everything Unicode has, from a seed: common things several times, and what tokenizers trip over.
import { Generator } from '../../src/random/generator.ts'

/** First and last code points of ranges; those that come twice are chosen twice as often. */
const ranges = [
  ...([0x4e00, 0x9fff, 0x4e00, 0x9fff, 0x20, 0x7e, 0x20, 0x7e, 0, 0xff, 0xc0, 0x24f, 0x300, 0x36f] as const),
  ...([0x370, 0x5ff, 0x600, 0x10ff, 0x1100, 0x11ff, 0x1e00, 0x1fff, 0x2000, 0x206f, 0x2070, 0x2fff] as const),
  ...([0x3000, 0x30ff, 0xac00, 0xd7a3, 0xf900, 0xffff, 0x10000, 0x1ffff, 0x20000, 0x2fa1f, 0, 0x10ffff] as const),
]

const pieces = [
  ...['👩‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '🇨🇳', '☺️', '1️⃣'],
  ...[' ', '  ', '\t', '\n', '\r\n', '\u3000', '\u00a0', '\u2028', '\u0085', '\ufeff', '\u200b', '\u180e', '\u001c'],
  ...['[MASK]', '[mask]', '[MASK', 'MASK]', '[PAD]', '##a', '[unused1]', '<|endoftext|>', '<|endoftext'],
  ...[
    'İ',
    'ı',
    'ß',
    'Σ',
    'ς',
    'ΑΣ',
    'ﬁ',
    'Å',
    'é',
    'e\u0301',
    'H\u0331',
    '각',
    '\u1100\u1161\u11a8',
    'が',
    'か\u3099',
    'Ǆ',
  ],
  ...["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'LL", "''", ' 1', '12', ' a', '!', ' !', '...', "n't"],
]

/** Makes texts one after the other; `words` are chosen whole. */
export class TextMaker {
  readonly #random: Generator
  readonly #words: readonly string[]

  constructor(seed: number, words: readonly string[]) {
    this.#random = new Generator(seed)
    this.#words = words
  }

  #below(count: number): number {
    return Math.floor(this.#random.double() * count)
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!
  }

  #character(): string {
    const range = 2 * this.#below(ranges.length / 2)
    const code = ranges[range]! + this.#below(ranges[range + 1]! - ranges[range]! + 1)
    return code >= 0xd800 && code < 0xe000 ? '?' : String.fromCodePoint(code)
  }

  next(): string {
    let text = ''
    for (let count = this.#below(12); count > 0; count--) {
      const kind = this.#below(50)
      if (kind < 12) text += this.#pick(this.#words)
      else if (kind < 24) text += this.#pick(pieces)
      else if (kind < 25) text += 'a'.repeat(95 + this.#below(11))
      else text += this.#character()
      if (this.#below(5) === 0) text += ' '
    }
    return text
  }
}

/** A text with its code points written out, for failures. */
export function visible(text: string): string {
  return [...text].map(char => (/[!-~]/.test(char) ? char : `\\u{${char.codePointAt(0)!.toString(16)}}`)).join('')
}
