// Stored numbers of any type as float32: exact where float32 can hold them, else the nearest, ties to even.
import { widenBF16, widenF16 } from '../../kernels/convert.ts'
import { bytesOf, type FileDType } from '../dtype.ts'
import { FileError } from '../errors.ts'

/**
 * out[i] = element i of `bytes`, which holds little-endian elements of `dtype` and may begin at any byte of its buffer. Any
 * byte but 0 is a true BOOL. Throws FileError SIZE_MISMATCH when `out` does not have one place for each element.
 */
export function toFloat32(dtype: FileDType, bytes: Uint8Array, out: Float32Array): void {
  const width = bytesOf[dtype]
  if (bytes.length !== out.length * width) {
    throw new FileError('SIZE_MISMATCH', `${bytes.length} bytes of ${dtype} do not fill ${out.length} places`, {
      hint: `${dtype} takes ${width} bytes for each element`,
      expected: out.length * width,
      got: bytes.length,
    })
  }
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : bytes.slice()
  const count = out.length
  switch (dtype) {
    case 'F32':
      out.set(new Float32Array(buffer, byteOffset, count))
      break
    case 'F16':
      widenF16(out, new Uint16Array(buffer, byteOffset, count), 0, count)
      break
    case 'BF16':
      widenBF16(out, new Uint16Array(buffer, byteOffset, count), 0, count)
      break
    case 'F64':
      out.set(new Float64Array(buffer, byteOffset, count))
      break
    case 'I64':
      widenI64(out, new BigInt64Array(buffer, byteOffset, count))
      break
    case 'I32':
      out.set(new Int32Array(buffer, byteOffset, count))
      break
    case 'I16':
      out.set(new Int16Array(buffer, byteOffset, count))
      break
    case 'I8':
      out.set(new Int8Array(buffer, byteOffset, count))
      break
    case 'U8':
      out.set(new Uint8Array(buffer, byteOffset, count))
      break
    case 'BOOL':
      for (let i = 0; i < count; i++) out[i] = bytes[i] === 0 ? 0 : 1
  }
}

/**
 * Rounds once. Through float64 alone, large integers would be rounded twice; so their last 11 bits are first replaced by one
 * bit that says whether they were all 0: float64 holds the rest, and float32 rounds it as it would the whole.
 */
function widenI64(out: Float32Array, x: BigInt64Array): void {
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!
    const near = Number(value)
    if (Number.isSafeInteger(near)) {
      out[i] = near
    } else {
      const sticky = (value & 0x7ffn) === 0n ? 0n : 1n
      out[i] = Number((value >> 11n) | sticky) * 2048
    }
  }
}
