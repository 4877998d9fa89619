// Bytes that are read from any position: what the readers of checkpoint formats stand on. Knows nothing of files.
import { FileError } from '../errors.ts'

export interface ByteSource {
  /** The path, or whatever else tells a user which bytes these are. */
  readonly name: string
  /** Bytes there were when it was opened. */
  readonly size: number
  /** Fills `target`, which may lie in shared memory, from byte `position` on. Throws FileError TRUNCATED when the bytes end before. */
  read(target: Uint8Array, position: number): void
  close(): void
}

/** Bytes in memory as a source; they are not copied. */
export function memoryBytes(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    read(target, position) {
      const part = bytes.subarray(position, position + target.length)
      if (part.length < target.length) throw truncated(name, position + target.length, bytes.length)
      target.set(part)
    },
    close() {},
  }
}

/** The error for bytes that ended too early: `wanted` is the size that was needed, `size` the one that was found. */
export function truncated(name: string, wanted: number, size: number): FileError {
  return new FileError('TRUNCATED', `${name} ends too early: it has ${size} bytes and should have ${wanted}`, {
    hint: 'was a download cut short, or the file changed while it was read? Fetch it again',
    file: name,
    expected: wanted,
    got: size,
  })
}
