// A JSON text as plain values: read by the letter of the standard, with line and column in what goes wrong.
import { JsonReader } from './json.ts'

/** Fields and items that one text may have. */
const mostValues = 1_000_000

/** Where a text goes wrong, for a message: lines and columns count from 1. */
export interface JsonFault {
  readonly message: string
  readonly line: number
  readonly column: number
}

/**
 * The value of a text in UTF-8. `fault` makes the error that is thrown when it is none; `repeated` is told of each
 * field that stands twice, of which the last one counts. A field called __proto__ is one like any other.
 */
export function parseJson(
  bytes: Uint8Array,
  fault: (fault: JsonFault) => Error,
  repeated: (key: string) => void,
): unknown {
  const text = decoded(bytes)
  if (text === undefined) throw fault({ message: 'the text is not UTF-8', line: 1, column: 1 })
  const reader = new JsonReader(bytes, (message, at) => fault({ message, ...placeOf(bytes, at) }), mostValues)
  const value = readValue(reader, repeated)
  reader.end()
  return value
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function placeOf(bytes: Uint8Array, at: number): { line: number; column: number } {
  const before = new TextDecoder().decode(bytes.subarray(0, at)).split('\n')
  return { line: before.length, column: [...before.at(-1)!].length + 1 }
}

function readValue(reader: JsonReader, repeated: (key: string) => void): unknown {
  switch (reader.kind()) {
    case 'object': {
      const fields = new Map<string, unknown>()
      for (const key of reader.keys()) {
        if (fields.has(key)) repeated(key)
        fields.set(key, readValue(reader, repeated))
      }
      return Object.fromEntries(fields)
    }
    case 'array':
      return Array.from(reader.items(), () => readValue(reader, repeated))
    case 'string':
      return reader.string()
    case 'number':
      return reader.number().value
    default:
      return reader.word()
  }
}
