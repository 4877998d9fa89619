// Checks of the numbers that options carry; each throws ConfigError GENERATION_VALUE and names the option.
import { ConfigError, valueText } from '../errors.ts'

export function valueFault(name: string, value: unknown, wanted: string): ConfigError {
  const shown = shownOf(value)
  return new ConfigError('GENERATION_VALUE', `generate: ${name} must be ${wanted}, got ${shown}`, { option: name })
}

/** Numbers and plain data as they are written, texts in quotes, other objects by their class. */
function shownOf(value: unknown): string {
  const isPlain = Array.isArray(value) || (typeof value === 'object' && value?.constructor === Object)
  if (!isPlain) return valueText(value)
  // JSON has no numbers of 64 bits.
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item))
  return text.length > 200 ? `${text.slice(0, 200)}...` : text
}

/** A whole number of at least `least`. */
export function whole(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value
  throw valueFault(name, value, `a whole number from ${least} on`)
}

/** A finite number above `least`. */
export function above(name: string, value: unknown, least: number, wanted = `a number above ${least}`): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > least) return value
  throw valueFault(name, value, wanted)
}

/** A number from `least` to `most`, both included. */
export function within(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw valueFault(name, value, `a number from ${least} to ${most}`)
}

/** A number between `least` and `most`, neither included. */
export function between(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value > least && value < most) return value
  throw valueFault(name, value, `a number between ${least} and ${most}`)
}

/** A finite number. */
export function finite(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw valueFault(name, value, 'a finite number')
}

/** A token id, or a list of them, as a list. */
export function tokenIds(name: string, value: unknown): number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map(id => whole(name, id, 0))
}

/** Runs of tokens: a list, not empty, of lists, not empty, of token ids. */
export function tokenRuns(name: string, value: unknown): number[][] {
  if (!Array.isArray(value) || value.length === 0) throw valueFault(name, value, 'a list, not empty, of lists of ids')
  return value.map((run: unknown) => {
    if (!Array.isArray(run) || run.length === 0) throw valueFault(name, run, 'lists, not empty, of token ids')
    return tokenIds(name, run)
  })
}
