// JSON as values whose objects are maps, so that a key such as __proto__ is a key like any other; and back to text.
import { JsonReader } from '../../checkpoint/json.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonMap

/** An object of JSON, its keys in the order of the text. */
export class JsonMap extends Map<string, Json> {}

/** The most values that one text may hold. */
const mostValues = 2 ** 23

/** Parses a text strictly; a key that an object has twice is refused too. Throws the error that `problem` makes of a message. */
export function parseJson(text: string, problem: (message: string) => Error): Json {
  const fail = (message: string, at: number): Error => problem(`byte ${at}: ${message}`)
  const reader = new JsonReader(new TextEncoder().encode(text), fail, mostValues)
  const value = jsonValue(reader, problem)
  reader.end()
  return value
}

function jsonValue(reader: JsonReader, problem: (message: string) => Error): Json {
  switch (reader.kind()) {
    case 'object': {
      const map = new JsonMap()
      for (const key of reader.keys()) {
        if (map.has(key)) throw problem(`the key ${JSON.stringify(key)} comes twice in one object`)
        map.set(key, jsonValue(reader, problem))
      }
      return map
    }
    case 'array':
      return Array.from(reader.items(), () => jsonValue(reader, problem))
    case 'string':
      return reader.string()
    case 'number':
      return reader.number().value
    default:
      return reader.word()
  }
}

/** A value for an error message, cut where it is long. */
export function shown(value: Json | undefined): string {
  const text = value instanceof JsonMap ? `an object of ${value.size} fields` : (JSON.stringify(value) ?? 'nothing')
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** What Python writes for a limit that is none. */
const noLimit = '1000000000000000019884624838656'

/** A value as text in lines, indented by two blanks; Infinity is written as the number that transformers takes for no limit. */
export function jsonText(value: unknown, indent = ''): string {
  const inner = `${indent}  `
  const block = (open: string, items: readonly string[], close: string): string =>
    items.length === 0 ? open + close : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`
  if (Array.isArray(value))
    return block(
      '[',
      value.map(item => jsonText(item, inner)),
      ']',
    )
  if (typeof value === 'object' && value !== null) {
    const entries = value instanceof Map ? [...value] : Object.entries(value)
    const fields = entries.map(([key, field]) => `${JSON.stringify(String(key))}: ${jsonText(field, inner)}`)
    return block('{', fields, '}')
  }
  return value === Infinity ? noLimit : JSON.stringify(value ?? null)
}
