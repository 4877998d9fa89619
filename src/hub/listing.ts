// What the hub says of a model at one revision: its commit, and each file with size and hash.
import { parseJson } from '../checkpoint/jsonValue.ts'
import { HubError } from '../errors.ts'
import { isCommit, isSafePath } from './names.ts'
import { type Connection, request } from './request.ts'
import { type Patience, persist } from './retry.ts'

export interface RemoteFile {
  readonly size: number
  /** sha256 of the content (64 digits), or the sha1 by which git knows it (40). */
  readonly hash: string
}

export interface Listing {
  readonly commit: string
  /** Files by path; those that could not be stored safely are left out. */
  readonly files: ReadonlyMap<string, RemoteFile>
}

const mostBytes = 16 * 2 ** 20

/** The address of an answer about a model. */
export function listingUrl(endpoint: string, repository: string, revision: string): URL {
  return new URL(`${endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`)
}

/** The address of a file. */
export function fileUrl(endpoint: string, repository: string, commit: string, file: string): URL {
  return new URL(`${endpoint}/${repository}/resolve/${commit}/${file.split('/').map(encodeURIComponent).join('/')}`)
}

/** Asks the hub. Throws HubError HUB_ANSWER for what is no such answer, and what request throws. */
export function readListing(url: URL, about: string, connection: Connection, patience: Patience): Promise<Listing> {
  return persist(patience, connection.signal, async () => {
    const { chunks } = await request(url, about, connection, { accept: 'application/json' })
    const parts: Uint8Array[] = []
    let size = 0
    for await (const chunk of chunks()) {
      size += chunk.length
      if (size > mostBytes) throw noListing(url, `more than ${mostBytes} bytes`)
      parts.push(chunk)
    }
    return parseListing(Buffer.concat(parts), url)
  })
}

/** Reads the answer. Throws HubError HUB_ANSWER. */
export function parseListing(bytes: Uint8Array, url: URL): Listing {
  const json = parseJson(
    bytes,
    ({ message }) => noListing(url, message),
    () => undefined,
  )
  const commit = field(json, 'sha')
  const siblings = field(json, 'siblings')
  if (!isCommit(commit)) throw noListing(url, 'it names no commit')
  if (!Array.isArray(siblings)) throw noListing(url, 'it names no files')
  const files = new Map(siblings.flatMap((each: unknown) => fileOf(each)))
  if (files.size === 0 && siblings.length > 0) throw noListing(url, 'it names no sizes and hashes')
  return { commit, files }
}

/** Nothing for a file whose name, size or hash cannot be relied on. */
function fileOf(sibling: unknown): [string, RemoteFile][] {
  const path = field(sibling, 'rfilename')
  const large = field(sibling, 'lfs')
  const size = field(large ?? sibling, 'size')
  const hash = large ? field(large, 'sha256') : field(sibling, 'blobId')
  if (typeof path !== 'string' || !isSafePath(path)) return []
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return []
  if (typeof hash !== 'string' || !(large ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(hash)) return []
  return [[path, { size, hash }]]
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function noListing(url: URL, reason: string): HubError {
  return new HubError('HUB_ANSWER', `${url.host} gives no list of the model's files: ${reason}`, {
    hint: 'is HF_ENDPOINT the address of a hub, and nothing in between that wants you to log in?',
    url: url.href,
  })
}
