// One model in the cache, laid out as huggingface_hub lays it out: blobs by hash, snapshots of commits that point to them, refs.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { copyFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { HubError } from '../errors.ts'
import { cacheFolderName, isCommit } from './names.ts'
import { temporaryPath } from './temporary.ts'

/** What is asked for by name is safe; see names.ts. */
export class RepositoryCache {
  readonly folder: string

  constructor(cacheDir: string, repository: string) {
    this.folder = join(cacheDir, cacheFolderName(repository))
  }

  get blobs(): string {
    return join(this.folder, 'blobs')
  }

  blob(hash: string): string {
    return join(this.blobs, hash)
  }

  snapshot(commit: string): string {
    return join(this.folder, 'snapshots', commit)
  }

  /** The commit that a revision meant when it was last looked up; undefined when that is not known, or its file is broken. */
  commitOf(revision: string): string | undefined {
    if (isCommit(revision)) return revision
    try {
      const text = readFileSync(join(this.folder, 'refs', revision), 'utf8').trim()
      return isCommit(text) ? text : undefined
    } catch {
      return undefined
    }
  }

  /** Bytes of a file of a snapshot; undefined when it is not there. Throws HubError UNSAFE_POINTER. */
  sizeOf(commit: string, file: string): number | undefined {
    const path = join(this.snapshot(commit), file)
    const stats = statsOf(path)
    if (!stats?.isFile()) return undefined
    checkInside(path, this.folder)
    return stats.size
  }

  /** Whether the cache remembers that the commit has no such file. */
  isAbsent(commit: string, file: string): boolean {
    return existsSync(this.#absence(commit, file))
  }

  /** Remembers that the commit has no such file, as far as the cache can be written. */
  async markAbsent(commit: string, file: string): Promise<void> {
    const path = this.#absence(commit, file)
    if (existsSync(path)) return
    await this.#note(path, '')
  }

  #absence(commit: string, file: string): string {
    return join(this.folder, '.no_exist', commit, file)
  }

  /** Remembers which commit a revision means, as far as the cache can be written. */
  async setCommit(revision: string, commit: string): Promise<void> {
    if (revision === commit || this.commitOf(revision) === commit) return
    await this.#note(join(this.folder, 'refs', revision), commit)
  }

  /** Nobody sees half of it. */
  async #note(path: string, text: string): Promise<void> {
    try {
      mkdirSync(dirname(path), { recursive: true })
      mkdirSync(this.blobs, { recursive: true })
      const temporary = temporaryPath(this.blobs, 'note')
      await writeFile(temporary, text)
      await rename(temporary, path)
    } catch (error) {
      // A branch may be called as a folder of branches was called before.
      if (!isUnwritable(error) && !['EEXIST', 'EISDIR', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error
    }
  }

  /**
   * Puts a blob into a snapshot under its name: a relative symbolic link, or where there are none the file itself, moved when it
   * `isNew` and copied otherwise. Throws HubError CACHE_UNWRITABLE.
   */
  async link(commit: string, file: string, hash: string, isNew: boolean): Promise<void> {
    const pointer = join(this.snapshot(commit), file)
    const blob = this.blob(hash)
    const target = relative(dirname(pointer), blob)
    if (linkOf(pointer) === target) return
    const temporary = temporaryPath(this.blobs, hash)
    try {
      mkdirSync(dirname(pointer), { recursive: true })
      try {
        await symlink(target, temporary)
      } catch (error) {
        if (isUnwritable(error) && codeOf(error) !== 'EPERM') throw error
        if (isNew) return await moved(blob, pointer)
        await copyFile(blob, temporary)
      }
      await rename(temporary, pointer)
    } catch (error) {
      await rm(temporary, { force: true })
      throw unwritable(this.folder, error)
    }
  }
}

/** Another process may have moved the same file. */
async function moved(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}

function linkOf(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined
}

/** Throws HubError UNSAFE_POINTER when `path` leads out of `folder`. */
export function checkInside(path: string, folder: string): void {
  const [real, root] = [realpathSync(path), realpathSync(folder)]
  if (real.startsWith(root + sep)) return
  throw new HubError('UNSAFE_POINTER', `${path} leads out of the cache, to ${real}`, {
    hint: 'remove the model with "vitrine cache rm", and fetch it again',
    path,
  })
}

/** Of what lies at a path; undefined when nothing does. Throws HubError CACHE_UNWRITABLE for a place that may not be looked at. */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR' || codeOf(error) === 'ELOOP') return undefined
    throw unwritable(path, error)
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Whether an error says that a place may not be written to. */
export function isUnwritable(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')
}

/** The HubError for what the file system refuses: DISK_FULL or CACHE_UNWRITABLE; other errors as they are. */
export function unwritable(path: string, error: unknown): unknown {
  if (['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '')) {
    return new HubError('DISK_FULL', `there is no room left for ${path}`, {
      hint: `make room, or name another place with cache_dir, HF_HUB_CACHE or HF_HOME`,
      path,
      cause: error,
    })
  }
  if (!isUnwritable(error) && !['ENOTDIR', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) return error
  return new HubError('CACHE_UNWRITABLE', `${path} cannot be used (${codeOf(error)})`, {
    hint: `name another place with cache_dir, HF_HUB_CACHE or HF_HOME`,
    path,
    cause: error,
  })
}
