// The checksum of zip files (CRC-32, ISO 3309), added up piece by piece, four bytes at a time.

/** tables[k][byte]: what a byte adds that k zero bytes follow. */
const tables = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)] as const

for (let byte = 0; byte < 256; byte++) {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  tables[0][byte] = rest
}
for (let k = 1; k < tables.length; k++) {
  for (let byte = 0; byte < 256; byte++) {
    const before = tables[k - 1]![byte]!
    tables[k]![byte] = (before >>> 8) ^ tables[0][before & 0xff]!
  }
}

export class Crc32 {
  #rest = -1

  add(bytes: Uint8Array): void {
    const [last, third, second, first] = tables
    let rest = this.#rest
    let i = 0
    for (; i + 4 <= bytes.length; i += 4) {
      rest ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
      rest = first[rest & 0xff]! ^ second[(rest >>> 8) & 0xff]! ^ third[(rest >>> 16) & 0xff]! ^ last[rest >>> 24]!
    }
    for (; i < bytes.length; i++) rest = (rest >>> 8) ^ last[(rest ^ bytes[i]!) & 0xff]!
    this.#rest = rest
  }

  /** Of all bytes so far. */
  get value(): number {
    return ~this.#rest >>> 0
  }
}
