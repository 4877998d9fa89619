// One file from the hub into the cache: streamed into a file of its own, resumed where it was cut, and put in place as a whole.
import { existsSync, mkdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HubError } from '../errors.ts'
import { isPassing } from './faults.ts'
import type { RemoteFile } from './listing.ts'
import { PartialFile } from './partialFile.ts'
import { unwritable } from './repositoryCache.ts'
import { type Connection, request } from './request.ts'
import { type Patience, persist } from './retry.ts'
import { claimed, takeOver, temporaryPath } from './temporary.ts'

export interface BlobSource extends RemoteFile {
  readonly url: URL
  /** The file's name, for messages. */
  readonly about: string
}

/** Told the bytes that are there, whenever their number has changed. */
export type Tell = (loaded: number) => void

/**
 * Brings a blob to `path`, which afterwards holds exactly the bytes that the hub announced. Throws HubError SIZE_MISMATCH,
 * HASH_MISMATCH, DISK_FULL, CACHE_UNWRITABLE, what request throws, and the reason of the signal. What a broken connection left is kept
 * for the next call; after other faults nothing is.
 */
export async function downloadBlob(
  source: BlobSource,
  path: string,
  connection: Connection,
  patience: Patience,
  tell: Tell,
): Promise<void> {
  const folder = dirname(path)
  const into = (temporary: string) => fill(temporary, source, path, connection, patience, tell)
  try {
    mkdirSync(folder, { recursive: true })
    const rest = await takeOver(folder, source.hash)
    if (rest !== undefined && (await isFilled(into(rest)))) return
    await into(temporaryPath(folder, source.hash))
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** false when what was taken over may be what was wrong. */
async function isFilled(work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof HubError && error.code === 'HASH_MISMATCH') return false
    throw error
  }
}

function fill(
  temporary: string,
  source: BlobSource,
  path: string,
  connection: Connection,
  patience: Patience,
  tell: Tell,
): Promise<void> {
  return claimed(temporary, async () => {
    try {
      const partial = await PartialFile.open(temporary, source, source.about)
      try {
        tell(partial.length)
        const etags: Etags = {}
        await persist(
          patience,
          connection.signal,
          () => receive(partial, source, connection, etags, tell),
          () => partial.reached,
        )
        await partial.finish()
      } finally {
        await partial.close()
      }
      await rename(temporary, path)
    } catch (error) {
      // Somebody took this file for a dead process's, and finished it.
      if (!existsSync(temporary) && existsSync(path)) return
      if (!isPassing(error)) await rm(temporary, { force: true })
      throw error
    }
  })
}

/** The tag that the last server gave the bytes so far. */
interface Etags {
  last?: string
}

/** One request for what is missing. */
async function receive(
  partial: PartialFile,
  source: BlobSource,
  connection: Connection,
  etags: Etags,
  tell: Tell,
): Promise<void> {
  if (partial.length === source.size) return
  const from = partial.length
  const range = from > 0 ? { range: `bytes=${from}-`, ...(etags.last !== undefined && { 'if-range': etags.last }) } : {}
  const { status, headers, chunks } = await request(source.url, source.about, connection, range)
  if (from > 0 && !(status === 206 && startOf(headers) === from)) {
    await partial.restart()
    tell(0)
    // 416, or another part: only the beginning will do.
    if (status !== 200) {
      delete etags.last
      return receive(partial, source, connection, etags, tell)
    }
  }
  const length = headers.has('content-encoding') ? null : headers.get('content-length')
  const rest = source.size - partial.length
  if (length !== null && Number(length) !== rest) throw partial.wrongSize(String(partial.length + Number(length)))
  const etag = headers.get('etag')
  // A weak tag does not promise the same bytes.
  if (etag?.startsWith('"')) etags.last = etag
  for await (const chunk of chunks()) {
    await partial.append(chunk)
    tell(partial.length)
  }
  if (partial.length < source.size) throw partial.wrongSize(String(partial.length))
}

function startOf(headers: Headers): number {
  return Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1] ?? Number.NaN)
}
