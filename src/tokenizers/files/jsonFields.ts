// Typed access to one JSON object of a file, with errors that say where they are.
import type { VitrineError } from '../../errors.ts'
import { type Json, JsonMap, shown } from './jsonMap.ts'

/** Makes an error of a message. */
export type Problem = (message: string) => VitrineError

export class JsonFields {
  readonly #map: JsonMap
  readonly #path: string
  readonly #problem: Problem

  /** `path` is where the value stands in the file, such as model.vocab. Throws the problem when it is no object. */
  constructor(value: Json | undefined, path: string, problem: Problem) {
    if (!(value instanceof JsonMap)) throw problem(`${path} must be an object, got ${shown(value)}`)
    this.#map = value
    this.#path = path
    this.#problem = problem
  }

  /** The value as it is; null counts as missing. */
  get(name: string): Json | undefined {
    return this.#map.get(name) ?? undefined
  }

  keys(): string[] {
    return [...this.#map.keys()]
  }

  text(name: string): string
  text<T extends string | undefined>(name: string, otherwise: T): string | T
  text(name: string, ...otherwise: (string | undefined)[]): string | undefined {
    return this.#typed(name, 'a string', (value): value is string => typeof value === 'string', otherwise)
  }

  flag<T extends boolean | undefined>(name: string, otherwise: T): boolean | T {
    const isFlag = (value: Json): value is boolean => typeof value === 'boolean'
    return this.#typed(name, 'true or false', isFlag, [otherwise]) as boolean | T
  }

  /** A whole number from 0 on. */
  count(name: string, ...otherwise: [otherwise?: number]): number {
    const isCount = (value: Json): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0
    return this.#typed(name, 'a whole number from 0 on', isCount, otherwise) ?? 0
  }

  list(name: string, ...otherwise: [otherwise?: readonly Json[]]): readonly Json[] {
    const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
    return this.#typed(name, 'a list', isList, otherwise) ?? []
  }

  object(name: string): JsonFields {
    return new JsonFields(this.get(name), this.path(name), this.#problem)
  }

  /** The objects of a list. */
  objects(name: string, ...otherwise: [otherwise?: readonly Json[]]): JsonFields[] {
    const list = this.list(name, ...otherwise)
    return list.map((item, i) => new JsonFields(item, `${this.path(name)}[${i}]`, this.#problem))
  }

  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  /** The error for a field that cannot be as it is. */
  problem(name: string, wanted: string): VitrineError {
    return this.#problem(`${this.path(name)} must be ${wanted}, got ${shown(this.get(name))}`)
  }

  #typed<T extends Json>(
    name: string,
    wanted: string,
    fits: (value: Json) => value is T,
    otherwise: readonly (T | undefined)[],
  ): T | undefined {
    const value = this.get(name)
    if (value === undefined && otherwise.length > 0) return otherwise[0]
    if (value === undefined || !fits(value)) throw this.problem(name, wanted)
    return value
  }
}
