// Files of one commit on their way into the cache, one after the other, each told of as transformers.js tells of it.
import type { ProgressCallback } from '../progress.ts'
import { downloadBlob } from './blobDownload.ts'
import { fileUrl, type Listing, type RemoteFile } from './listing.ts'
import { type RepositoryCache, statsOf } from './repositoryCache.ts'
import { checkRoom } from './room.ts'
import type { HubSettings } from './settings.ts'
import { SharedWork } from './sharedWork.ts'

/** One download of each blob in this process, whoever wants it. */
const downloads = new SharedWork<number>()

export interface Fetching {
  /** The model's name. */
  readonly name: string
  readonly listing: Listing
  readonly cache: RepositoryCache
  readonly settings: HubSettings
  /** Fetch what is there too. */
  readonly isForced: boolean
  readonly signal: AbortSignal | undefined
  readonly tell: ProgressCallback | undefined
}

/** Brings files of the listing into the snapshot. Throws HubError, and the reason of the signal. */
export async function fetchFiles(fetching: Fetching, paths: readonly string[]): Promise<void> {
  const { listing, cache } = fetching
  const missing = paths.filter(path => !isThere(fetching, path))
  const bytes = missing.reduce((sum, path) => sum + listing.files.get(path)!.size, 0)
  if (bytes > 0) checkRoom(cache.folder, bytes)
  for (const path of paths) await fetchFile(fetching, path, missing.includes(path))
}

function isThere({ isForced, cache, listing: { commit, files } }: Fetching, path: string): boolean {
  return !isForced && cache.sizeOf(commit, path) === files.get(path)!.size
}

async function fetchFile(fetching: Fetching, path: string, isMissing: boolean): Promise<void> {
  const { name, listing, cache, isForced, signal, tell } = fetching
  const about = { name, file: path }
  signal?.throwIfAborted()
  tell?.({ status: 'initiate', ...about })
  if (isMissing) {
    const file = listing.files.get(path)!
    const isNew = isForced || statsOf(cache.blob(file.hash))?.size !== file.size
    if (isNew) await download(fetching, path, file)
    await cache.link(listing.commit, path, file.hash, isNew)
  }
  tell?.({ status: 'done', ...about })
}

async function download({ name, listing, cache, settings, signal, tell }: Fetching, path: string, file: RemoteFile) {
  const { endpoint, token, idleTimeout: timeout } = settings
  const about = { name, file: path }
  const { size: total } = file
  const source = { ...file, url: fileUrl(endpoint, name, listing.commit, path), about: `${path} of '${name}'` }
  const blob = cache.blob(file.hash)
  tell?.({ status: 'download', ...about })
  await downloads.do(
    blob,
    signal,
    loaded =>
      tell?.({ status: 'progress', ...about, progress: total > 0 ? (100 * loaded) / total : 100, loaded, total }),
    (end, each) => downloadBlob(source, blob, { token, timeout, signal: end }, settings, each),
  )
}
