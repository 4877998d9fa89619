// A strict reader of JSON in UTF-8 bytes: the caller pulls one value after the other, and nothing is built that it did not ask for.

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

/** A number as the text has it. */
export interface JsonNumber {
  /** The characters of the text, so that 16.0, 1e1 and -0 can be told from 16, 10 and 0. */
  readonly text: string
  /** True for digits alone: no sign, fraction or exponent. */
  readonly natural: boolean
  readonly value: number
}

/** How many objects and arrays may be open at once: what serde_json, the parser of the safetensors reference, takes. */
export const mostJsonDepth = 127

const code = (character: string): number => character.charCodeAt(0)
const quote = code('"')
const backslash = code('\\')
const hexDigits = '0123456789abcdef'
const kinds = new Map<number, JsonKind>([
  [code('{'), 'object'],
  [code('['), 'array'],
  [quote, 'string'],
  [code('t'), 'boolean'],
  [code('f'), 'boolean'],
  [code('n'), 'null'],
  ...[...'-0123456789'].map((digit): [number, JsonKind] => [code(digit), 'number']),
])
const escapes = new Map<number, number>(
  Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }).map(
    ([letter, meant]) => [code(letter), code(meant)],
  ),
)

/**
 * Reads JSON by RFC 8259 to the letter: no byte order mark, comments, trailing commas, NaN, control characters in strings or
 * lone surrogates, and no number outside float64. Every call reads one value or throws the error that `problem` makes of a
 * message and the byte it is about. The bytes must be valid UTF-8.
 */
export class JsonReader {
  readonly #bytes: Uint8Array
  readonly #problem: (message: string, at: number) => Error
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  readonly #mostValues: number
  #at = 0
  #depth = 0
  #values = 0

  /** `mostValues` bounds the fields and items that are read or skipped, and so the time. */
  constructor(bytes: Uint8Array, problem: (message: string, at: number) => Error, mostValues: number) {
    this.#bytes = bytes
    this.#problem = problem
    this.#mostValues = mostValues
  }

  /** What the next value is. */
  kind(): JsonKind {
    const kind = kinds.get(this.#peek())
    if (!kind) throw this.#unexpected('a value')
    return kind
  }

  /** The keys of an object; after each the caller must read its value, with `skip` at least. Keys that repeat are not noticed here. */
  *keys(): Generator<string, void> {
    this.#open('{')
    if (!this.#take('}')) {
      do {
        const key = this.string()
        this.#expect(':')
        this.#count()
        yield key
      } while (this.#take(','))
      this.#expect('}', '"," or "}"')
    }
    this.#depth--
  }

  /** The indices of an array; after each the caller must read the item, with `skip` at least. */
  *items(): Generator<number, void> {
    this.#open('[')
    if (!this.#take(']')) {
      let index = 0
      do {
        this.#count()
        yield index++
      } while (this.#take(','))
      this.#expect(']', '"," or "]"')
    }
    this.#depth--
  }

  string(): string {
    this.#expect('"', 'a string in double quotes')
    const start = this.#at
    let escaped = false
    for (; ; this.#at++) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) throw this.#unexpected('a closing quote')
      if (byte === quote) break
      if (byte < 0x20) throw this.#problem('a control character in a string must be written as \\u00XX', this.#at)
      if (byte === backslash) {
        escaped = true
        this.#at++
      }
    }
    const raw = this.#bytes.subarray(start, this.#at++)
    return this.#decoder.decode(escaped ? this.#unescape(raw, start) : raw)
  }

  number(): JsonNumber {
    this.#space()
    const start = this.#at
    const negative = this.#is('-')
    if (negative) this.#at++
    if (this.#is('0')) this.#at++
    else this.#digits()
    const whole = this.#at
    if (this.#is('.')) {
      this.#at++
      this.#digits()
    }
    if (this.#is('e') || this.#is('E')) {
      this.#at++
      if (this.#is('+') || this.#is('-')) this.#at++
      this.#digits()
    }
    const text = this.#decoder.decode(this.#bytes.subarray(start, this.#at))
    const value = Number(text)
    if (!Number.isFinite(value)) throw this.#problem('a number is too large for float64', start)
    return { text, natural: !negative && whole === this.#at, value }
  }

  /** Reads past one value of any kind, with the same strictness. */
  skip(): void {
    switch (this.kind()) {
      case 'object':
        for (const _ of this.keys()) this.skip()
        break
      case 'array':
        for (const _ of this.items()) this.skip()
        break
      case 'string':
        this.string()
        break
      case 'number':
        this.number()
        break
      default:
        this.word()
    }
  }

  /** true, false or null. */
  word(): boolean | null {
    this.#space()
    const words = { true: true, false: false, null: null }
    const word = Object.entries(words).find(([name]) => [...name].every((letter, i) => this.#is(letter, i)))
    if (!word) throw this.#unexpected('true, false or null')
    this.#at += word[0].length
    return word[1]
  }

  /** Throws unless nothing but white space is left. */
  end(): void {
    this.#space()
    if (this.#at < this.#bytes.length) throw this.#unexpected('the end')
  }

  #open(bracket: '{' | '['): void {
    this.#expect(bracket)
    if (++this.#depth > mostJsonDepth) {
      throw this.#problem(`more than ${mostJsonDepth} objects and arrays inside each other`, this.#at - 1)
    }
  }

  #count(): void {
    if (++this.#values > this.#mostValues) throw this.#problem(`more than ${this.#mostValues} values`, this.#at)
  }

  #digits(): void {
    const start = this.#at
    while (isDigit(this.#bytes[this.#at])) this.#at++
    if (this.#at === start) throw this.#unexpected('a digit')
  }

  /** The bytes of a string, `raw` in the text from `start` on, with its escapes resolved; they never take more room. */
  #unescape(raw: Uint8Array, start: number): Uint8Array {
    const out = new Uint8Array(raw.length)
    let length = 0
    for (let at = 0; at < raw.length; at++) {
      if (raw[at] !== backslash) {
        out[length++] = raw[at]!
        continue
      }
      const letter = raw[++at]!
      const plain = escapes.get(letter)
      if (plain !== undefined) {
        out[length++] = plain
      } else if (letter === code('u')) {
        const point = this.#codePoint(raw, at + 1, start)
        length = writeUtf8(out, length, point)
        at += point > 0xffff ? 10 : 4
      } else {
        throw this.#problem('a backslash must be followed by one of " \\ / b f n r t u', start + at)
      }
    }
    return out.subarray(0, length)
  }

  /** The code point of the four digits at `at`, or of those and the \uXXXX after them when both are a surrogate pair. */
  #codePoint(raw: Uint8Array, at: number, start: number): number {
    const high = this.#hex(raw, at, start)
    if (high < 0xd800 || high > 0xdfff) return high
    const paired = high < 0xdc00 && raw[at + 4] === backslash && raw[at + 5] === code('u')
    const low = paired ? this.#hex(raw, at + 6, start) : 0
    if (low < 0xdc00 || low > 0xdfff) throw this.#problem('half of a surrogate pair stands alone', start + at)
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
  }

  #hex(raw: Uint8Array, at: number, start: number): number {
    let value = 0
    for (let i = at; i < at + 4; i++) {
      const digit = hexDigits.indexOf(String.fromCharCode(raw[i] ?? 0).toLowerCase())
      if (digit < 0) throw this.#problem('\\u must be followed by four hexadecimal digits', start + i)
      value = value * 16 + digit
    }
    return value
  }

  #space(): void {
    for (; ; this.#at++) {
      const byte = this.#bytes[this.#at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
    }
  }

  /** The next byte that is no white space; -1 at the end. */
  #peek(): number {
    this.#space()
    return this.#bytes[this.#at] ?? -1
  }

  /** True when `character` stands `ahead` bytes from here. */
  #is(character: string, ahead = 0): boolean {
    return this.#bytes[this.#at + ahead] === code(character)
  }

  /** Steps over `character` if it comes next. */
  #take(character: string): boolean {
    if (this.#peek() !== code(character)) return false
    this.#at++
    return true
  }

  #expect(character: string, wanted = `"${character}"`): void {
    if (!this.#take(character)) throw this.#unexpected(wanted)
  }

  #unexpected(wanted: string): Error {
    const at = Math.min(this.#at, this.#bytes.length)
    const byte = this.#bytes[at]
    return this.#problem(`${byte === undefined ? 'the end' : byteText(byte)} where ${wanted} should be`, at)
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

/** Writes a code point that is no surrogate as UTF-8 and gives the place behind it. */
function writeUtf8(out: Uint8Array, at: number, point: number): number {
  const bytes =
    point < 0x80
      ? [point]
      : point < 0x800
        ? [0xc0 | (point >> 6), 0x80 | (point & 63)]
        : point < 0x10000
          ? [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)]
          : [0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)]
  out.set(bytes, at)
  return at + bytes.length
}

function byteText(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`
}
