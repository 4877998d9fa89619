// Half-precision numbers: widened to float32, which is exact for every value, and narrowed from it, ties to even.

/** out[i] = the IEEE 754 binary16 number whose bits are x[i], for begin <= i < end. */
export function widenF16(out: Float32Array, x: Uint16Array, begin: number, end: number): void {
  for (let i = begin; i < end; i++) {
    const bits = x[i]!
    const sign = bits & 0x8000 ? -1 : 1
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    if (exponent === 0) out[i] = sign * fraction * 2 ** -24
    else if (exponent === 31) out[i] = fraction ? Number.NaN : sign * Infinity
    else out[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  }
}

/** out[i] = the bfloat16 number whose bits are x[i]: the upper half of a float32. */
export function widenBF16(out: Float32Array, x: Uint16Array, begin: number, end: number): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length)
  for (let i = begin; i < end; i++) words[i] = x[i]! << 16
}

/** out[i] = the bits of the binary16 number next to x[i]; Infinity from 65520 on. */
export function narrowF16(out: Uint16Array, x: Float32Array, begin: number, end: number): void {
  const words = new Uint32Array(x.buffer, x.byteOffset, x.length)
  for (let i = begin; i < end; i++) {
    const sign = (words[i]! >>> 16) & 0x8000
    const magnitude = words[i]! & 0x7fffffff
    let bits: number
    if (magnitude > 0x7f800000) bits = 0x7e00
    else if (magnitude >= 0x477ff000) bits = 0x7c00
    else if (magnitude < 0x38800000) bits = Math.fround(Math.abs(x[i]!) * 2 ** 24 + 12582912) - 12582912
    else bits = (magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13
    out[i] = sign | bits
  }
}

/** out[i] = the bits of the bfloat16 number next to x[i]. */
export function narrowBF16(out: Uint16Array, x: Float32Array, begin: number, end: number): void {
  const words = new Uint32Array(x.buffer, x.byteOffset, x.length)
  for (let i = begin; i < end; i++) {
    const bits = words[i]!
    const isNumber = (bits & 0x7fffffff) <= 0x7f800000
    out[i] = isNumber ? (bits + 0x7fff + ((bits >> 16) & 1)) >>> 16 : (bits >>> 16) | 0x40
  }
}
