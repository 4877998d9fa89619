// Checks of what users hand to operations beside tensors; every refusal names the operation, the argument and what
// came.
import { ConfigError, nearestName, ShapeError, valueText } from '../errors.ts'

/** Throws ConfigError UNKNOWN_OPTION for a name that `op` does not know, ShapeError BAD_TYPE for no object at all. */
export function checkOptions(options: object, known: readonly string[], op: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ShapeError('BAD_TYPE', `${op}: expected an object of options, got ${valueText(options)}`)
  }
  const unknown = Object.keys(options).find(name => !known.includes(name))
  if (unknown === undefined) return
  const near = nearestName(unknown, known)
  throw new ConfigError('UNKNOWN_OPTION', `${op}: there is no option '${unknown}'`, {
    hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
  })
}

/** Throws ShapeError BAD_TYPE unless `value` is a number and not NaN. */
export function checkNumber(value: number, name: string, op: string): void {
  if (typeof value === 'number' && !Number.isNaN(value)) return
  throw new ShapeError('BAD_TYPE', `${op}: ${name} must be a number, got ${valueText(value)}`)
}

/** Throws ShapeError BAD_TYPE unless `value` is a whole number of at least `least`. */
export function checkWhole(value: number, name: string, op: string, least = -Infinity): void {
  if (Number.isInteger(value) && value >= least) return
  const from = least === -Infinity ? '' : ` from ${least} on`
  throw new ShapeError('BAD_TYPE', `${op}: ${name} must be a whole number${from}, got ${valueText(value)}`)
}

/** Throws ShapeError BAD_TYPE unless `value` is true or false. */
export function checkFlag(value: boolean, name: string, op: string): void {
  if (typeof value === 'boolean') return
  throw new ShapeError('BAD_TYPE', `${op}: ${name} must be true or false, got ${valueText(value)}`)
}

/** Throws ShapeError BAD_VALUE unless `value` is one of `known`. */
export function checkChoice(value: string, known: readonly string[], name: string, op: string): void {
  if (known.includes(value)) return
  const near = nearestName(String(value), known)
  throw new ShapeError('BAD_VALUE', `${op}: ${name} cannot be ${valueText(value)}`, {
    hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
  })
}
