// The index of weights that lie in several files: which tensor is in which, every field checked, nothing opened.
import { FileError } from '../errors.ts'
import { openBytes } from './fileBytes.ts'
import { mostEntries } from './headerEntries.ts'
import { type Fault, quoted } from './headerFault.ts'
import { JsonReader } from './json.ts'

export interface ShardIndex {
  /** The file of each tensor, by the tensor's name. */
  readonly shardOf: ReadonlyMap<string, string>
  /** Bytes of all tensors, when the index says how many. */
  readonly totalSize: number | undefined
}

/** The largest index, and the most files it may name: some ten times what the largest models have. */
const mostIndexBytes = 16 * 2 ** 20
export const mostShards = 1000

/** Faults of the index `path`. */
export function indexFault(path: string): Fault {
  return (code, message, facts) =>
    new FileError(code, `${path} ${message}`, {
      hint: 'fetch it again, or save the model again with save_pretrained',
      file: path,
      ...facts,
    })
}

/** Reads an index on disk. Throws FileError as `parseIndex`, TOO_LARGE, and for files that cannot be read. */
export function readIndex(path: string): ShardIndex {
  const source = openBytes(path)
  try {
    if (source.size > mostIndexBytes) {
      throw indexFault(path)('TOO_LARGE', `has ${source.size} bytes; the most is ${mostIndexBytes}`, {
        got: source.size,
      })
    }
    const bytes = new Uint8Array(source.size)
    source.read(bytes, 0)
    return parseIndex(bytes, path)
  } finally {
    source.close()
  }
}

/**
 * Reads an index. Throws FileError INDEX_JSON (no JSON, or not of the form), DUPLICATE_KEY, UNSAFE_NAME (a file that would lie
 * elsewhere) or TOO_MANY_ENTRIES.
 */
export function parseIndex(bytes: Uint8Array, path: string): ShardIndex {
  const fault = indexFault(path)
  checkUtf8(bytes, fault)
  const problem = (message: string, at: number) =>
    fault('INDEX_JSON', `cannot be read as JSON: ${message}, at byte ${at}`, { position: at })
  const json = new JsonReader(bytes, problem, 20 * mostEntries)
  if (json.kind() !== 'object') throw fault('INDEX_JSON', `is not an object but: ${json.kind()}`)
  let shardOf: Map<string, string> | undefined
  let totalSize: number | undefined
  const seen = new Set<string>()
  for (const key of json.keys()) {
    if (seen.has(key)) throw fault('DUPLICATE_KEY', `has ${quoted(key)} twice`, { field: key })
    seen.add(key)
    if (key === 'weight_map') shardOf = readMap(json, fault)
    else if (key === 'metadata') totalSize = readTotal(json, fault)
    else json.skip()
  }
  json.end()
  if (!shardOf) throw fault('INDEX_JSON', 'has no weight_map, which says where each tensor is', { field: 'weight_map' })
  return { shardOf, totalSize }
}

function checkUtf8(bytes: Uint8Array, fault: Fault): void {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw fault('INDEX_JSON', 'is not UTF-8', { cause })
  }
}

function readMap(json: JsonReader, fault: Fault): Map<string, string> {
  const kind = json.kind()
  if (kind !== 'object')
    throw fault('INDEX_JSON', `has a weight_map that is not an object but: ${kind}`, { field: 'weight_map' })
  const shardOf = new Map<string, string>()
  const shards = new Set<string>()
  for (const name of json.keys()) {
    if (shardOf.has(name)) throw fault('DUPLICATE_KEY', `has ${quoted(name)} twice in its weight_map`, { tensor: name })
    const found = json.kind()
    if (found !== 'string') {
      throw fault('INDEX_JSON', `has for ${quoted(name)} no name of a file but: ${found}`, { tensor: name })
    }
    const shard = json.string()
    if (!isFileName(shard)) {
      throw fault('UNSAFE_NAME', `has for ${quoted(name)} the file ${quoted(shard)}; shards lie beside their index`, {
        tensor: name,
        got: shard,
      })
    }
    shardOf.set(name, shard)
    if (shards.add(shard).size > mostShards) {
      throw fault('TOO_MANY_ENTRIES', `names more than ${mostShards} files`, { expected: `at most ${mostShards}` })
    }
    if (shardOf.size > mostEntries) {
      throw fault('TOO_MANY_ENTRIES', `names more than ${mostEntries} tensors`, { expected: `at most ${mostEntries}` })
    }
  }
  return shardOf
}

/** The name of a file in the same folder, under the rules of every system. */
function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[\\/:\p{Cc}]/u.test(name)
}

function readTotal(json: JsonReader, fault: Fault): number | undefined {
  if (json.kind() !== 'object') {
    json.skip()
    return undefined
  }
  let total: number | undefined
  for (const key of json.keys()) {
    if (key !== 'total_size') json.skip()
    else if (json.kind() === 'number') total = json.number().value
    else throw fault('INDEX_JSON', `has a total_size that is not a number but: ${json.kind()}`, { field: 'total_size' })
  }
  return total
}
