// Hostile and broken files: each gets the verdict and the error code of a table, beside the verdict of the Rust reference.
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openSafetensors, parseSafetensors } from '../../src/checkpoint/safetensors.ts'
import { FileError } from '../../src/errors.ts'
import { headerFile } from './headerFile.ts'

const folder = fileURLToPath(new URL('../hostile/safetensors/', import.meta.url))

/** The wanted code by the number of the file; a number of tensors for files to be accepted. */
const wanted: Readonly<Record<string, string | number>> = {
  '00': 1,
  '01': 'HEADER_TOO_SMALL',
  '02': 'HEADER_TOO_SMALL',
  '03': 'HEADER_JSON',
  '04': 'HEADER_LENGTH',
  '05': 'HEADER_TOO_LARGE',
  '06': 'HEADER_TOO_LARGE',
  '07': 'HEADER_TOO_LARGE',
  '08': 'HEADER_UTF8',
  '09': 'HEADER_UTF8',
  '10': 'HEADER_JSON',
  '11': 'HEADER_JSON',
  '12': 'HEADER_JSON',
  '13': 0,
  '14': 'TRAILING_BYTES',
  '15': 0,
  '16': 0,
  '17': 'HEADER_JSON',
  '18': 'HEADER_JSON',
  '19': 'TRAILING_BYTES',
  '20': 'TRUNCATED',
  '21': 'OVERLAP',
  '22': 'OVERLAP',
  '23': 'HOLE',
  '24': 'HOLE',
  '25': 'BAD_OFFSETS',
  '26': 'BAD_OFFSETS',
  '27': 'BAD_NUMBER',
  '28': 'BAD_NUMBER',
  '29': 'BAD_NUMBER',
  '30': 'BAD_NUMBER',
  '31': 'BAD_OFFSETS',
  '32': 'BAD_OFFSETS',
  '33': 'SIZE_MISMATCH',
  '34': 'OVERFLOW',
  '35': 'OVERFLOW',
  '36': 'BAD_SHAPE',
  '37': 'BAD_SHAPE',
  '38': 'BAD_SHAPE',
  '39': 'BAD_SHAPE',
  '40': 1,
  '41': 1,
  '42': 'OVERFLOW',
  '43': 'OVERFLOW',
  '44': 'BAD_DTYPE',
  '45': 'BAD_DTYPE',
  '46': 'MISSING_FIELD',
  '47': 'MISSING_FIELD',
  '48': 1,
  '49': 'DUPLICATE_KEY',
  '50': 'DUPLICATE_KEY',
  '51': 'DUPLICATE_KEY',
  '52': 1,
  '53': 'BAD_METADATA',
  '54': 'BAD_METADATA',
  '55': 1,
  '56': 'BAD_METADATA',
  '57': 'DUPLICATE_KEY',
  '58': 1,
  '59': 1,
  '60': 1,
  '61': 1,
  '62': 'HEADER_JSON',
  '63': 'MISSING_FIELD',
  '64': 'MISSING_FIELD',
  '65': 2,
  '66': 2,
  '67': 1,
  '68': 'MISALIGNED',
  '69': 1,
  '70': 1,
  '71': 1,
  '72': 1,
  '73': 'HEADER_JSON',
  '74': 'BAD_SHAPE',
  '75': 'HEADER_JSON',
  '76': 'HEADER_JSON',
  '77': 'HEADER_JSON',
  '78': 'LFS_POINTER',
  '79': 'NOT_SAFETENSORS',
  '80': 'NOT_SAFETENSORS',
  '81': 1,
  '82': 'BAD_NUMBER',
  '83': 'HEADER_JSON',
  '84': 'OVERFLOW',
}

/** Files that the reference accepts and Vitrine refuses: sizes above 2^53 - 1, a name twice, a tensor as an array, 10,000 dims. */
const stricter = ['43', '50', '64', '74', '84']

interface OracleCase {
  /** The number of the file, and what is wrong with it. */
  readonly name: string
  /** The tensors that the reference reads, by name, or its error. */
  readonly rust: string | readonly (readonly [name: string, dtype: string, shape: number[]])[]
}

const oracle = JSON.parse(fs.readFileSync(`${folder}oracle.json`, 'utf8')) as OracleCase[]
const numbers = Object.keys(wanted).sort()

/** The code of the error, or the number of tensors. */
function verdict(open: () => { tensors: ReadonlyMap<string, unknown> }): string | number {
  try {
    return open().tensors.size
  } catch (error) {
    if (error instanceof FileError) return error.code
    throw error
  }
}

function refusal(number: string): FileError {
  try {
    openSafetensors(`${folder}${number}.safetensors`)
  } catch (error) {
    if (error instanceof FileError) return error
    throw error
  }
  throw new Error(`${number} was accepted`)
}

describe('hostile safetensors files', () => {
  it('are all in the table', () => {
    const found = fs.readdirSync(folder).filter(name => name.endsWith('.safetensors'))
    expect(found.sort()).toEqual(numbers.map(number => `${number}.safetensors`))
    expect(oracle.map(each => each.name.slice(0, 2))).toEqual(numbers)
  })

  it.each(oracle.map(({ name }) => name))('%s', name => {
    const number = name.slice(0, 2)
    const path = `${folder}${number}.safetensors`
    expect(verdict(() => openSafetensors(path))).toBe(wanted[number])
    expect(verdict(() => parseSafetensors(fs.readFileSync(path)))).toBe(wanted[number])
  })

  it.each(oracle.map(each => [each.name, each] as const))('agrees with the Rust reference: %s', (name, { rust }) => {
    const number = name.slice(0, 2)
    const taken = typeof wanted[number] === 'number'
    expect(taken).toBe(typeof rust !== 'string' && !stricter.includes(number))
    if (!taken) return
    const file = openSafetensors(`${folder}${number}.safetensors`)
    const ours = [...file.tensors].map(([tensor, { dtype, shape }]) => [tensor, dtype, shape])
    file.close()
    expect(ours.sort()).toEqual(rust)
  })

  it('are refused by the reference too, but for five', () => {
    const taken = oracle.filter(({ rust }) => typeof rust !== 'string').map(({ name }) => name.slice(0, 2))
    expect(taken.filter(number => typeof wanted[number] === 'string')).toEqual(stricter)
    expect(taken.length).toBe(26)
  })

  it('give errors that say which file, what was wrong and what to do', () => {
    const refused = numbers.filter(number => typeof wanted[number] === 'string')
    expect(refused.length).toBeGreaterThan(60)
    for (const number of refused) {
      const error = refusal(number)
      const path = `${folder}${number}.safetensors`
      expect(error.message).toMatch(/\(.+\)$/)
      expect(error.message.startsWith(path)).toBe(true)
      expect(error.message.length).toBeLessThan(500 + path.length)
      expect(error.fields.file).toBe(path)
    }
  })

  it.each([
    ['20', { expected: 81, got: 79 }, /download cut/],
    ['22', { tensor: 'b', field: 'data_offsets', expected: 16, got: 8 }, /inside another tensor/],
    ['23', { tensor: 'b', field: 'data_offsets', expected: 16, got: 20 }, /unused bytes/],
    ['33', { tensor: 'a', expected: 24, got: 16 }, /shape \(2, 3\)/],
    ['36', { tensor: 'a', field: 'shape' }, /the dim -2/],
    ['45', { tensor: 'a', field: 'dtype', got: 'f32' }, /did you mean F32\? known are BOOL, F4/],
    ['46', { tensor: 'a', field: 'dtype' }, /has no dtype/],
    ['73', { position: 185 }, /127 objects and arrays/],
    ['78', {}, /git lfs pull/],
    ['79', {}, /an HTML page.*captive portal/],
    ['80', {}, /a zip file.*PyTorch/],
  ])('%s: names the place', (number, fields, message) => {
    const error = refusal(number)
    expect(error.fields).toMatchObject(fields)
    expect(error.message).toMatch(message)
  })

  it('leave Object.prototype alone and keep such names as they are', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    for (const [number, name] of Object.entries({ 58: '__proto__', 59: 'constructor', 60: '', 61: 'a\0\nb' })) {
      const file = openSafetensors(`${folder}${number}.safetensors`)
      expect([...file.tensors.keys()]).toEqual([name])
      expect(file.source(name).shape).toEqual([2, 2])
      file.close()
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    expect(({} as { dtype?: unknown }).dtype).toBeUndefined()
  })
})

describe('headers written by hand', () => {
  const info = '"dtype":"U8","shape":[0],"data_offsets":[0,0]'
  const nested = (depth: number) => `{"a":{${info},"x":${'['.repeat(depth)}${']'.repeat(depth)}}}`

  /** Checked with the reference; where it differs the title says so. */
  it.each([
    ['a shape twice', `{"a":{${info},"shape":[0]}}`, 'DUPLICATE_KEY'],
    ['data_offsets twice', `{"a":{${info},"data_offsets":[0,0]}}`, 'DUPLICATE_KEY'],
    ['an ignored field twice', `{"a":{${info},"x":1,"x":2}}`, 1],
    ['a key of metadata twice (the reference keeps the last)', '{"__metadata__":{"a":"1","a":"2"}}', 'DUPLICATE_KEY'],
    ['no data_offsets', '{"a":{"dtype":"U8","shape":[0]}}', 'MISSING_FIELD'],
    ['a dtype that is a number', '{"a":{"dtype":5,"shape":[0],"data_offsets":[0,0]}}', 'BAD_DTYPE'],
    ['a dtype as an object (the reference takes it)', `{"a":{"dtype":{"U8":null},${info.slice(13)}}}`, 'BAD_DTYPE'],
    ['escapes in a field and in a dtype', `{"a":{"\\u0064type":"\\u00558",${info.slice(13)}}}`, 1],
    ['data_offsets that are no array', '{"a":{"dtype":"U8","shape":[0],"data_offsets":{}}}', 'BAD_OFFSETS'],
    ['an offset of 2^53', '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,9007199254740992]}}', 'BAD_NUMBER'],
    [
      'large dims behind a 0 (the reference takes them)',
      `{"a":{${info.replace('[0]', '[0,1099511627776,1099511627776]')}}}`,
      'OVERFLOW',
    ],
    ['a number above float64 in an ignored field', `{"a":{${info},"x":1e999}}`, 'HEADER_JSON'],
    ['control characters', `{"a\x1f":{${info}}}`, 'HEADER_JSON'],
    ['no-break space before it', '\u00a0{}', 'HEADER_JSON'],
    ['values 127 deep', nested(125), 1],
    ['values 128 deep', nested(126), 'HEADER_JSON'],
    [
      'empty tensors at both ends of another',
      '{"c":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[0],"data_offsets":[1,1]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      3,
    ],
  ])('%s', (_, header, code) => {
    const data = typeof code === 'number' && code > 1 ? 1 : 0
    expect(verdict(() => parseSafetensors(headerFile(header, data)))).toBe(code)
  })
})
