// The digest by which golden files name long arrays: 64 bits of SHA-256 over the bytes.
import { createHash } from 'node:crypto'

export function digest(values: Uint8Array | Float32Array | Int32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}
