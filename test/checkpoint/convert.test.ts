// Stored numbers to float32: against numpy and torch, and against a second formula for every 16-bit value.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toFloat32 } from '../../src/checkpoint/convert.ts'
import { bytesOf, type FileDType } from '../../src/dtype.ts'
import { FileError } from '../../src/errors.ts'

interface Golden {
  /** Digests of the float32 bits of the 16-bit values 0 to 65535, every NaN as 0x7fc00000. */
  readonly F16: string
  readonly BF16: string
  /** The numbers, and the float32 bits of each. */
  readonly I64: [string[], number[]]
  readonly I32: [number[], number[]]
  /** The bytes in hexadecimal digits, and the float32 bits. */
  readonly F64: [string, number[]]
}

const golden = JSON.parse(
  fs.readFileSync(new URL('../golden/safetensors/converted.json', import.meta.url), 'utf8'),
) as Golden

function convert(dtype: FileDType, array: ArrayBufferView): Float32Array {
  const out = new Float32Array(array.byteLength / bytesOf[dtype])
  toFloat32(dtype, new Uint8Array(array.buffer, array.byteOffset, array.byteLength), out)
  return out
}

function bitsOf(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer)]
}

function digest(values: Float32Array): string {
  const words = Uint32Array.from(bitsOf(values), (word, i) => (Number.isNaN(values[i]) ? 0x7fc00000 : word))
  return createHash('sha256').update(words).digest('hex')
}

const allHalves = Uint16Array.from({ length: 65_536 }, (_, i) => i)

/** The float32 bits of a float16, by moving its fields. */
function widenedBits(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >> 10) & 31
  let fraction = half & 1023
  if (exponent === 31) return (sign | 0x7f800000 | (fraction << 13)) >>> 0
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0
  if (fraction === 0) return sign >>> 0
  let shifted = 113
  while (fraction < 1024) {
    fraction <<= 1
    shifted--
  }
  return (sign | (shifted << 23) | ((fraction & 1023) << 13)) >>> 0
}

describe('toFloat32', () => {
  it('is exact for every float16', () => {
    const out = convert('F16', allHalves)
    const wrong = [...allHalves].filter(half => {
      const wanted = new Float32Array(Uint32Array.of(widenedBits(half)).buffer)[0]!
      return !Object.is(out[half], wanted)
    })
    expect(wrong).toEqual([])
    expect(digest(out)).toBe(golden.F16)
    expect([out[0x3c00], out[0x0001], out[0x7bff], out[0xfc00]]).toEqual([1, 2 ** -24, 65504, -Infinity])
  })

  it('is exact for every bfloat16', () => {
    const out = convert('BF16', allHalves)
    expect(bitsOf(out)).toEqual([...allHalves].map(half => half * 65_536))
    expect(digest(out)).toBe(golden.BF16)
    expect([out[0x3f80], out[0x0001], out[0xff80]]).toEqual([1, 2 ** -133, -Infinity])
  })

  it('rounds int64, int32 and float64 once, as numpy does', () => {
    const [longs, longBits] = golden.I64
    expect(bitsOf(convert('I64', BigInt64Array.from(longs, BigInt)))).toEqual(longBits)
    const [ints, intBits] = golden.I32
    expect(bitsOf(convert('I32', Int32Array.from(ints)))).toEqual(intBits)
    const [doubles, doubleBits] = golden.F64
    expect(bitsOf(convert('F64', new Uint8Array(Buffer.from(doubles, 'hex'))))).toEqual(doubleBits)
    expect([...convert('F64', Float64Array.of(Number.NaN))]).toEqual([Number.NaN])
  })

  it('keeps float32 to the bit and small integers to the number', () => {
    const words = Uint32Array.of(0, 0x80000000, 1, 0x7f800001, 0xffc12345, 0x7f7fffff)
    expect(bitsOf(convert('F32', words))).toEqual([...words])
    expect([...convert('I16', Int16Array.of(-32768, -1, 32767))]).toEqual([-32768, -1, 32767])
    expect([...convert('I8', Int8Array.of(-128, -1, 127))]).toEqual([-128, -1, 127])
    expect([...convert('U8', Uint8Array.of(0, 128, 255))]).toEqual([0, 128, 255])
    expect([...convert('BOOL', Uint8Array.of(0, 1, 7, 255))]).toEqual([0, 1, 1, 1])
  })

  it.each<[FileDType, ArrayBufferView, number]>([
    ['F64', Float64Array.of(1.5), 1.5],
    ['F32', Float32Array.of(-2.5), -2.5],
    ['F16', Uint16Array.of(0xc000), -2],
    ['BF16', Uint16Array.of(0x4040), 3],
    ['I64', BigInt64Array.of(-5n), -5],
    ['I32', Int32Array.of(70_000), 70_000],
    ['I16', Int16Array.of(-300), -300],
    ['I8', Int8Array.of(-3), -3],
    ['U8', Uint8Array.of(200), 200],
    ['BOOL', Uint8Array.of(1), 1],
  ])('takes %s from any byte of any memory, and writes anywhere', (dtype, array, number) => {
    const value = new Uint8Array(array.buffer)
    for (const memory of [new ArrayBuffer(32), new SharedArrayBuffer(32)]) {
      for (let start = 0; start < 9; start++) {
        const bytes = new Uint8Array(memory, start, value.length)
        bytes.set(value)
        const out = new Float32Array(3).fill(9)
        toFloat32(dtype, bytes, out.subarray(1, 2))
        expect([...out]).toEqual([9, number, 9])
      }
    }
  })

  it('refuses a target of another length', () => {
    let found: unknown
    try {
      toFloat32('F16', new Uint8Array(6), new Float32Array(2))
    } catch (error) {
      found = error
    }
    expect(found).toBeInstanceOf(FileError)
    expect(found).toMatchObject({ code: 'SIZE_MISMATCH', fields: { expected: 4, got: 6 } })
  })
})
