// What lies in the cache: its models with their revisions and sizes. Opens no connection and changes nothing.
import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { cacheFolderName, isCommit, repositoryOf } from './names.ts'

export interface CachedRevision {
  readonly commit: string
  /** Branches and tags that meant this commit when they were last looked up. */
  readonly refs: readonly string[]
  readonly path: string
  readonly files: readonly CachedFile[]
  readonly bytes: number
}

export interface CachedFile {
  /** Its path in the model, with `/`. */
  readonly file: string
  /** undefined for a link that leads nowhere. */
  readonly bytes: number | undefined
}

export interface CachedModel {
  readonly name: string
  readonly path: string
  readonly revisions: readonly CachedRevision[]
  /** Bytes on the disk: what revisions share counts once, unfinished files too. */
  readonly bytes: number
  /** When a file last came, as an ISO date; null when none is there. */
  readonly lastModified: string | null
}

/** The models of a cache, by name. A cache that is not there has none. */
export function scanCache(cacheDir: string): CachedModel[] {
  const names = entriesOf(cacheDir).flatMap(({ name }) => repositoryOf(name) ?? [])
  return names.sort().map(name => scanModel(cacheDir, name))
}

/** One model, whether it is there or not. */
export function scanModel(cacheDir: string, name: string): CachedModel {
  const path = join(cacheDir, cacheFolderName(name))
  const refs = filesUnder(join(path, 'refs')).map(ref => ({
    name: ref.path,
    commit: readFileSync(join(path, 'refs', ref.path), 'utf8').trim(),
  }))
  const revisions = entriesOf(join(path, 'snapshots'))
    .filter(entry => entry.isDirectory() && isCommit(entry.name))
    .map(({ name: commit }): CachedRevision => {
      const snapshot = join(path, 'snapshots', commit)
      const files = filesUnder(snapshot).map(({ path: file, stats }) => ({ file, bytes: stats?.size }))
      return {
        commit,
        refs: refs.filter(ref => ref.commit === commit).map(ref => ref.name),
        path: snapshot,
        files,
        bytes: files.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
      }
    })
  // A link takes no room; what it leads to is among the blobs.
  const held = filesUnder(path).flatMap(({ isLink, stats }) => (isLink || !stats ? [] : [stats]))
  const latest = Math.max(...held.map(({ mtimeMs }) => mtimeMs))
  return {
    name,
    path,
    revisions,
    bytes: held.reduce((sum, { size }) => sum + size, 0),
    lastModified: held.length > 0 ? new Date(latest).toISOString() : null,
  }
}

/** A file or link under a folder. */
export interface FoundFile {
  /** From the folder on, with `/`. */
  readonly path: string
  readonly isLink: boolean
  /** Of what a link leads to; undefined when it leads nowhere. */
  readonly stats: Stats | undefined
}

/** All files and links under a folder, by path; links to folders are not followed. */
export function filesUnder(folder: string): FoundFile[] {
  return entriesOf(folder)
    .flatMap((entry): FoundFile[] => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return filesUnder(path).map(file => ({ ...file, path: `${entry.name}/${file.path}` }))
      const stats = statSync(path, { throwIfNoEntry: false })
      return [{ path: relative(folder, path).replaceAll(sep, '/'), isLink: entry.isSymbolicLink(), stats }]
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return []
    throw error
  }
}
