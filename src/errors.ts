// The error class of the library: every refusal carries a stable code and, where it helps, fields and a next step.

/** Facts of one error, for programs: shapes, file names, what was expected. Plain JSON values. */
export type ErrorFields = Readonly<Record<string, unknown>>

/**
 * What every function of Vitrine throws when it refuses something. `code` never changes between versions; `message`
 * may. The subclasses group codes by what went wrong, so that `catch` can tell a bad file from a bad argument.
 */
export class VitrineError extends Error {
  override readonly name: string = 'VitrineError'
  readonly code: string
  readonly fields: ErrorFields
  /** The next step, which also ends the message. */
  readonly hint: string | undefined
  readonly #fault: string

  /** `hint` is the next step; it ends the message in parentheses. */
  constructor(code: string, message: string, { hint, cause, ...fields }: ErrorFields & { hint?: string } = {}) {
    super(hint ? `${message} (${hint})` : message, cause === undefined ? undefined : { cause })
    this.code = code
    this.fields = fields
    this.hint = hint
    this.#fault = message
  }

  /** The same error with another next step, for a caller whose options have other names. */
  withHint(hint: string): this {
    const Class = this.constructor as new (...args: ConstructorParameters<typeof VitrineError>) => this
    return new Class(this.code, this.#fault, { ...this.fields, cause: this.cause, hint })
  }
}

/** A tensor operation got shapes, dims or types that do not fit. */
export class ShapeError extends VitrineError {
  override readonly name = 'ShapeError'
}

/** A file is missing, broken or hostile. */
export class FileError extends VitrineError {
  override readonly name = 'FileError'
}

/** A config.json or an option holds a value that cannot be used. */
export class ConfigError extends VitrineError {
  override readonly name = 'ConfigError'
}

/** Names or shapes of a checkpoint and of a model differ. */
export class LoadError extends VitrineError {
  override readonly name = 'LoadError'
}

/** A call was given inputs that the model cannot take. */
export class InputError extends VitrineError {
  override readonly name = 'InputError'
}

/** A server that was called has refused, failed or not been there; `fields.status` is its HTTP status, if it gave one. */
export class RemoteError extends VitrineError {
  override readonly name = 'RemoteError'
}

/** A model could not be had: the hub refused, failed or was not there, or what came was not what it announced. */
export class HubError extends VitrineError {
  override readonly name = 'HubError'
}

/** The most similar of `known` to `name`, when one is near enough to be a typing slip. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

/** Levenshtein distance between two short strings. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + change))
    }
    previous = row
  }
  return previous[b.length]!
}

/** A value as messages show it: NaN, null, 'abc', an array of 3, a Map. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `'${value.slice(0, 40)}...'` : `'${value}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  const name: unknown = value.constructor?.name
  if (typeof name !== 'string' || name === '' || name === 'Object') return 'an object'
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}
