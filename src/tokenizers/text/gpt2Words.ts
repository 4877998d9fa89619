// The words of GPT-2, found by hand in one pass (the pattern of openai/gpt-2's encoder.py, which the Rust library also has):
// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
import type { AlignedText, Stretch } from './alignedText.ts'
import { type Dialect, whitespace, wordClassesOf } from './characters.ts'

/** The pattern, as a tokenizer.json may spell it out. */
export const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

const shortForms = ['s', 't', 're', 've', 'm', 'll', 'd'].map(form => Array.from(form, char => char.codePointAt(0)!))
const apostrophe = 0x27
const blank = 0x20

/** Cuts a text into words; each character is in one of them. */
export function gpt2Words({ codes }: AlignedText, dialect: Dialect): Stretch[] {
  const classes = wordClassesOf(dialect)
  const runEnd = (from: number): number => {
    const kind = classes[codes[from]!]
    let to = from + 1
    while (to < codes.length && classes[codes[to]!] === kind) to++
    return to
  }
  const isSpace = (place: number): boolean => classes[codes[place]!] === whitespace
  const wordEnd = (from: number): number => {
    const shortForm = codes[from] === apostrophe ? shortFormEnd(codes, from) : undefined
    if (shortForm !== undefined) return shortForm
    const start = codes[from] === blank ? from + 1 : from
    if (start < codes.length && !isSpace(start)) return runEnd(start)
    const to = runEnd(from)
    // The last space before a word belongs to the word if it is a blank, and stands alone if not.
    return to < codes.length && to - from > 1 ? to - 1 : to
  }
  const words: Stretch[] = []
  for (let from = 0; from < codes.length; ) {
    const to = wordEnd(from)
    words.push({ from, to })
    from = to
  }
  return words
}

/** The end of 's, 't and the like from the apostrophe at `from` on. */
function shortFormEnd(codes: readonly number[], from: number): number | undefined {
  const form = shortForms.find(letters => letters.every((letter, i) => codes[from + 1 + i] === letter))
  return form && from + 1 + form.length
}
