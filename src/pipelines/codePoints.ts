// Texts by code points, as tokenizers count them: a character beyond U+FFFF is one place here and two in a JavaScript string.

export class CodePoints {
  readonly text: string
  /** The place in the string where each code point begins, and the string's end. */
  readonly #starts: Int32Array

  constructor(text: string) {
    this.text = text
    const starts: number[] = []
    let at = 0
    for (const character of text) {
      starts.push(at)
      at += character.length
    }
    this.#starts = Int32Array.from([...starts, at])
  }

  get length(): number {
    return this.#starts.length - 1
  }

  /** Code points start..end - 1. */
  slice(start: number, end: number): string {
    const [from, to] = [start, end].map(place => this.#starts[Math.max(0, Math.min(place, this.length))]!)
    return this.text.slice(from, to)
  }
}
