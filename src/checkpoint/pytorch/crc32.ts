// The checksum of zip files (CRC-32, ISO 3309), added up piece by piece.

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  return rest
})

export class Crc32 {
  #rest = 0xffffffff

  add(bytes: Uint8Array): void {
    let rest = this.#rest
    for (let i = 0; i < bytes.length; i++) rest = (rest >>> 8) ^ table[(rest ^ bytes[i]!) & 0xff]!
    this.#rest = rest
  }

  /** Of all bytes so far. */
  get value(): number {
    return ~this.#rest >>> 0
  }
}
