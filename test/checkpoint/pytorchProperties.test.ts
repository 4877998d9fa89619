// Properties of the readers of zip files, pickles and whole pytorch_model.bin: whatever the bytes, a typed error or tensors that lie
// inside them.
import fs from 'node:fs'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { memoryBytes } from '../../src/checkpoint/byteSource.ts'
import { unpickle } from '../../src/checkpoint/pytorch/unpickler.ts'
import { readZip } from '../../src/checkpoint/pytorch/zipFile.ts'
import { parsePytorch } from '../../src/checkpoint/pytorch.ts'
import { FileError } from '../../src/errors.ts'
import { goldenPath } from '../golden.ts'
import { storedZip } from './storedZip.ts'

const before = Object.getOwnPropertyNames(Object.prototype)
vi.spyOn(process, 'emitWarning').mockReturnValue()
afterAll(() => expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before))

/** What `read` gives, or undefined for a typed error; any other error fails the test. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof FileError) return undefined
    throw error
  }
}

/** Reads every tensor that there is. */
function checkPytorch(bytes: Uint8Array): boolean {
  const file = attempt(() => parsePytorch(bytes))
  if (!file) return false
  let total = 0
  for (const [name, { byteLength }] of file.tensors) {
    if (!file.aliases.has(name)) total += byteLength
    file.source(name).read(new Uint8Array(byteLength), 0)
  }
  expect(total).toBeLessThanOrEqual(bytes.length * file.tensors.size)
  attempt(() => file.verify())
  return true
}

function checkZip(bytes: Uint8Array): boolean {
  const entries = attempt(() => readZip(memoryBytes(bytes, 'any')))
  if (!entries) return false
  const places = [...entries.values()].sort((a, b) => a.offset - b.offset)
  let end = 0
  for (const { offset, size } of places) {
    expect(offset).toBeGreaterThanOrEqual(end)
    end = offset + size
  }
  expect(end).toBeLessThanOrEqual(bytes.length)
  return true
}

const checkPickle = (bytes: Uint8Array): boolean => attempt(() => unpickle(bytes, 'any')) !== undefined

const weights = new Uint8Array(fs.readFileSync(goldenPath('pytorch/tied.bin')))
const pickle = (() => {
  const { offset, size } = readZip(memoryBytes(weights, 'tied')).get('archive/data.pkl')!
  return weights.slice(offset, offset + size)
})()
const zip = storedZip([
  { name: 'a/data.pkl', data: new Uint8Array([0x80, 2, 0x7d, 0x2e]), padding: 12, streamed: true },
  { name: 'a/data/0', data: new Uint8Array(5) },
])
const wide = storedZip([{ name: 'a/data.pkl', data: new Uint8Array([0x80, 2, 0x7d, 0x2e]) }], { zip64: true })

describe.each<[string, Uint8Array, (bytes: Uint8Array) => boolean]>([
  ['pytorch_model.bin', weights, checkPytorch],
  ['zip', zip, checkZip],
  ['zip64', wide, checkZip],
  ['pickle', pickle, checkPickle],
])('%s', (_, good, check) => {
  it('is good as it is', () => expect(check(good)).toBe(true))

  it('gives a typed error or a value for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => void check(bytes)),
      { seed: 1, numRuns: 1000 },
    )
  })

  it('is refused when it is cut at any place', () => {
    for (let length = 0; length < good.length; length++) expect(check(good.slice(0, length))).toBe(false)
  })

  it('gives a typed error or a value when one byte is another', () => {
    const values = [0, 1, 0x28, 0x2e, 0x71, 0x7f, 0x80, 0xff]
    const step = Math.ceil(good.length / 700)
    for (let at = 0; at < good.length; at += step) for (const value of values) check(good.with(at, value))
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => void check(good.with(at, value))),
      { seed: 2, numRuns: 2000 },
    )
  })

  it('gives a typed error or a value when a part is cut out, doubled or put elsewhere', () => {
    const place = fc.nat(good.length)
    fc.assert(
      fc.property(place, place, place, (a, b, to) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)]
        const part = good.slice(start, end)
        const rest = Buffer.concat([good.slice(0, start), good.slice(end)])
        check(new Uint8Array(rest))
        check(new Uint8Array(Buffer.concat([good.slice(0, to), part, good.slice(to)])))
      }),
      { seed: 3, numRuns: 500 },
    )
  })
})

describe('pickles of torch’s opcodes in any order', () => {
  const argument = fc.constantFrom('\0', '\x01', '\x02', 'a', '\xff')
  const opcode = fc.oneof(
    fc.constantFrom(
      ...[
        '(',
        ')',
        't',
        '\x85',
        '\x86',
        '\x87',
        ']',
        'a',
        'e',
        '}',
        's',
        'u',
        '\x8f',
        'N',
        '\x88',
        '\x89',
        'R',
        '\x81',
        'b',
        'Q',
        '.',
      ],
    ),
    fc.tuple(fc.constantFrom('K', 'q', 'h'), argument).map(parts => parts.join('')),
    fc.constantFrom(
      'U\x01a',
      'U\x010',
      'U\x07storage',
      'U\x03cpu',
      'M\x01\0',
      'J\xff\xff\xff\xff',
      '\x8a\x01\x05',
      'G\0\0\0\0\0\0\0\0',
      'X\x01\0\0\0b',
    ),
    fc.constantFrom(
      'ccollections\nOrderedDict\n',
      'ctorch._utils\n_rebuild_tensor_v2\n',
      'ctorch._utils\n_rebuild_parameter\n',
      'ctorch\nFloatStorage\n',
      'ctorch\nSize\n',
    ),
    fc.constant('(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x04tQ'),
    fc.constant(
      'ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x04tQK\0K\x02K\x02\x86K\x02K\x01\x86\x89}tR',
    ),
  )
  const program = fc.array(opcode, { maxLength: 40 }).map(parts => Buffer.from(`${parts.join('')}.`, 'latin1'))

  it('give a typed error or a value', () => {
    let values = 0
    fc.assert(
      fc.property(program, bytes => {
        if (checkPickle(bytes)) values++
        checkPytorch(
          storedZip([
            { name: 'a/data.pkl', data: bytes },
            { name: 'a/data/0', data: new Uint8Array(16) },
          ]),
        )
      }),
      { seed: 4, numRuns: 3000 },
    )
    expect(values).toBeGreaterThan(50)
  })
})
