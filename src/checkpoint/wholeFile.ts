// Writing files so that they are there whole or not at all: beside their places first, then renamed into them.
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { FileError } from '../errors.ts'

/** The most that is asked of one write call: the systems refuse 2 GiB and more. */
const mostPerWrite = 2 ** 30

export interface WriteOptions {
  /** Waits until the disk holds the bytes, so that they outlast a power cut. Default false. */
  readonly fsync?: boolean
}

/** A file and its bytes, piece by piece; a piece is not used after the next one is asked for. */
export interface WholeFile {
  readonly file: string
  readonly pieces: Iterable<Uint8Array>
}

/**
 * Writes `pieces`, one after the other, as the file `file`, in place of what was there. When it fails, what was there stays
 * and nothing is left behind. Throws FileError DISK_FULL or FILE_UNWRITABLE.
 */
export function writeWhole(file: string, pieces: Iterable<Uint8Array>, options: WriteOptions = {}): void {
  writeTogether([{ file, pieces }], options)
}

/** The same for several files: none takes its place before all are written. They are put there in their order. */
export function writeTogether(files: readonly WholeFile[], { fsync = false }: WriteOptions = {}): void {
  const staged: { file: string; temporary: string }[] = []
  let current = ''
  try {
    for (const { file, pieces } of files) {
      current = file
      const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.tmp`)
      staged.push({ file, temporary })
      writePieces(temporary, pieces, fsync)
    }
    for (const { file, temporary } of staged) {
      current = file
      fs.renameSync(temporary, file)
    }
  } catch (error) {
    for (const { temporary } of staged) fs.rmSync(temporary, { force: true })
    throw unwritable(current, error)
  }
}

function writePieces(file: string, pieces: Iterable<Uint8Array>, fsync: boolean): void {
  const fd = fs.openSync(file, 'wx')
  try {
    for (const piece of pieces) writeFully(fd, piece)
    if (fsync) fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function writeFully(fd: number, piece: Uint8Array): void {
  for (let done = 0; done < piece.length; ) {
    done += fs.writeSync(fd, piece, done, Math.min(piece.length - done, mostPerWrite))
  }
}

function unwritable(file: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause && 'syscall' in cause)) return cause
  const reason = String(cause.code)
  if (reason === 'ENOSPC' || reason === 'EDQUOT') {
    return new FileError('DISK_FULL', `${file} cannot be written: the disk is full`, {
      hint: 'free some space; the file that was there before is untouched',
      file,
      cause,
    })
  }
  const hints = new Map([
    ['ENOENT', 'its folder does not exist'],
    ['ENOTDIR', 'its folder is a file'],
    ['EACCES', 'you lack the permission to write there'],
    ['EPERM', 'you lack the permission to write there'],
    ['EROFS', 'the disk is read-only'],
    ['EISDIR', 'there is a folder of this name'],
  ])
  return new FileError('FILE_UNWRITABLE', `${file} cannot be written: ${reason}`, {
    hint: hints.get(reason) ?? 'choose another place',
    file,
    reason,
    cause,
  })
}
