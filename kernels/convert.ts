// Half-precision numbers as files hold them, widened to float32: exact for every value.

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
