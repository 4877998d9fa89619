// The fields of a request's body, read one by one; what nobody reads is refused by name.
import { nearestName, valueText } from '../errors.ts'
import { badField, type ServeError } from './serveError.ts'

interface Range {
  readonly least?: number
  readonly most?: number
}

export class RequestFields {
  readonly #body: Readonly<Record<string, unknown>>
  readonly #read = new Set<string>()

  /** Throws ServeError 400 for a body that is no object. */
  constructor(body: unknown) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw badField('', `the body must be a JSON object, got ${valueText(body)}`)
    }
    this.#body = body as Readonly<Record<string, unknown>>
  }

  /** A field as it is; undefined where it is null or not there. */
  value(name: string): unknown {
    this.#read.add(name)
    return Object.hasOwn(this.#body, name) ? (this.#body[name] ?? undefined) : undefined
  }

  text(name: string): string | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'string') return value
    throw this.#wrong(name, value, 'a text')
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'boolean') return value
    throw this.#wrong(name, value, 'true or false')
  }

  number(name: string, { least = -Infinity, most = Infinity }: Range = {}): number | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    if (typeof value === 'number' && value >= least && value <= most) return value
    throw this.#wrong(name, value, `a number${rangeText(least, most)}`)
  }

  whole(name: string, { least = 0, most = Number.MAX_SAFE_INTEGER }: Range = {}): number | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    throw this.#wrong(name, value, `a whole number${rangeText(least, most)}`)
  }

  /** An object; an empty one where the field is not there. */
  object(name: string): Readonly<Record<string, unknown>> {
    const value = this.value(name) ?? {}
    if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
    throw this.#wrong(name, value, 'an object')
  }

  /** Fields that mean nothing here, whatever they say. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name)
  }

  /** A field that can only have this value here, or none. */
  only(name: string, allowed: unknown, why: string): void {
    const value = this.value(name)
    if (value === undefined || value === allowed) return
    throw badField(name, `${name} is not supported: ${why}`)
  }

  /** The fields that nobody has read. */
  rest(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this.#body).filter(([name]) => !this.#read.has(name)))
  }

  /** Throws ServeError 400 when a field is left that nobody has read. */
  end(): void {
    const [unknown] = Object.keys(this.rest())
    if (unknown === undefined) return
    const near = nearestName(unknown, this.#read)
    throw badField(unknown, `there is no field ${unknown}`, near ? `did you mean ${near}?` : undefined)
  }

  #wrong(name: string, value: unknown, wanted: string): ServeError {
    return badField(name, `${name} must be ${wanted}, got ${valueText(value)}`)
  }
}

function rangeText(least: number, most: number): string {
  if (least > -Infinity && most < Number.MAX_SAFE_INTEGER) return ` from ${least} to ${most}`
  return least > -Infinity ? ` from ${least} on` : ''
}
