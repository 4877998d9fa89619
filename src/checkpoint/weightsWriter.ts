// Writing weights to a folder as Hugging Face does: model.safetensors, or several files and their index; no tensor is copied twice.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { bytesOf, type FileDType, type TensorSource } from '../dtype.ts'
import { FileError } from '../errors.ts'
import { pythonJson } from '../pythonText.ts'
import { layOut, type Metadata } from './safetensorsLayout.ts'
import { shardsOf } from './shardPlan.ts'
import { type WholeFile, writeTogether } from './wholeFile.ts'

/** A tensor that is opened when its turn has come, and let go after it. */
export interface WritableTensor {
  readonly dtype: FileDType
  readonly shape: readonly number[]
  open(): TensorSource
}

export interface WriteWeightsOptions {
  /** The most bytes of tensors in one file; a larger tensor has one of its own. Default: all in one. */
  readonly max_shard_size?: number
  /** Part of the files' names: 'fp16' writes model.fp16.safetensors. */
  readonly variant?: string | undefined
  /** { format: 'pt' } unless given, as Hugging Face wants it. */
  readonly metadata?: Metadata
  /** false: throws FileError FILE_EXISTS when the folder has such files. Default true: they are replaced. */
  readonly overwrite?: boolean
  /** Told after each piece how many bytes of tensors are written, and how many there are. */
  readonly onProgress?: (written: number, total: number) => void
}

/** Bytes that are read and written at a time. */
const pieceLength = 8 * 2 ** 20

/**
 * Writes the tensors, each name once, and returns the paths of the files, the index last. All files are put in place together at the
 * end; files of an earlier save that would contradict them are removed. Throws FileError FILE_EXISTS, DISK_FULL, FILE_UNWRITABLE, and
 * as `layOut`.
 */
export function writeWeights(
  folder: string,
  tensors: ReadonlyMap<string, WritableTensor>,
  options: WriteWeightsOptions = {},
): string[] {
  const { max_shard_size = Infinity, metadata = { format: 'pt' }, onProgress, variant } = options
  const names = fileNames(variant)
  if (options.overwrite === false) checkAbsent(folder, names)
  const sizes = new Map(Array.from(tensors, ([name, tensor]) => [name, byteLength(tensor)]))
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  const shards = shardsOf(sizes, max_shard_size)
  const progress = counter(total, onProgress)
  const groups = shards.length <= 1 ? [[...tensors.keys()]] : shards
  const files = groups.map((group, i): WholeFile => {
    const file = join(folder, groups.length === 1 ? names.single : names.shard(i + 1, groups.length))
    const part = group.map(name => [name, tensors.get(name)!] as const)
    const { head, ordered } = layOut(part, metadata, file)
    return { file, pieces: piecesOf(head, ordered, progress) }
  })
  if (groups.length > 1) {
    const shardOf = Object.fromEntries(
      groups.flatMap((group, i) => group.map(name => [name, basename(files[i]!.file)])),
    )
    const total_parameters = [...tensors.values()].reduce((sum, { shape }) => sum + elements(shape), 0)
    const text = `${pythonJson({ metadata: { total_parameters, total_size: total }, weight_map: shardOf })}\n`
    files.push({ file: join(folder, names.index), pieces: [new TextEncoder().encode(text)] })
  }
  mkdirSync(folder, { recursive: true })
  writeTogether(files)
  const paths = files.map(({ file }) => file)
  for (const stale of found(folder, names)) if (!paths.includes(stale)) rmSync(stale, { force: true })
  return paths
}

interface FileNames {
  readonly single: string
  readonly index: string
  readonly shards: RegExp
  shard(number: number, count: number): string
}

/** Hugging Face's names of files of one variant. */
function fileNames(variant: string | undefined): FileNames {
  const stem = variant === undefined ? 'model' : `model.${variant}`
  const padded = (number: number): string => String(number).padStart(5, '0')
  return {
    single: `${stem}.safetensors`,
    index: `model.safetensors.index${variant === undefined ? '' : `.${variant}`}.json`,
    shards: new RegExp(`^${stem.replaceAll('.', '\\.')}-\\d{5}-of-\\d{5}\\.safetensors$`),
    shard: (number, count) => `${stem}-${padded(number)}-of-${padded(count)}.safetensors`,
  }
}

/** The paths of files with such names that are there. */
function found(folder: string, { single, index, shards }: FileNames): string[] {
  if (!existsSync(folder)) return []
  const isOurs = (name: string): boolean => name === single || name === index || shards.test(name)
  return readdirSync(folder)
    .filter(isOurs)
    .map(name => join(folder, name))
}

function checkAbsent(folder: string, names: FileNames): void {
  const [present] = found(folder, names)
  if (present === undefined) return
  throw new FileError('FILE_EXISTS', `${present} is already there`, {
    hint: 'nothing was written; to replace it give overwrite: true, or --force on the command line',
    file: present,
  })
}

function* piecesOf(
  head: Uint8Array,
  ordered: readonly (readonly [name: string, tensor: WritableTensor])[],
  progress: (bytes: number) => void,
): Generator<Uint8Array> {
  yield head
  for (const [, tensor] of ordered) {
    const source = tensor.open()
    const size = byteLength(tensor)
    const piece = new Uint8Array(Math.min(size, pieceLength))
    for (let done = 0; done < size; done += piece.length) {
      const part = piece.subarray(0, Math.min(piece.length, size - done))
      source.read(part, done)
      yield part
      progress(part.length)
    }
  }
}

function counter(total: number, onProgress: WriteWeightsOptions['onProgress']): (bytes: number) => void {
  let written = 0
  return bytes => {
    written += bytes
    onProgress?.(written, total)
  }
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1)
}

function byteLength({ dtype, shape }: WritableTensor): number {
  return elements(shape) * bytesOf[dtype]
}
