// Text that remembers where each of its characters came from, through every change of normalisation.

/** Code points, and for each the part of the original text it stands for: starts and ends in code points. */
export interface AlignedText {
  readonly codes: number[]
  readonly starts: number[]
  readonly ends: number[]
}

/** A stretch of an aligned text, from `from` to before `to`. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** The text as it came. A lone surrogate becomes U+FFFD. */
export function alignedText(text: string): AlignedText {
  const out = emptyText()
  for (const char of text) {
    const code = char.codePointAt(0)!
    const place = out.codes.length
    push(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code, place, place + 1)
  }
  return out
}

export function emptyText(): AlignedText {
  return { codes: [], starts: [], ends: [] }
}

export function push({ codes, starts, ends }: AlignedText, code: number, start: number, end: number): void {
  codes.push(code)
  starts.push(start)
  ends.push(end)
}

/** Appends the stretch from..to of `text` to `out`. */
export function copyTo(out: AlignedText, text: AlignedText, from: number, to: number): void {
  for (let i = from; i < to; i++) push(out, text.codes[i]!, text.starts[i]!, text.ends[i]!)
}

/** The string of a stretch, the whole unless given. */
export function textOf({ codes }: AlignedText, from = 0, to = codes.length): string {
  let text = ''
  for (let i = from; i < to; i++) text += String.fromCodePoint(codes[i]!)
  return text
}

/** A stretch as a text of its own, with its places in the original. */
export function sliced(text: AlignedText, from: number, to: number): AlignedText {
  if (from === 0 && to === text.codes.length) return text
  return { codes: text.codes.slice(from, to), starts: text.starts.slice(from, to), ends: text.ends.slice(from, to) }
}

/** Puts what `change` makes of each code point in its place: undefined leaves it, '' drops it. */
export function mapCodes(text: AlignedText, change: (code: number, place: number) => string | undefined): AlignedText {
  const out = emptyText()
  for (let i = 0; i < text.codes.length; i++) {
    const code = text.codes[i]!
    const changed = change(code, i)
    if (changed === undefined) push(out, code, text.starts[i]!, text.ends[i]!)
    else for (const char of changed) push(out, char.codePointAt(0)!, text.starts[i]!, text.ends[i]!)
  }
  return out
}
