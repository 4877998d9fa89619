// Weights in several files beside an index: opened together, compared with the index, and read as if they were one file.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TensorSource } from '../dtype.ts'
import { quoted } from './headerFault.ts'
import { missingTensor } from './missingTensor.ts'
import { indexFault, readIndex, type ShardIndex } from './shardIndex.ts'
import type { WeightInfo, Weights } from './weights.ts'

/** At most so many names in a message; the fields of the error have them all. */
const mostNames = 4

/** All tensors of an index. Its sources read until `close`. */
export class ShardedWeights implements Weights {
  readonly name: string
  readonly tensors: ReadonlyMap<string, WeightInfo>
  readonly metadata: ReadonlyMap<string, string>
  readonly aliases: ReadonlyMap<string, string>
  readonly #files: readonly Weights[]
  readonly #fileOf: ReadonlyMap<string, Weights>

  /**
   * Reads the index at `path` and opens its files with `open`. Throws FileError as `readIndex` and `open` do, and
   * SHARD_MISSING, SHARD_TENSOR_MISSING (listed, but not in its file), SHARD_TENSOR_TWICE, SHARD_TENSOR_UNLISTED or
   * INDEX_TOTAL_SIZE; then no file stays open.
   */
  constructor(path: string, open: (path: string) => Weights) {
    const index = readIndex(path)
    const files = openShards(path, index, open)
    try {
      this.#fileOf = compare(path, index, files)
      this.tensors = new Map([...files.values()].flatMap(file => [...file.tensors]))
      this.metadata = new Map([...files.values()].flatMap(file => [...file.metadata]))
      this.aliases = new Map([...files.values()].flatMap(file => [...file.aliases]))
      checkTotal(path, index, this)
    } catch (error) {
      for (const file of files.values()) file.close()
      throw error
    }
    this.name = path
    this.#files = [...files.values()]
  }

  fileOf(name: string): string {
    return this.#holder(name).fileOf(name)
  }

  source(name: string): TensorSource {
    return this.#holder(name).source(name)
  }

  verify(): void {
    for (const file of this.#files) file.verify()
  }

  close(): void {
    for (const file of this.#files) file.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #holder(name: string): Weights {
    const file = this.#fileOf.get(name)
    if (file) return file
    throw missingTensor(this.name, name, this.tensors.keys())
  }
}

function openShards(path: string, { shardOf }: ShardIndex, open: (path: string) => Weights): Map<string, Weights> {
  const names = [...new Set(shardOf.values())].sort()
  const missing = names.filter(name => !existsSync(join(dirname(path), name)))
  if (missing.length > 0) {
    throw indexFault(path)('SHARD_MISSING', `names files that are not there: ${listed(missing)}`, {
      hint: 'fetch them into the same folder',
      missing,
    })
  }
  const files = new Map<string, Weights>()
  try {
    for (const name of names) files.set(name, open(join(dirname(path), name)))
  } catch (error) {
    for (const file of files.values()) file.close()
    throw error
  }
  return files
}

/** The file that holds each tensor, once index and files agree. */
function compare(path: string, { shardOf }: ShardIndex, files: ReadonlyMap<string, Weights>): Map<string, Weights> {
  const fault = indexFault(path)
  const absent = [...shardOf].filter(([name, shard]) => !files.get(shard)!.tensors.has(name)).map(([name]) => name)
  if (absent.length > 0) {
    const [name] = absent
    const message = `places ${listed(absent)} in ${absent.length === 1 ? quoted(shardOf.get(name!)!) : 'files'} without ${absent.length === 1 ? 'it' : 'them'}`
    throw fault('SHARD_TENSOR_MISSING', message, { tensors: absent })
  }
  const holders = new Map<string, Weights>()
  const unlisted: string[] = []
  for (const [shard, file] of files) {
    for (const name of file.tensors.keys()) {
      if (holders.has(name)) {
        const first = shardOf.get(name)
        throw fault(
          'SHARD_TENSOR_TWICE',
          `belongs to files that have ${quoted(name)} twice: ${quoted(shard)} has one too many`,
          {
            hint: `only the one in ${first === undefined ? 'its file' : quoted(first)} may be there; files of two models in one folder?`,
            tensor: name,
          },
        )
      }
      holders.set(name, file)
      if (!shardOf.has(name)) unlisted.push(name)
    }
  }
  if (unlisted.length === 0) return holders
  throw fault('SHARD_TENSOR_UNLISTED', `does not list ${listed(unlisted)}, which its files have`, { tensors: unlisted })
}

/**
 * The sum must be that of the tensors, with tied ones once or as often as they have names; truth values may count an eighth of a
 * byte, as transformers before 4.31 counted them.
 */
function checkTotal(path: string, { totalSize }: ShardIndex, { tensors, aliases }: ShardedWeights): void {
  if (totalSize === undefined) return
  const total = (bool: number, ties: boolean) =>
    [...tensors]
      .filter(([name]) => ties || !aliases.has(name))
      .reduce((sum, [, { dtype, byteLength }]) => sum + byteLength * (dtype === 'BOOL' ? bool : 1), 0)
  const sums = [1, 1 / 8].flatMap(bool => [total(bool, false), total(bool, true)])
  if (sums.some(sum => Math.floor(sum) === Math.floor(totalSize))) return
  throw indexFault(path)('INDEX_TOTAL_SIZE', `says that its tensors have ${totalSize} bytes; they have ${sums[0]}`, {
    hint: 'are all its files of one model? If they are, take total_size out of the index',
    expected: totalSize,
    got: sums[0],
  })
}

function listed(names: readonly string[]): string {
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  return names.slice(0, mostNames).map(quoted).join(', ') + more
}
