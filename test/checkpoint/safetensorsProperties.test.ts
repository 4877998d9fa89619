// Properties of the safetensors reader: whatever the bytes, a typed error or a file that holds together; and no verdict but
// that of the Rust reference, except where Vitrine is stricter on purpose.
import fs from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseSafetensors, type SafetensorsFile } from '../../src/checkpoint/safetensors.ts'
import { encodeSafetensors } from '../../src/checkpoint/safetensorsWriter.ts'
import { bytesOf, type FileDType } from '../../src/dtype.ts'
import { FileError } from '../../src/errors.ts'
import { headerFile } from './headerFile.ts'

const good = encodeSafetensors(
  [
    ['a', { dtype: 'F32', shape: [2, 1], data: new Float32Array([1, 2]) }],
    ['b\n', { dtype: 'F16', shape: [], data: new Uint16Array([3]) }],
    ['c', { dtype: 'I64', shape: [0, 4], data: new Uint8Array(0) }],
  ],
  { format: 'pt' },
)

/** The file, or the code of the typed error; any other error fails the test. */
function open(bytes: Uint8Array): SafetensorsFile | string {
  try {
    return parseSafetensors(bytes)
  } catch (error) {
    if (error instanceof FileError) return error.code
    throw error
  }
}

/** Checks that the tensors lie inside the bytes, one behind the other. */
function checkWhole(file: SafetensorsFile, size: number): void {
  let end: number | undefined
  for (const [name, { offset, byteLength, dtype, shape }] of file.tensors) {
    expect(offset).toBe(end ?? offset)
    end = offset + byteLength
    if (!(dtype in bytesOf)) continue
    const source = file.source(name)
    expect(shape.reduce((a, b) => a * b, 1) * bytesOf[source.dtype]).toBe(byteLength)
    source.read(new Uint8Array(byteLength), 0)
  }
  expect(end ?? size).toBe(size)
}

function check(bytes: Uint8Array): void {
  const file = open(bytes)
  if (typeof file !== 'string') checkWhole(file, bytes.length)
}

const before = Object.getOwnPropertyNames(Object.prototype)
beforeAll(() => checkWhole(parseSafetensors(good), good.length))
afterAll(() => expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before))

describe('safetensors from any bytes', () => {
  it('gives a typed error or a file', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), check), { seed: 1, numRuns: 1000 })
  })

  it('gives a typed error or a file for any header text', () => {
    const word = fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"a"', '"__metadata__"', '"dtype"', '"U8"', '"shape"', '"data_offsets"'],
      ...['0', '1', '-1', '1.0', '"', 'null', ' ', '\\', '"__proto__"'],
    )
    const text = fc.array(word, { maxLength: 30 }).map(words => words.join(''))
    fc.assert(
      fc.property(text, fc.nat(4), (header, data) => check(headerFile(header, data))),
      { seed: 2, numRuns: 2000 },
    )
  })

  it('gives a typed error or a file for any JSON as header', () => {
    const value = fc.jsonValue({ maxDepth: 2 })
    const field = fc.oneof(value, fc.constantFrom('U8', 'F4', [], [0], [1, 0], [0, 0], [0, 1]))
    const tensor = fc.record({ dtype: field, shape: field, data_offsets: field }, { requiredKeys: [] })
    const header = fc.dictionary(fc.string(), fc.oneof(value, tensor), { maxKeys: 3 })
    fc.assert(
      fc.property(header, fc.nat(2), (entries, data) => check(headerFile(JSON.stringify(entries), data))),
      { seed: 3, numRuns: 2000 },
    )
  })

  it('survives every change of one byte in the header', () => {
    const values = [0, 9, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x31, 0x39, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xff]
    for (let at = 0; at < good.length; at++) {
      for (const value of values) check(good.with(at, value))
    }
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => check(good.with(at, value))),
      { seed: 4, numRuns: 2000 },
    )
  })

  it('refuses a file cut at any place', () => {
    for (let length = 0; length < good.length; length++) {
      expect(['HEADER_TOO_SMALL', 'HEADER_LENGTH', 'TRUNCATED']).toContain(open(good.slice(0, length)))
    }
  })

  it('gives back what was written', () => {
    const dtype = fc.constantFrom<FileDType>('F64', 'F32', 'F16', 'BF16', 'I64', 'I32', 'I16', 'I8', 'U8', 'BOOL')
    const tensor = fc.tuple(dtype, fc.array(fc.nat(4), { maxLength: 3 })).chain(([type, shape]) => {
      const length = shape.reduce((a, b) => a * b, 1) * bytesOf[type]
      return fc.record({
        dtype: fc.constant(type),
        shape: fc.constant(shape),
        data: fc.uint8Array({ minLength: length, maxLength: length }),
      })
    })
    const text = fc.string({ unit: 'binary' })
    const name = text.filter(each => each !== '__metadata__')
    const tensors = fc.uniqueArray(fc.tuple(name, tensor), { selector: ([each]) => each, maxLength: 6 })
    const metadata = fc.uniqueArray(fc.tuple(text, text), { selector: ([each]) => each, maxLength: 3 })
    fc.assert(
      fc.property(tensors, metadata, (named, pairs) => {
        const file = parseSafetensors(encodeSafetensors(named, new Map(pairs)))
        expect(new Map(file.metadata)).toEqual(new Map(pairs))
        expect(file.tensors.size).toBe(named.length)
        for (const [each, { dtype, shape, data }] of named) {
          const source = file.source(each)
          const bytes = new Uint8Array(data.length)
          source.read(bytes, 0)
          expect([source.dtype, source.shape, bytes]).toEqual([dtype, shape, data])
        }
      }),
      { seed: 5, numRuns: 300 },
    )
  })
})

describe('safetensors beside the Rust reference', () => {
  type Verdict = string | [name: string, dtype: string, shape: number[]][]
  const path = new URL('../golden/safetensors/mutations.json', import.meta.url)
  const cases = JSON.parse(fs.readFileSync(path, 'utf8')) as [file: string, verdict: Verdict][]

  /** The codes of the rules that the reference does not have: a name twice, sizes above 2^53 - 1, tensors that are no objects. */
  const stricter = ['DUPLICATE_KEY', 'OVERFLOW', 'MISSING_FIELD']

  it('takes no damaged file that it refuses, and refuses none that it takes but by a rule of its own', () => {
    const counts = { both: 0, neither: 0, reference: 0 }
    for (const [file, verdict] of cases) {
      const ours = open(Buffer.from(file, 'base64'))
      const shown = Buffer.from(file, 'base64').toString('latin1')
      if (typeof verdict === 'string') {
        expect(ours, `${shown}: ${verdict}`).toBeTypeOf('string')
        counts.neither++
      } else if (typeof ours === 'string') {
        expect(stricter, shown).toContain(ours)
        counts.reference++
      } else {
        const found = [...ours.tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])
        expect(new Set(found.map(each => JSON.stringify(each)))).toEqual(
          new Set(verdict.map(each => JSON.stringify(each))),
        )
        counts.both++
      }
    }
    expect(counts.neither).toBe(400)
    expect(counts.reference).toBeLessThan(40)
  })
})
