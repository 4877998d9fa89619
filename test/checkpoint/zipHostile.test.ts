// Hostile and broken zip files: each gets the verdict and the code of a table; and the forms that torch writes are read.
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../../src/checkpoint/byteSource.ts'
import { readZip } from '../../src/checkpoint/pytorch/zipFile.ts'
import { openPytorch, parsePytorch } from '../../src/checkpoint/pytorch.ts'
import { FileError } from '../../src/errors.ts'
import { storedZip, type ZipPart, type ZipShape } from './storedZip.ts'

const folder = fileURLToPath(new URL('../hostile/zip/', import.meta.url))

/** The wanted code by the number of the file; a number of tensors for files to be accepted. */
const wanted: Readonly<Record<string, string | number>> = {
  '00': 0,
  '01': 'NOT_ZIP',
  '02': 'NOT_ZIP',
  '03': 'TRUNCATED',
  '04': 'TRUNCATED',
  '05': 'MISSING_ENTRY',
  '06': 'BAD_ZIP',
  '07': 'BAD_ZIP',
  '08': 'BAD_ZIP',
  '09': 'BAD_ZIP',
  '10': 'OVERLAP',
  '11': 'CRC_MISMATCH',
  '12': 'NAME_MISMATCH',
  '13': 'COMPRESSED',
  '14': 'COMPRESSED',
  '15': 'ENCRYPTED',
  '16': 'DUPLICATE_ENTRY',
  '17': 'UNSAFE_NAME',
  '18': 'UNSAFE_NAME',
  '19': 'UNSAFE_NAME',
  '20': 'COMPRESSED',
  '21': 'COMPRESSED',
  '22': 'BAD_ZIP',
  '23': 'BAD_ZIP',
  '24': 'BAD_ZIP',
  '25': 0,
  '26': 'BAD_ZIP',
  '27': 'BAD_ZIP',
  // Its name was to have a NUL, and Python's zipfile cut it off there: a good file. A name with a NUL is tried below.
  '28': 0,
  '29': 'FORBIDDEN_OPCODE',
  '30': 'OVERLAP',
  '31': 'LEGACY_FORMAT',
}

function verdict(open: () => { tensors: ReadonlyMap<string, unknown>; close(): void }): string | number {
  try {
    const file = open()
    file.close()
    return file.tensors.size
  } catch (error) {
    if (error instanceof FileError) return error.code
    throw error
  }
}

describe('hostile zip files', () => {
  const titles = JSON.parse(fs.readFileSync(`${folder}idx.json`, 'utf8')) as string[]

  it('are all in the table', () => {
    expect(titles.map(title => title.slice(0, 2))).toEqual(Object.keys(wanted).sort())
  })

  it.each(titles)('%s', title => {
    const number = title.slice(0, 2)
    const start = performance.now()
    expect(verdict(() => openPytorch(`${folder}${number}.zip`))).toBe(wanted[number])
    expect(verdict(() => parsePytorch(fs.readFileSync(`${folder}${number}.zip`)))).toBe(wanted[number])
    expect(performance.now() - start).toBeLessThan(4000)
  })

  it('give errors that name the file and end with a next step', () => {
    const refused = Object.keys(wanted).filter(number => typeof wanted[number] === 'string')
    expect(refused.length).toBe(29)
    for (const number of refused) {
      const path = `${folder}${number}.zip`
      expect(() => openPytorch(path)).toThrow(/\(.+\)$/)
      expect(() => openPytorch(path)).toThrow(path)
    }
  })
})

const one: ZipPart = { name: 'a/data.pkl', data: new Uint8Array([0x80, 2, 0x7d, 0x2e]) }
const two: ZipPart = { name: 'a/version', data: new TextEncoder().encode('3\n') }
const names = (parts: readonly ZipPart[], shape?: ZipShape) => [
  ...readZip(memoryBytes(storedZip(parts, shape), 'made')).keys(),
]

describe('zip files made by hand', () => {
  it.each<[string, ZipPart[], ZipShape]>([
    ['plain', [one, two], {}],
    ['with padding before the data, as torch aligns it', [{ ...one, padding: 60 }, two], {}],
    [
      'with sizes behind the data',
      [
        { ...one, streamed: true },
        { ...two, streamed: true },
      ],
      {},
    ],
    ['with 64-bit sizes', [one, two], { zip64: true }],
    ['with all of it', [{ ...one, streamed: true, padding: 30 }, two], { zip64: true }],
  ])('are read: %s', (_, parts, shape) => {
    expect(names(parts, shape)).toEqual(['a/data.pkl', 'a/version'])
    expect(parsePytorch(storedZip(parts, shape)).tensors.size).toBe(0)
  })

  it.each<[string, string, ZipPart[], ZipShape]>([
    ['a name with NUL', 'UNSAFE_NAME', [{ ...one, name: 'a/data.pkl\0.txt' }], {}],
    ['a drive', 'UNSAFE_NAME', [{ ...one, name: 'C:/data.pkl' }], {}],
    ['an empty part', 'UNSAFE_NAME', [one, { ...two, name: 'a//b' }], {}],
    ['a dot', 'UNSAFE_NAME', [one, { ...two, name: './b' }], {}],
    ['no name', 'UNSAFE_NAME', [one, { ...two, name: '' }], {}],
    ['a longer local name', 'NAME_MISMATCH', [one, { ...two, localName: 'a/versions' }], {}],
    ['a comment', 'BAD_ZIP', [one], { comment: 'hello' }],
    ['bytes before the list', 'BAD_ZIP', [one, two], { gap: 1 }],
    ['more bytes behind streamed data than a descriptor has', 'BAD_ZIP', [{ ...one, streamed: true }], { gap: 1 }],
    ['strong encryption', 'ENCRYPTED', [{ ...one, flags: 0x40 }], {}],
    ['too few entries', 'BAD_ZIP', [one, two], { entries: 1 }],
    ['too many entries', 'TOO_MANY_ENTRIES', [one], { zip64: true, entries: 100_001 }],
  ])('are refused for %s', (_, code, parts, shape) => {
    expect(verdict(() => parsePytorch(storedZip(parts, shape)))).toBe(code)
  })

  it.each([
    ['another byte order', 'BYTE_ORDER', [one, { name: 'a/byteorder', data: new TextEncoder().encode('big') }]],
    ['a file outside of the folder', 'BAD_ZIP', [one, { ...two, name: 'b/version' }]],
    ['a Java archive', 'MISSING_ENTRY', [{ ...two, name: 'META-INF/MANIFEST.MF' }]],
    ['two pickles in two folders', 'BAD_ZIP', [one, { ...one, name: 'b/data.pkl' }]],
  ])('are no weights with %s', (_, code, parts) => {
    expect(verdict(() => parsePytorch(storedZip(parts)))).toBe(code)
  })

  it('may say that the byte order is little', () => {
    const order = { name: 'a/byteorder', data: new TextEncoder().encode('little') }
    expect(parsePytorch(storedZip([one, order])).tensors.size).toBe(0)
  })

  it('may list 100,000 entries, which takes no second per 20,000', () => {
    const parts = [one, ...Array.from({ length: 20_000 }, (_, i) => ({ name: `a/x/${i}`, data: new Uint8Array(0) }))]
    const file = storedZip(parts, { zip64: true })
    const start = performance.now()
    expect(readZip(memoryBytes(file, 'made')).size).toBe(20_001)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('compare checksums of tensors when they are asked to', () => {
    const data = { name: 'a/data/0', data: new Uint8Array(4), crc: 5 }
    const file = parsePytorch(storedZip([one, data]))
    expect(() => file.verify()).toThrow(
      expect.objectContaining({ code: 'CRC_MISMATCH', fields: expect.objectContaining({ expected: 5 }) }),
    )
  })
})

describe('files that are not zip', () => {
  it.each([
    ['version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n', 'LFS_POINTER', /git lfs pull/],
    ['<!doctype html><title>Login</title>', 'NOT_ZIP', /an HTML page/],
    ['', 'NOT_ZIP', /it is empty/],
    ['\0\0\0\0', 'NOT_ZIP', /Fetch it again/],
    ['PK', 'NOT_ZIP', /is not a zip/],
  ])('%j', (text, code, message) => {
    const bytes = new TextEncoder().encode(text)
    expect(() => parsePytorch(bytes)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
  })
})
