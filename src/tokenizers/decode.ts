// Options of decode(), and spaces in decoded text.

export interface DecodeOptions {
  /** Leave out [CLS], [SEP], [PAD] and the like. */
  skip_special_tokens?: boolean
  /** Remove the spaces before English punctuation; the tokenizer's habit unless given. */
  clean_up_tokenization_spaces?: boolean | null
  /** Python's tokenizers: put a blank on both sides of tokens that were added; true unless given. */
  spaces_between_special_tokens?: boolean
  /** Remove the spaces beside Chinese characters, which Hugging Face leaves in. */
  compact?: boolean
}

export const decodeOptionNames: readonly string[] = [
  ...(['skip_special_tokens', 'clean_up_tokenization_spaces', 'spaces_between_special_tokens', 'compact'] as const),
]

const gaps = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
] as const

/** Without the spaces in front of English punctuation and short forms (transformers' clean_up_tokenization). */
export function withoutGaps(text: string): string {
  return gaps.reduce((out, [from, to]) => out.replaceAll(from, to), text)
}

/** Pieces as the Rust library's WordPiece decoder joins them: each is cleaned by itself, with the blank in front of it. */
export function joinedPieces(tokens: readonly string[], prefix: string, cleanup: boolean): string {
  const spaced = tokens.map((token, i) => {
    if (i === 0) return token
    return token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`
  })
  return (cleanup ? spaced.map(token => withoutGaps(token).replaceAll(' do not', " don't")) : spaced).join('')
}

/** Tokens as Python joins them: those in `lone` are a text of their own, runs of the others become one. */
export function joinedApart(
  tokens: readonly string[],
  lone: ReadonlySet<string>,
  toText: (run: readonly string[]) => string,
  between: string,
): string {
  const texts: string[] = []
  let run: string[] = []
  for (const token of tokens) {
    if (!lone.has(token)) {
      run.push(token)
      continue
    }
    const before = run.length > 0 ? toText(run) : ''
    texts.push(...(before === '' ? [token] : [before, token]))
    run = []
  }
  if (run.length > 0) texts.push(toText(run))
  return texts.join(between)
}

const wide =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u2014\\u2018-\\u201d\\u2026\\u3000-\\u303f\\uff00-\\uffef]'
const besideWide = new RegExp(`(?<=${wide}) | (?=${wide})`, 'gu')

/** Without the spaces beside Chinese characters and their punctuation, where Chinese has none. */
export function compacted(text: string): string {
  return text.replaceAll(besideWide, '')
}
