// Checks of a task's options: names that it does not know are refused, and values that cannot be.
import { ConfigError, nearestName } from '../errors.ts'

/** Throws ConfigError UNKNOWN_OPTION for a name that a task does not know. */
export function checkNames(task: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find(name => !known.includes(name))
  if (unknown === undefined) return
  const near = nearestName(unknown, known)
  throw new ConfigError('UNKNOWN_OPTION', `${task}: there is no option ${unknown}`, {
    option: unknown,
    hint: near ? `did you mean ${near}?` : `known: ${known.join(', ')}`,
  })
}

/** Throws ConfigError OPTION_VALUE unless the value is undefined, or one of `choices`. */
export function checkChoice(task: string, name: string, value: unknown, choices: readonly unknown[]): void {
  if (value === undefined || choices.includes(value)) return
  throw optionFault(task, name, `${name} must be one of ${choices.join(', ')}, got ${String(value)}`)
}

/** Throws ConfigError OPTION_VALUE unless the value is undefined, or a whole number from `least` on. */
export function checkWhole(task: string, name: string, value: unknown, least: number): void {
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= least)) return
  throw optionFault(task, name, `${name} must be a whole number from ${least} on, got ${String(value)}`)
}

/** A ConfigError OPTION_VALUE about an option. */
export function optionFault(task: string, option: string, fault: string, hint?: string): ConfigError {
  return new ConfigError('OPTION_VALUE', `${task}: ${fault}`, { option, ...(hint !== undefined && { hint }) })
}

/** The options of these names. */
export function only<O extends object>(options: O, names: readonly string[]): Partial<O> {
  const picked = Object.entries(options).filter(([name]) => names.includes(name))
  return Object.fromEntries(picked) as Partial<O>
}

/** The options without those of these names. */
export function without<O extends object>(options: O, names: readonly string[]): Partial<O> {
  const left = Object.entries(options).filter(([name]) => !names.includes(name))
  return Object.fromEntries(left) as Partial<O>
}
