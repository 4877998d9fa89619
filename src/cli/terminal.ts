// What the command line writes: answers to stdout, everything else to stderr.
import pc from 'picocolors'

/** Writes part of the answer. On a terminal, control characters in a model's text are taken out: they could steer it. */
export function answer(text: string): void {
  process.stdout.write(process.stdout.isTTY ? withoutControls(text) : text)
}

/** Tells the user something that is not the answer. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** The same, in the background. */
export function aside(text: string): void {
  note(colours.dim(withoutControls(text)))
}

export function heading(text: string): void {
  note(colours.bold(text))
}

const colours = pc.createColors(pc.isColorSupported && process.stderr.isTTY === true)

export function complain(kind: 'error' | 'warning', text: string): void {
  const label = kind === 'error' ? colours.red('error:') : colours.yellow('warning:')
  note(`${label} ${withoutControls(text)}`)
}

/** Text without the characters that move a terminal's cursor or change its state; line breaks and tabs stay. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '')
}
