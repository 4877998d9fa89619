// Whether the files in the cache are still what the hub announced when they came: each blob is named after its hash.
import { createReadStream, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { type CachedModel, filesUnder } from './cacheScan.ts'
import { hashOf } from './partialFile.ts'

export interface Finding {
  /** Path of the file that is wrong. */
  readonly path: string
  /** damaged: its bytes are others; lost: a link leads nowhere; outside: a link leads out of the cache. */
  readonly fault: 'damaged' | 'lost' | 'outside'
}

export interface Verification {
  readonly name: string
  /** Files whose hash is right. */
  readonly good: number
  readonly findings: readonly Finding[]
  /** Files without a hash to compare with: where links are not possible they lie under their own names. */
  readonly unknown: number
  /** Bytes of downloads that were not finished. */
  readonly unfinished: number
}

/** Reads all files of a model in the cache. Throws the reason of `signal`. */
export async function verifyModel({ name, path }: CachedModel, signal?: AbortSignal): Promise<Verification> {
  const findings: Finding[] = []
  let [good, unfinished] = [0, 0]
  for (const { path: blob, stats } of filesUnder(join(path, 'blobs'))) {
    if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(blob)) {
      if (await isIntact(join(path, 'blobs', blob), blob, stats?.size ?? 0, signal)) good++
      else findings.push({ path: join(path, 'blobs', blob), fault: 'damaged' })
    } else {
      unfinished += stats?.size ?? 0
    }
  }
  const snapshots = join(path, 'snapshots')
  const pointers = filesUnder(snapshots)
  for (const { path: file, isLink, stats } of pointers) {
    if (!isLink) continue
    const pointer = join(snapshots, file)
    if (!stats) findings.push({ path: pointer, fault: 'lost' })
    else if (!realpathSync(pointer).startsWith(realpathSync(path) + sep))
      findings.push({ path: pointer, fault: 'outside' })
  }
  return { name, good, findings, unknown: pointers.filter(({ isLink }) => !isLink).length, unfinished }
}

async function isIntact(path: string, hash: string, size: number, signal: AbortSignal | undefined): Promise<boolean> {
  const digest = hashOf({ size, hash })
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, ...(signal && { signal }) }))
    digest.update(chunk)
  return digest.digest('hex') === hash
}
