// A safetensors file from the text of its header, for tests that write headers by hand.

/** The length of `header`, the header and `data`. */
export function headerFile(header: string, data: Uint8Array | number = 0): Uint8Array {
  const text = Buffer.from(header)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return new Uint8Array(Buffer.concat([length, text, typeof data === 'number' ? Buffer.alloc(data) : data]))
}
