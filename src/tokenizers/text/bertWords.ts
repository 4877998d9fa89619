// The words of BERT: what stands between white space, and each punctuation mark on its own.
import { type AlignedText, copyTo, emptyText, type Stretch, sliced, textOf } from './alignedText.ts'
import { classesOf, type Dialect, isWhitespace, punctuation } from './characters.ts'

/** Cuts a text at white space, and around punctuation unless `keepsPunctuation`; words in `whole` are left as they are. */
export function bertWords(
  text: AlignedText,
  dialect: Dialect,
  { whole, keepsPunctuation }: { whole: ReadonlySet<string>; keepsPunctuation: boolean },
): Stretch[] {
  const { codes } = text
  const words: Stretch[] = []
  for (let from = 0; from < codes.length; ) {
    let to = from
    while (to < codes.length && !isWhitespace(codes[to]!, dialect)) to++
    if (keepsPunctuation || (whole.size > 0 && whole.has(textOf(text, from, to)))) {
      if (to > from) words.push({ from, to })
    } else {
      pushPieces(words, codes, from, to, dialect)
    }
    from = to + 1
  }
  return words
}

/** A text whose words are changed, but for those in `whole`. */
export function changedWords(
  text: AlignedText,
  dialect: Dialect,
  whole: ReadonlySet<string>,
  change: (text: AlignedText) => AlignedText,
): AlignedText {
  if (whole.size === 0) return change(text)
  const out = emptyText()
  let done = 0
  for (const { from, to } of bertWords(text, dialect, { whole, keepsPunctuation: true })) {
    copyTo(out, text, done, from)
    const word = sliced(text, from, to)
    const changed = whole.has(textOf(word)) ? word : change(word)
    copyTo(out, changed, 0, changed.codes.length)
    done = to
  }
  copyTo(out, text, done, text.codes.length)
  return out
}

function pushPieces(words: Stretch[], codes: readonly number[], from: number, to: number, dialect: Dialect): void {
  const classes = classesOf(dialect)
  let start = from
  for (let i = from; i < to; i++) {
    if (classes[codes[i]!] !== punctuation) continue
    if (i > start) words.push({ from: start, to: i })
    words.push({ from: i, to: i + 1 })
    start = i + 1
  }
  if (to > start) words.push({ from: start, to })
}
