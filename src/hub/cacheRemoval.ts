// Taking models, or single revisions of them, out of the cache. What others still need stays, and a removal that is killed leaves no half
// of a model behind.
import { mkdirSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ConfigError, HubError, nearestName } from '../errors.ts'
import { type CachedModel, filesUnder, scanCache } from './cacheScan.ts'
import { cacheFolderName, isRepositoryName } from './names.ts'
import { unwritable } from './repositoryCache.ts'
import { temporaryPath } from './temporary.ts'

export interface Removal {
  readonly name: string
  /** undefined for the whole model. */
  readonly commit: string | undefined
  /** Bytes that the disk gets back. */
  readonly bytes: number
  /** Does it. Throws HubError CACHE_UNWRITABLE. */
  run(): Promise<void>
}

/**
 * What it would take to remove a model, or one revision: a commit, its beginning, a branch or a tag. Nothing is done before `run`. Throws
 * HubError NOT_CACHED, ConfigError UNSAFE_NAME.
 */
export function removalOf(cacheDir: string, name: string, revision?: string): Removal {
  const model = cachedModel(cacheDir, name)
  const found = revision === undefined ? undefined : revisionOf(model, revision)
  const isLast = model.revisions.length <= 1
  if (found === undefined || isLast) {
    return { name, commit: found?.commit, bytes: model.bytes, run: () => removeModel(cacheDir, name) }
  }
  const blobs = ownBlobs(model, found.commit)
  return {
    name,
    commit: found.commit,
    bytes: blobs.reduce((sum, { bytes }) => sum + bytes, 0),
    run: () =>
      removing(model.path, async () => {
        for (const ref of found.refs) rmSync(join(model.path, 'refs', ref), { force: true })
        await removeAtOnce(found.path, join(model.path, 'blobs'))
        rmSync(join(model.path, '.no_exist', found.commit), { recursive: true, force: true })
        for (const { path } of blobs) rmSync(path, { force: true })
      }),
  }
}

/** A model that is in the cache. Throws HubError NOT_CACHED, ConfigError UNSAFE_NAME. */
export function cachedModel(cacheDir: string, name: string): CachedModel {
  if (!isRepositoryName(name)) {
    throw new ConfigError('UNSAFE_NAME', `'${name}' cannot be the name of a model`, { hint: "such as 'owner/model'" })
  }
  const models = scanCache(cacheDir)
  const model = models.find(each => each.name === name)
  if (model) return model
  const near = nearestName(
    name,
    models.map(each => each.name),
  )
  throw new HubError('NOT_CACHED', `'${name}' is not in the cache ${cacheDir}`, {
    hint: near ? `did you mean '${near}'?` : '"vitrine cache ls" shows what is',
    name,
  })
}

function revisionOf(model: CachedModel, revision: string) {
  const { name, revisions } = model
  const found = revisions.filter(({ commit, refs }) => refs.includes(revision) || commit.startsWith(revision))
  if (found.length === 1) return found[0]!
  throw new HubError(
    'NOT_CACHED',
    `'${name}' has ${found.length === 0 ? 'no' : 'more than one'} revision '${revision}' in the cache`,
    {
      hint: `there are ${revisions.map(({ commit, refs }) => [...refs, commit].join(' = ')).join(', ')}`,
      name,
      revision,
    },
  )
}

/** The blobs that no other revision points to. */
function ownBlobs({ path, revisions }: CachedModel, commit: string): { path: string; bytes: number }[] {
  const blobsOf = (snapshot: string): string[] =>
    filesUnder(snapshot).flatMap(({ path: file, isLink }) =>
      isLink ? [basename(readlinkSync(join(snapshot, file)))] : [],
    )
  const others = new Set(revisions.filter(each => each.commit !== commit).flatMap(each => blobsOf(each.path)))
  return filesUnder(join(path, 'blobs')).flatMap(({ path: blob, stats }) =>
    others.has(blob) || blob.endsWith('.incomplete')
      ? []
      : [{ path: join(path, 'blobs', blob), bytes: stats?.size ?? 0 }],
  )
}

function removeModel(cacheDir: string, name: string): Promise<void> {
  const folder = cacheFolderName(name)
  return removing(join(cacheDir, folder), async () => {
    await removeAtOnce(join(cacheDir, folder), cacheDir)
    rmSync(join(cacheDir, '.locks', folder), { recursive: true, force: true })
  })
}

/** First it is gone under its name, then file by file; so is what a removal that was ended left. */
async function removeAtOnce(folder: string, place: string): Promise<void> {
  mkdirSync(place, { recursive: true })
  await rename(folder, temporaryPath(place, 'removed'))
  const left = readdirSync(place).filter(name => /^removed\..+\.incomplete$/.test(name))
  for (const name of left) await rm(join(place, name), { recursive: true, force: true })
}

async function removing(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw unwritable(path, error)
  }
}
