// A file that is coming: its bytes so far, counted and hashed as they are written.
import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { HubError } from '../errors.ts'
import type { RemoteFile } from './listing.ts'

export class PartialFile {
  readonly #file: FileHandle
  readonly #wanted: RemoteFile
  readonly #about: string
  #hash: Hash
  #length = 0
  #reached = 0

  private constructor(file: FileHandle, wanted: RemoteFile, about: string) {
    this.#file = file
    this.#wanted = wanted
    this.#about = about
    this.#hash = hashOf(wanted)
  }

  /** Opens or makes the file at `path`; what is there already is read and counts. `about` is its name, for messages. */
  static async open(path: string, wanted: RemoteFile, about: string): Promise<PartialFile> {
    const file = await open(path, 'a+')
    const partial = new PartialFile(file, wanted, about)
    try {
      for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) partial.#count(chunk)
      if (partial.#length > wanted.size) await partial.restart()
    } catch (error) {
      await file.close()
      throw error
    }
    return partial
  }

  /** Bytes that are there. */
  get length(): number {
    return this.#length
  }

  /** The most bytes there have been. */
  get reached(): number {
    return this.#reached
  }

  /** Throws HubError SIZE_MISMATCH when more has come than was announced. */
  async append(chunk: Uint8Array): Promise<void> {
    if (this.#length + chunk.length > this.#wanted.size) throw this.wrongSize(`more than ${this.#wanted.size}`)
    await this.#file.appendFile(chunk)
    this.#count(chunk)
  }

  async restart(): Promise<void> {
    await this.#file.truncate(0)
    this.#hash = hashOf(this.#wanted)
    this.#length = 0
  }

  /** Throws HubError SIZE_MISMATCH or HASH_MISMATCH unless this is the file that was announced, and then sees it onto the disk. */
  async finish(): Promise<void> {
    if (this.#length !== this.#wanted.size) throw this.wrongSize(String(this.#length))
    const got = this.#hash.digest('hex')
    if (got !== this.#wanted.hash) {
      throw new HubError(
        'HASH_MISMATCH',
        `${this.#about}: what came is not what the hub announced: its hash is another one`,
        {
          hint: 'fetch it again; if that does not help, something on the way changes files',
          file: this.#about,
          expected: this.#wanted.hash,
          got,
        },
      )
    }
    await this.#file.sync()
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  wrongSize(got: string): HubError {
    return new HubError(
      'SIZE_MISMATCH',
      `${this.#about}: ${got} bytes came of the ${this.#wanted.size} that the hub announced`,
      {
        hint: 'fetch it again',
        file: this.#about,
        expected: this.#wanted.size,
        got,
      },
    )
  }

  #count(chunk: Uint8Array): void {
    this.#hash.update(chunk)
    this.#length += chunk.length
    this.#reached = Math.max(this.#reached, this.#length)
  }
}

/** The hash by which the hub knows a file: sha256 of its bytes, or git's sha1 of a header and its bytes. */
export function hashOf({ size, hash }: RemoteFile): Hash {
  return hash.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`)
}
