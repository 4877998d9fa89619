// A file on disk as a ByteSource: opened once, read piece by piece into memory of the caller's, every fault a FileError.
import fs from 'node:fs'
import { FileError } from '../errors.ts'
import { type ByteSource, truncated } from './byteSource.ts'

/** The most that is asked of one read call: the systems refuse 2 GiB and more. */
const mostPerRead = 2 ** 30

/**
 * Opens a file for reading. Throws FileError FILE_MISSING, NOT_A_FILE (a folder, a pipe, a device) or FILE_UNREADABLE; the
 * `read` it offers throws TRUNCATED when the file has become shorter, and FILE_CLOSED after `close`.
 */
export function openBytes(path: string): ByteSource {
  let fd = open(path)
  const { size } = fs.fstatSync(fd)
  return {
    name: path,
    size,
    read(target, position) {
      if (fd < 0) throw new FileError('FILE_CLOSED', `${path} was read after it had been closed`, { file: path })
      readFully(fd, path, target, position)
    },
    close() {
      if (fd >= 0) fs.closeSync(fd)
      fd = -1
    },
  }
}

/** Looks before it opens: opening a pipe would wait for ever. */
function open(path: string): number {
  try {
    if (fs.statSync(path).isFile()) return fs.openSync(path, 'r')
  } catch (error) {
    throw unreadable(path, error)
  }
  throw new FileError('NOT_A_FILE', `${path} is not a file`, {
    hint: 'give the path of the file itself, not of a folder',
    file: path,
  })
}

function readFully(fd: number, path: string, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length; ) {
    const count = readSome(fd, path, target, done, position + done)
    if (count === 0) throw truncated(path, position + target.length, position + done)
    done += count
  }
}

function readSome(fd: number, path: string, target: Uint8Array, start: number, position: number): number {
  try {
    return fs.readSync(fd, target, start, Math.min(target.length - start, mostPerRead), position)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, cause: unknown): FileError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  if (reason === 'ENOENT' || reason === 'ENOTDIR') {
    return new FileError('FILE_MISSING', `${path} does not exist`, {
      hint: 'check the spelling and the folder the path starts from',
      file: path,
      cause,
    })
  }
  const hint = reason === 'EACCES' || reason === 'EPERM' ? 'you lack the permission to read it' : undefined
  return new FileError('FILE_UNREADABLE', `${path} cannot be read: ${reason}`, {
    ...(hint ? { hint } : {}),
    file: path,
    reason,
    cause,
  })
}
