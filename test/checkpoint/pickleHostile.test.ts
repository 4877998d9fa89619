// Hostile pickles: each gets the verdict and the code of a table; nothing in them is run, and what torch loads is loaded.
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { PickleList, type PickleValue } from '../../src/checkpoint/pytorch/pickleValue.ts'
import { unpickle } from '../../src/checkpoint/pytorch/unpickler.ts'
import { openPytorch, parsePytorch } from '../../src/checkpoint/pytorch.ts'
import { FileError } from '../../src/errors.ts'
import { storedZip } from './storedZip.ts'

const folder = fileURLToPath(new URL('../hostile/pickle/', import.meta.url))

/** The wanted code by the number of the file, read as weights; a number of tensors for files to be accepted. */
const wanted: Readonly<Record<string, string | number>> = {
  '00': 1,
  '01': 1,
  '02': 'TRUNCATED',
  '03': 'TRUNCATED',
  '04': 'TRUNCATED',
  '05': 'FORBIDDEN_GLOBAL',
  '06': 'FORBIDDEN_GLOBAL',
  '07': 'FORBIDDEN_GLOBAL',
  '08': 'FORBIDDEN_GLOBAL',
  '09': 'FORBIDDEN_OPCODE',
  '10': 'FORBIDDEN_OPCODE',
  '11': 'FORBIDDEN_GLOBAL',
  '12': 'FORBIDDEN_GLOBAL',
  '13': 'FORBIDDEN_OPCODE',
  '14': 'FORBIDDEN_OPCODE',
  '15': 'BAD_PICKLE',
  '16': 0,
  '17': 'BAD_MEMO',
  '18': 'FORBIDDEN_OPCODE',
  '19': 'BAD_PICKLE',
  '20': 'BAD_PICKLE',
  '21': 'STACK_UNDERFLOW',
  '22': 'STACK_UNDERFLOW',
  '23': 'BAD_PICKLE',
  '24': 'BAD_PICKLE',
  '25': 'BAD_PICKLE',
  '26': 'MISSING_STORAGE',
  '27': 'MISSING_STORAGE',
  '28': 'SIZE_MISMATCH',
  '29': 'OUT_OF_BOUNDS',
  '30': 'OUT_OF_BOUNDS',
  '31': 'BAD_SHAPE',
  '32': 'BAD_SHAPE',
  '33': 'BAD_SHAPE',
  '34': 'TOO_LARGE',
  '35': 'BAD_SHAPE',
  '36': 'FORBIDDEN_GLOBAL',
  '37': 'SIZE_MISMATCH',
  '38': 0,
  '39': 'CYCLE',
  '40': 'DEPTH',
  '41': 'TOO_LARGE',
  '42': 'NOT_STATE_DICT',
  '43': 'TRUNCATED',
  '44': 'FORBIDDEN_OPCODE',
  '45': 0,
  '46': 'BAD_PICKLE',
  '47': 'TRAILING_BYTES',
  '48': 'NOT_STATE_DICT',
  '49': 0,
  '50': 'DUPLICATE_KEY',
  '51': 'BAD_PICKLE',
  '52': 1,
  '53': 'FORBIDDEN_GLOBAL',
  '54': 2,
  '55': 'BAD_ARGS',
}

/** Files that torch loads and Vitrine refuses: a view that repeats, a cycle, depth, a long number, protocol 9, a second pickle, no dict, a key twice. */
const stricter = ['34', '39', '40', '41', '42', '46', '47', '48', '50']

const oracle = JSON.parse(fs.readFileSync(`${folder}oracle.json`, 'utf8')) as {
  name: string
  key: string
  torch: string
}[]
const emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()
const pathOf = (number: string): string => `${folder}${number}.bin`

function verdict(number: string): string | number {
  try {
    using file = openPytorch(pathOf(number))
    return file.tensors.size
  } catch (error) {
    if (error instanceof FileError) return error.code
    throw error
  }
}

function refusal(number: string): FileError {
  try {
    openPytorch(pathOf(number))
  } catch (error) {
    if (error instanceof FileError) return error
  }
  throw new Error(`${number} was accepted`)
}

describe('hostile pickles', () => {
  it('are all in the table', () => {
    expect(oracle.map(({ key }) => key)).toEqual(Object.keys(wanted).sort())
  })

  it.each(oracle.map(({ name, key }) => [name, key]))('%s', (_, key) => {
    const start = performance.now()
    expect(verdict(key)).toBe(wanted[key])
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('are refused where torch refuses, and else but for nine', () => {
    const taken = oracle.filter(({ torch }) => torch.startsWith('OK')).map(({ key }) => key)
    const ours = Object.keys(wanted).filter(key => typeof wanted[key] === 'number')
    expect(ours.filter(key => !taken.includes(key))).toEqual([])
    expect(taken.filter(key => !ours.includes(key))).toEqual(stricter)
  })

  it.each([
    ['05', { got: 'os.system', position: 2 }, /nothing was run/],
    ['09', { got: 0x8c, position: 2 }, /opcode 0x8c.*torch\.save/],
    ['28', { tensor: 'w', expected: 4000, got: 16 }, /16 bytes, not of the 4000/],
    ['29', { expected: 4, got: 8 }, /reaches element 8/],
    ['46', { got: 9 }, /protocol 9/],
  ])('%s: the error names the place', (number, fields, message) => {
    const error = refusal(number)
    expect(error.fields).toMatchObject({ file: pathOf(number), ...fields })
    expect(error.message).toMatch(message)
    expect(error.message).toMatch(/\(.+\)$/)
  })

  it('leave the numbers of good ones as torch has them', () => {
    for (const [number, name] of [
      ['00', 'w'],
      ['01', 'w'],
      ['52', 'w'],
      ['54', 'a'],
      ['54', 'b'],
    ] as const) {
      using file = openPytorch(pathOf(number))
      const numbers = new Float32Array(4)
      file.source(name).read(new Uint8Array(numbers.buffer), 0)
      expect([...numbers]).toEqual([1, 2, 3, 4])
      file.verify()
    }
    expect(openPytorch(pathOf('54')).aliases).toEqual(new Map([['b', 'a']]))
  })

  it('leave Object.prototype alone', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    for (const number of Object.keys(wanted)) verdict(number)
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('say once what they hold that is no tensor', () => {
    verdict('49')
    const messages = emitted.mock.calls
      .map(([message]) => String(message))
      .filter(message => message.includes('49.bin'))
    expect(messages).toEqual([expect.stringContaining('"w" is no tensor and left out')])
  })

  it('warn of a protocol that torch does not write', () => {
    verdict('45')
    const messages = emitted.mock.calls
      .map(([message]) => String(message))
      .filter(message => message.includes('45.bin'))
    expect(messages).toEqual([expect.stringContaining('has the protocol 5')])
  })

  it('start no process and load no module: the reader has nothing to do it with', () => {
    const source = fileURLToPath(new URL('../../src/checkpoint/pytorch/', import.meta.url))
    for (const name of fs.readdirSync(source)) {
      const text = fs.readFileSync(source + name, 'utf8')
      expect(text).not.toMatch(
        /\bimport\(|\brequire\(|child_process|node:vm|node:fs|Reflect\.|globalThis|\beval\b|Function\(/,
      )
    }
  })

  it('may append 300,000 items at once', () => {
    const value = unpickle(fs.readFileSync(`${folder}99.pkl`), '99.pkl')
    expect(value).toBeInstanceOf(PickleList)
    expect((value as PickleList).items.length).toBe(300_000)
  })

  it('reads a negative LONG1 as Python does', () => {
    expect(unpickle(fs.readFileSync(`${folder}42.pkl`), '42.pkl')).toBe(-1)
  })
})

const bytes = (...parts: (string | number)[]): Uint8Array =>
  new Uint8Array(
    Buffer.concat(parts.map(part => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part, 'latin1')))),
  )

const codeOf = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    if (error instanceof FileError) return error.code
    throw error
  }
}

describe('pickles made by hand', () => {
  it.each<[string, Uint8Array, PickleValue]>([
    ['-5', bytes('J\xfb\xff\xff\xff.'), -5],
    ['65535', bytes('M\xff\xff.'), 65535],
    ['1.5', bytes('G\x3f\xf8\0\0\0\0\0\0.'), 1.5],
    ['2^53 - 1', bytes('\x8a\x07\xff\xff\xff\xff\xff\xff\x1f.'), 2 ** 53 - 1],
    ['2^62', bytes('\x8a\x08\0\0\0\0\0\0\0\x40.'), 2n ** 62n],
    ['0 in no bytes', bytes('\x8a\0.'), 0],
    ['a short text', bytes('U\x02ab.'), 'ab'],
    ['None', bytes('N.'), null],
    ['True', bytes('\x88.'), true],
    ['False', bytes('\x89.'), false],
    ['a long memo', bytes('K\x07r\0\0\x01\0Nj\0\0\x01\0.'), 7],
  ])('%s', (_, pickle, value) => {
    expect(unpickle(pickle, 'made')).toBe(value)
  })

  it.each<[string, Uint8Array, string]>([
    ['a key that is a list', bytes('}]N s.'.replace(' ', '')), 'BAD_PICKLE'],
    ['a call of a text', bytes('U\x01a)R.'), 'BAD_PICKLE'],
    ['a call of a storage class', bytes('ctorch\nFloatStorage\n)R.'), 'BAD_ARGS'],
    ['a call with a list', bytes('ccollections\nOrderedDict\n]R.'), 'BAD_ARGS'],
    ['an OrderedDict of a number', bytes('ccollections\nOrderedDict\n(K\x01tR.'), 'BAD_ARGS'],
    ['an OrderedDict of no pairs', bytes('ccollections\nOrderedDict\n(](K\x01etR.'), 'BAD_ARGS'],
    ['a torch.Size of texts', bytes('ctorch\nSize\n(U\x01at\x85R.'), 'BAD_ARGS'],
    ['a parameter of nothing', bytes('ctorch._utils\n_rebuild_parameter\n(N\x88}tR.'), 'BAD_ARGS'],
    ['a storage of a class that is none', bytes('(U\x07storagectorch\nSize\nU\x010U\x03cpuK\x01tQ.'), 'BAD_ARGS'],
    [
      'a storage of negative length',
      bytes('(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuJ\xff\xff\xff\xfftQ.'),
      'BAD_SHAPE',
    ],
    [
      'a storage without end',
      bytes('(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpu\x8a\x08\0\0\0\0\0\0\0\x40tQ.'),
      'TOO_LARGE',
    ],
    ['a module name without end', bytes(`c${'a'.repeat(2000)}`), 'BAD_PICKLE'],
    ['a dotted name that only looks right', bytes('ctorch._utils._rebuild_tensor_v2\n\n.'), 'FORBIDDEN_GLOBAL'],
    ['an inherited name', bytes('cconstructor\nname\n.'), 'FORBIDDEN_GLOBAL'],
    ['remembering nothing', bytes('q\0.'), 'STACK_UNDERFLOW'],
    ['an end without a value', bytes('.'), 'STACK_UNDERFLOW'],
  ])('%s', (_, pickle, code) => {
    expect(codeOf(() => unpickle(pickle, 'made'))).toBe(code)
  })

  it('OrderedDict of pairs, as Python 2 wrote it, and torch.Size', () => {
    const dict = unpickle(bytes('ccollections\nOrderedDict\n(](](U\x01aK\x05eetR.'), 'made') as {
      entries: Map<string, unknown>
    }
    expect([...dict.entries]).toEqual([['a', 5]])
    expect(unpickle(bytes('ctorch\nSize\n(K\x02K\x03t\x85R.'), 'made')).toMatchObject({ items: [2, 3] })
  })

  it('values that share their parts count once, and depth where they lie deepest', () => {
    const doubled = (times: number) =>
      storedZip([{ name: 'a/data.pkl', data: bytes('}U\x01aK\x01', 'q\0h\0\x86'.repeat(times), 's.') }])
    expect(codeOf(() => parsePytorch(doubled(900)).tensors.size)).toBe(0)
    expect(codeOf(() => parsePytorch(doubled(1100)))).toBe('DEPTH')
  })

  it('more than 10 million opcodes are too many', () => {
    const start = performance.now()
    expect(codeOf(() => unpickle(new Uint8Array(10_000_001).fill(0x28), 'made'))).toBe('TOO_LARGE')
    expect(performance.now() - start).toBeLessThan(20_000)
  })
})
