// What the cache alone can give of a model: the folder, when all that is needed lies there.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findForm } from '../checkpoint/weightForms.ts'
import { FileError } from '../errors.ts'
import type { RepositoryCache } from './repositoryCache.ts'
import { inFolder, shardsOf, type Wanted } from './wanted.ts'

export interface CachedFolder {
  readonly folder: string
  /** Paths of the wanted files that are there. */
  readonly files: readonly string[]
  /** Nothing more could come: the other files are known not to be in this commit. */
  readonly isComplete: boolean
}

/** undefined when something is missing without which the rest is of no use. Throws HubError UNSAFE_POINTER. */
export function cachedFolder(
  cache: RepositoryCache,
  revision: string,
  subfolder: string,
  { files, oneOf = ['config.json'], weights }: Wanted,
): CachedFolder | undefined {
  const commit = cache.commitOf(revision)
  if (commit === undefined) return undefined
  const folder = join(cache.snapshot(commit), subfolder)
  const isThere = (file: string): boolean => cache.sizeOf(commit, inFolder(subfolder, file)) !== undefined
  if (!oneOf.some(isThere)) return undefined
  const there = files.filter(isThere)
  const isComplete = files.every(file => there.includes(file) || cache.isAbsent(commit, inFolder(subfolder, file)))
  if (weights) {
    const names = readdirSync(folder).filter(isThere)
    const form = findForm(weights, names)
    const held = form?.isIndex ? shardsIn(join(folder, form.file)) : []
    if (!form || !held?.every(isThere)) return undefined
    there.push(form.file, ...held)
  }
  return { folder, files: there.map(file => inFolder(subfolder, file)), isComplete }
}

/** undefined for an index that cannot be read: a copy with it is of no use. */
function shardsIn(indexPath: string): string[] | undefined {
  try {
    return shardsOf(indexPath)
  } catch (error) {
    if (error instanceof FileError) return undefined
    throw error
  }
}
