// The JSON of a safetensors header as tensors and metadata: every field checked for its type, nothing yet against the data.
import { nearestName } from '../errors.ts'
import { bitsOf, type HeaderDType, isHeaderDType } from './headerDType.ts'
import { type Fault, faultIn, quoted } from './headerFault.ts'
import { JsonReader } from './json.ts'
import { byteLengthOf, mostDims } from './tensorSize.ts'

/** One tensor as the header describes it; `begin` and `end` count from the end of the header. */
export interface HeaderEntry {
  readonly dtype: HeaderDType
  readonly shape: readonly number[]
  /** Bytes by dtype and shape. */
  readonly byteLength: number
  readonly begin: number
  readonly end: number
}

export interface HeaderEntries {
  readonly tensors: ReadonlyMap<string, HeaderEntry>
  readonly metadata: ReadonlyMap<string, string>
}

/** Tensors, or pieces of metadata, that one file may name: some hundred times what the largest real ones do. */
export const mostEntries = 100_000

/** Fields and items in a header: more than so many tensors of so many dims have, extra fields and metadata included. */
const mostValues = 20 * mostEntries

/**
 * Reads the header `bytes`, valid UTF-8, of the file `file`. Throws FileError HEADER_JSON, DUPLICATE_KEY, BAD_METADATA,
 * MISSING_FIELD, BAD_DTYPE, BAD_SHAPE, BAD_OFFSETS, BAD_NUMBER, OVERFLOW, MISALIGNED or TOO_MANY_ENTRIES.
 */
export function readEntries(bytes: Uint8Array, file: string): HeaderEntries {
  const fault = faultIn(file)
  const problem = (message: string, at: number) =>
    fault('HEADER_JSON', `has a header that cannot be read as JSON: ${message}, at byte ${at} of the header`, {
      position: at,
    })
  const json = new JsonReader(bytes, problem, mostValues)
  const kind = json.kind()
  if (kind !== 'object') {
    throw fault('HEADER_JSON', `has a header that is not an object but: ${kind}`, { expected: 'object', got: kind })
  }
  const tensors = new Map<string, HeaderEntry>()
  let metadata: Map<string, string> | undefined
  for (const key of json.keys()) {
    if (key === '__metadata__') {
      if (metadata) throw duplicate(fault, key)
      metadata = readMetadata(json, fault)
    } else {
      if (tensors.has(key)) throw duplicate(fault, key)
      tensors.set(key, readEntry(json, faultIn(file, key)))
      if (tensors.size > mostEntries) throw tooMany(fault, 'tensors')
    }
  }
  json.end()
  return { tensors, metadata: metadata ?? new Map() }
}

function readMetadata(json: JsonReader, fault: Fault): Map<string, string> {
  const metadata = new Map<string, string>()
  const facts = { field: '__metadata__', expected: 'an object of strings, or null' }
  const kind = json.kind()
  if (kind === 'null') {
    json.skip()
    return metadata
  }
  if (kind !== 'object') throw fault('BAD_METADATA', `has a __metadata__ that is not an object but: ${kind}`, facts)
  for (const key of json.keys()) {
    if (metadata.has(key)) throw duplicate(fault, key)
    const found = json.kind()
    if (found !== 'string') {
      throw fault('BAD_METADATA', `has a __metadata__ entry ${quoted(key)} that is not a string but: ${found}`, facts)
    }
    metadata.set(key, json.string())
    if (metadata.size > mostEntries) throw tooMany(fault, 'entries of __metadata__')
  }
  return metadata
}

function readEntry(json: JsonReader, fault: Fault): HeaderEntry {
  const kind = json.kind()
  if (kind !== 'object') {
    throw fault('MISSING_FIELD', `is not an object with dtype, shape and data_offsets but: ${kind}`, { got: kind })
  }
  let dtype: HeaderDType | undefined
  let shape: readonly number[] | undefined
  let offsets: readonly [number, number] | undefined
  for (const field of json.keys()) {
    if (field === 'dtype') {
      if (dtype) throw duplicate(fault, field)
      dtype = readDType(json, fault)
    } else if (field === 'shape') {
      if (shape) throw duplicate(fault, field)
      shape = readShape(json, fault)
    } else if (field === 'data_offsets') {
      if (offsets) throw duplicate(fault, field)
      offsets = readOffsets(json, fault)
    } else {
      json.skip()
    }
  }
  if (!dtype || !shape || !offsets) {
    const field = !dtype ? 'dtype' : !shape ? 'shape' : 'data_offsets'
    throw fault('MISSING_FIELD', `has no ${field}`, { field })
  }
  const [begin, end] = offsets
  return { dtype, shape, byteLength: byteLengthOf(dtype, shape, fault), begin, end }
}

function readDType(json: JsonReader, fault: Fault): HeaderDType {
  const kind = json.kind()
  const name = kind === 'string' ? json.string() : undefined
  if (name !== undefined && isHeaderDType(name)) return name
  const nearest = name !== undefined && name.length < mostDTypeName ? nearestName(name, bitsOf.keys()) : undefined
  throw fault(
    'BAD_DTYPE',
    `has the dtype ${name === undefined ? kind : quoted(name)}, which safetensors does not have`,
    {
      hint: `${nearest ? `did you mean ${nearest}? ` : ''}known are ${[...bitsOf.keys()].join(', ')}`,
      field: 'dtype',
      expected: [...bitsOf.keys()],
      got: name ?? kind,
    },
  )
}

/** Names from here on are too long to be a slip, and comparing them would take long. */
const mostDTypeName = 20

function readShape(json: JsonReader, fault: Fault): number[] {
  const bad = (code: string, what: string) =>
    fault(code, `has ${what}`, { field: 'shape', expected: `at most ${mostDims} whole numbers from 0 on`, got: what })
  const kind = json.kind()
  if (kind !== 'array') throw bad('BAD_SHAPE', `a shape that is not an array but: ${kind}`)
  const shape: number[] = []
  for (const index of json.items()) {
    if (index >= mostDims) throw bad('BAD_SHAPE', `more than ${mostDims} dims`)
    const found = json.kind()
    if (found !== 'number') throw bad('BAD_SHAPE', `a dim that is not a number but: ${found}`)
    const { natural, value, text } = json.number()
    if (!natural) throw bad('BAD_SHAPE', `the dim ${shown(text)}`)
    if (!Number.isSafeInteger(value)) throw bad('OVERFLOW', `the dim ${shown(text)}, above 2^53 - 1`)
    shape.push(value)
  }
  return shape
}

function readOffsets(json: JsonReader, fault: Fault): [number, number] {
  const bad = (code: string, what: string) =>
    fault(code, `has ${what}`, { field: 'data_offsets', expected: 'two whole numbers, begin <= end', got: what })
  const kind = json.kind()
  if (kind !== 'array') throw bad('BAD_OFFSETS', `data_offsets that are not an array but: ${kind}`)
  const offsets: number[] = []
  for (const index of json.items()) {
    if (index >= 2) throw bad('BAD_OFFSETS', 'more than two data_offsets')
    const found = json.kind()
    if (found !== 'number') throw bad('BAD_NUMBER', `a data offset that is not a number but: ${found}`)
    const { natural, value, text } = json.number()
    if (/^-[1-9]\d*$/.test(text)) throw bad('BAD_OFFSETS', `the negative data offset ${shown(text)}`)
    if (!natural || !Number.isSafeInteger(value)) {
      throw bad('BAD_NUMBER', `the data offset ${shown(text)}, not a whole number up to 2^53 - 1`)
    }
    offsets.push(value)
  }
  const [begin, end] = offsets
  if (begin === undefined || end === undefined) throw bad('BAD_OFFSETS', `${offsets.length} data_offsets`)
  if (begin > end) throw bad('BAD_OFFSETS', `data_offsets that begin at ${begin}, behind their end ${end}`)
  return [begin, end]
}

function duplicate(fault: Fault, key: string) {
  return fault('DUPLICATE_KEY', `has ${quoted(key)} twice in its header`, { field: key })
}

function tooMany(fault: Fault, what: string) {
  return fault('TOO_MANY_ENTRIES', `names more than ${mostEntries} ${what}`, { expected: `at most ${mostEntries}` })
}

function shown(text: string): string {
  return text.length > 30 ? `${text.slice(0, 30)}...` : text
}
