// Spaces in decoded text.

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

const wide =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u2014\\u2018-\\u201d\\u2026\\u3000-\\u303f\\uff00-\\uffef]'
const besideWide = new RegExp(`(?<=${wide}) | (?=${wide})`, 'gu')

/** Without the spaces beside Chinese characters and their punctuation, where Chinese has none. */
export function compacted(text: string): string {
  return text.replaceAll(besideWide, '')
}
