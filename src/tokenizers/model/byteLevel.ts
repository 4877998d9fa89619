// Bytes as printable characters (openai/gpt-2, encoder.py): the vocabulary of a byte-level tokenizer is text without spaces.
import { InputError } from '../../errors.ts'

/** The character of each byte: itself where it prints, else one from U+0100 on. A space is Ġ, a line end Ċ. */
export const byteCharacters: readonly string[] = alphabet()

function alphabet(): string[] {
  const prints = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)
  let others = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(prints(byte) ? byte : others++))
}

const bytesByCharacter = new Map(byteCharacters.map((character, byte) => [character, byte]))
const encoder = new TextEncoder()

export function byteText(bytes: Iterable<number>): string {
  let text = ''
  for (const byte of bytes) text += byteCharacters[byte]!
  return text
}

/** The bytes that tokens stand for. One that has other characters, as tokens that were added may, stands for itself. */
export function bytesOf(tokens: readonly string[]): Uint8Array {
  const parts = tokens.map(token => {
    const bytes = Array.from(token, character => bytesByCharacter.get(character))
    return bytes.includes(undefined) ? encoder.encode(token) : Uint8Array.from(bytes as number[])
  })
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** What happens to bytes that are no UTF-8, in Python's words. */
export type DecodeErrors = 'replace' | 'ignore' | 'strict'
export const decodeErrors: readonly DecodeErrors[] = ['replace', 'ignore', 'strict']

const lossy = new TextDecoder('utf-8', { ignoreBOM: true })
const exact = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** Bytes as text: what is no UTF-8 becomes U+FFFD, is left out, or throws InputError UTF8. */
export function decodeBytes(bytes: Uint8Array, errors: DecodeErrors): string {
  const text = lossy.decode(bytes)
  if (errors === 'replace' || !text.includes('\uFFFD')) return text
  const parts = [...validRuns(bytes, text)]
  if (errors === 'strict' && parts.length > 1) {
    const place = encoder.encode(parts[0]).length
    throw new InputError('UTF8', `decode: byte ${place} of ${bytes.length} is no UTF-8`, {
      place,
      hint: "errors: 'replace' puts U+FFFD in its place",
    })
  }
  return parts.join('')
}

/** The text between places that are no UTF-8: those whose U+FFFD is not in the bytes themselves. */
function* validRuns(bytes: Uint8Array, text: string): Generator<string, void> {
  let run = ''
  let at = 0
  for (const character of text) {
    const size = encoder.encode(character).length
    if (character !== '\uFFFD' || isExact(bytes.subarray(at, at + size))) {
      run += character
      at += size
      continue
    }
    yield run
    run = ''
    at += brokenLength(bytes.subarray(at, at + 4))
  }
  yield run
}

function isExact(bytes: Uint8Array): boolean {
  try {
    return exact.decode(bytes) === '\uFFFD'
  } catch {
    return false
  }
}

/** How many of the first bytes one U+FFFD stands for: the beginning of a character as far as it goes. */
function brokenLength(bytes: Uint8Array): number {
  let length = 1
  while (length < bytes.length && lossy.decode(bytes.subarray(0, length + 1)) === '\uFFFD') length++
  return length
}
