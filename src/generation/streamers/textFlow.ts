// Text that comes while it is generated: which part of it will not change any more.

/** Turns ids into text. */
export type Decode = (ids: readonly number[]) => string

/**
 * Hands out the text of tokens as they come. A word may go on with the next token, so text is given up to its last
 * space; at once after a line break or a Chinese character, which stands for itself
 * (transformers/generation/streamers.py).
 */
export class TextFlow {
  readonly #decode: Decode
  #ids: number[] = []
  #given = 0

  /** `prompt` is not given out, but decides how the text behind it begins: with a space, or as the rest of a word. */
  constructor(decode: Decode, prompt: readonly number[] = []) {
    this.#decode = decode
    this.#ids = [...prompt]
    this.#given = prompt.length === 0 ? 0 : decode(prompt).length
  }

  /** The text that has become certain with these tokens; often ''. */
  put(...tokens: readonly number[]): string {
    this.#ids.push(...tokens)
    const text = this.#decode(this.#ids)
    const last = text.codePointAt(text.length - (/[\uDC00-\uDFFF]$/.test(text) ? 2 : 1))
    const end = text.endsWith('\n') || (last !== undefined && isChinese(last)) ? text.length : text.lastIndexOf(' ') + 1
    const piece = text.slice(this.#given, end)
    this.#given = Math.max(this.#given, end)
    if (!text.endsWith('\n')) return piece
    this.#ids = []
    this.#given = 0
    return piece
  }

  /** The rest. */
  end(): string {
    const piece = this.#ids.length === 0 ? '' : this.#decode(this.#ids).slice(this.#given)
    this.#ids = []
    this.#given = 0
    return piece
  }
}

/** The blocks of CJK ideographs, without kana and hangul, which form words. */
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

function isChinese(codePoint: number): boolean {
  return chineseBlocks.some(([first, last]) => codePoint >= first && codePoint <= last)
}
