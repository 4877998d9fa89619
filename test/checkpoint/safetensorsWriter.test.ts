// Writing safetensors files: byte for byte as the Python library, and whole or not at all.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ReferenceBackend } from '../../src/backends/reference.ts'
import { openSafetensors, parseSafetensors } from '../../src/checkpoint/safetensors.ts'
import {
  encodeSafetensors,
  type NamedTensors,
  type TensorData,
  writeSafetensors,
} from '../../src/checkpoint/safetensorsWriter.ts'
import type { FileDType } from '../../src/dtype.ts'
import { FileError } from '../../src/errors.ts'
import { Linear } from '../../src/nn/linear.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const golden = fileURLToPath(new URL('../golden/', import.meta.url))
const folder = temporaryFolder()

interface Written {
  readonly name: string
  readonly tensors: readonly [name: string, tensor: { dtype: FileDType; shape: number[]; data: string }][]
  readonly metadata: Record<string, string> | null
  /** Base64. */
  readonly file: string
}

const written = JSON.parse(fs.readFileSync(`${golden}safetensors/written.json`, 'utf8')) as Written[]

const one = (values: number[]): TensorData => ({ dtype: 'U8', shape: [values.length], data: new Uint8Array(values) })

function refusal(run: () => unknown): FileError {
  try {
    run()
  } catch (error) {
    if (error instanceof FileError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** An error as node:fs throws it. */
function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: 'write' })
}

afterEach(() => vi.restoreAllMocks())

describe('encodeSafetensors', () => {
  it.each(written.map(each => [each.name, each] as const))('writes what Python writes: %s', (_, each) => {
    const tensors = each.tensors.map(
      ([name, { dtype, shape, data }]) => [name, { dtype, shape, data: Buffer.from(data, 'hex') }] as const,
    )
    const file = encodeSafetensors(tensors.reverse(), each.metadata ?? undefined)
    expect(Buffer.from(file).toString('latin1')).toBe(Buffer.from(each.file, 'base64').toString('latin1'))
  })

  it('writes the state_dict of a model as it is', () => {
    const model = new Linear(3, 2, { bias: false })
    const values = Float32Array.of(1, 2, 3, 4, 5, 6)
    using backend = new ReferenceBackend()
    model.weight.value = backend.tensor(values, { shape: [2, 3] })
    const file = encodeSafetensors(model.state_dict())
    expect(file).toEqual(encodeSafetensors([['weight', { dtype: 'F32', shape: [2, 3], data: values }]]))
    const ids = encodeSafetensors([['ids', backend.arange(2)]])
    expect(ids).toEqual(encodeSafetensors([['ids', { dtype: 'I32', shape: [2], data: Int32Array.of(0, 1) }]]))
  })

  it('refuses a dtype that files do not have', () => {
    const wrong = { dtype: 'F99' as FileDType, shape: [1], data: new Uint8Array(1) }
    const error = refusal(() => encodeSafetensors([['a', wrong]]))
    expect(error).toMatchObject({ code: 'BAD_DTYPE' })
    expect(error.message).toContain("'F99'")
  })

  it.each(['gpt2-lm/model', 'gpt2-lm/bf16/model', 'bert-seqcls/f16/model'])('writes %s as it was', name => {
    const bytes = fs.readFileSync(`${golden}weights/${name}.safetensors`)
    const file = parseSafetensors(bytes)
    const tensors = [...file.tensors.keys()].map(key => {
      const { dtype, shape, read } = file.source(key)
      const data = new Uint8Array(file.tensors.get(key)!.byteLength)
      read(data, 0)
      return [key, { dtype, shape, data }] as const
    })
    expect(Buffer.from(encodeSafetensors(tensors, file.metadata)).equals(bytes)).toBe(true)
  })

  it('sorts metadata, of a Map or an object', () => {
    const sorted = Buffer.from(encodeSafetensors([], { b: '2', '\u{1f600}': '3', '\uffff': '4', a: '1' }))
    expect(sorted.subarray(8).toString()).toMatch(
      /^\{"__metadata__":\{"a":"1","b":"2","\uffff":"4","\u{1f600}":"3"\}\} *$/u,
    )
    const map = new Map([
      ['b', '2'],
      ['__proto__', '5'],
    ])
    expect([...parseSafetensors(encodeSafetensors([], map)).metadata]).toEqual([
      ['__proto__', '5'],
      ['b', '2'],
    ])
  })

  it('takes any view, at any byte, also of shared memory', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(9)).fill(5)
    const file = encodeSafetensors([
      ['numbers', { dtype: 'F32', shape: [1], data: new Float32Array([1, 2, 3]).subarray(1, 2) }],
      ['bytes', { dtype: 'I16', shape: [2, 2], data: shared.subarray(1) }],
    ])
    expect([...file.subarray(-12)]).toEqual([0, 0, 0, 64, 5, 5, 5, 5, 5, 5, 5, 5])
  })

  it.each<[string, NamedTensors]>([
    ['DUPLICATE_KEY', [...new Array(2)].map(() => ['a', one([1])] as const)],
    ['BAD_NAME', [['__metadata__', one([1])]]],
    ['BAD_NAME', [['a\ud800', one([1])]]],
    ['SIZE_MISMATCH', [['a', { dtype: 'F16', shape: [2], data: new Float32Array(2) }]]],
    ['BAD_SHAPE', [['a', { dtype: 'U8', shape: [1.5], data: new Uint8Array(1) }]]],
    ['BAD_SHAPE', [['a', { dtype: 'U8', shape: [-1, -1], data: new Uint8Array(1) }]]],
    ['BAD_SHAPE', [['a', { dtype: 'U8', shape: new Array<number>(9).fill(1), data: new Uint8Array(1) }]]],
    ['OVERFLOW', [['a', { dtype: 'U8', shape: [2 ** 30, 2 ** 30, 0], data: new Uint8Array(0) }]]],
  ])('refuses with %s what could not be read back', (code, tensors) => {
    const error = refusal(() => encodeSafetensors(tensors))
    expect([error.code, error.fields.tensor]).toEqual([code, [...tensors][0]?.[0]])
  })

  it('refuses metadata that could not be read back', () => {
    expect(refusal(() => encodeSafetensors([], { a: '\udc00' })).code).toBe('BAD_METADATA')
    expect(refusal(() => encodeSafetensors([], { '\ud800': 'a' })).code).toBe('BAD_METADATA')
    expect(refusal(() => encodeSafetensors([], JSON.parse('{"a":5}'))).code).toBe('BAD_METADATA')
  })

  it('refuses more tensors than the reader takes', () => {
    const empty: TensorData = { dtype: 'U8', shape: [0], data: new Uint8Array(0) }
    const tensors = Array.from({ length: 100_001 }, (_, i) => [String(i), empty] as const)
    expect(refusal(() => encodeSafetensors(tensors)).code).toBe('TOO_MANY_ENTRIES')
  })
})

describe('writeSafetensors', () => {
  it('writes the file and nothing beside it, with and without waiting for the disk', () => {
    const inside = fs.mkdtempSync(path.join(folder, 'good-'))
    const file = path.join(inside, 'model.safetensors')
    const fsync = vi.spyOn(fs, 'fsyncSync')
    writeSafetensors(file, new Map([['a', one([1, 2])]]), { format: 'pt' })
    expect(fsync).toHaveBeenCalledTimes(0)
    writeSafetensors(file, new Map([['a', one([3, 4])]]), undefined, { fsync: true })
    expect(fsync).toHaveBeenCalledTimes(1)
    expect(fs.readdirSync(inside)).toEqual(['model.safetensors'])
    expect(fs.readFileSync(file)).toEqual(Buffer.from(encodeSafetensors([['a', one([3, 4])]])))
  })

  it('goes on after short writes', () => {
    const file = path.join(folder, 'short.safetensors')
    const writeSync = fs.writeSync
    vi.spyOn(fs, 'writeSync').mockImplementation(((fd: number, piece: Uint8Array, start: number) =>
      writeSync(fd, piece, start, 1)) as typeof fs.writeSync)
    writeSafetensors(file, [['a', one([1, 2, 3])]])
    expect(openSafetensors(file).tensors.get('a')?.byteLength).toBe(3)
  })

  it.each([
    ['DISK_FULL', 'ENOSPC', 'writeSync'],
    ['FILE_UNWRITABLE', 'EIO', 'writeSync'],
    ['FILE_UNWRITABLE', 'EROFS', 'openSync'],
    ['FILE_UNWRITABLE', 'EACCES', 'renameSync'],
  ] as const)('leaves the old file alone when it fails: %s for %s in %s', (code, reason, call) => {
    const inside = fs.mkdtempSync(path.join(folder, 'bad-'))
    const file = path.join(inside, 'model.safetensors')
    writeSafetensors(file, [['a', one([1])]])
    const before = fs.readFileSync(file)
    const failing = vi.spyOn(fs, call).mockImplementation(() => {
      throw systemError(reason)
    })
    const error = refusal(() => writeSafetensors(file, [['a', one([2, 3])]]))
    failing.mockRestore()
    expect([error.code, error.fields.file]).toEqual([code, file])
    expect(fs.readdirSync(inside)).toEqual(['model.safetensors'])
    expect(fs.readFileSync(file)).toEqual(before)
  })

  it('says that the folder is missing, or that the place is taken by one', () => {
    const missing = refusal(() => writeSafetensors(path.join(folder, 'none', 'a.safetensors'), []))
    expect([missing.code, missing.fields.reason]).toEqual(['FILE_UNWRITABLE', 'ENOENT'])
    expect(missing.message).toMatch(/folder does not exist/)
    const taken = path.join(folder, 'taken')
    fs.mkdirSync(taken)
    expect(refusal(() => writeSafetensors(taken, [])).code).toBe('FILE_UNWRITABLE')
    expect(fs.readdirSync(folder).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  it('writes nothing when a tensor is refused', () => {
    const file = path.join(folder, 'refused.safetensors')
    const tensors: NamedTensors = [['a', { dtype: 'F32', shape: [1], data: new Uint8Array(3) }]]
    const error = refusal(() => writeSafetensors(file, tensors))
    expect([error.code, error.fields.file]).toEqual(['SIZE_MISMATCH', file])
    expect(fs.existsSync(file)).toBe(false)
  })
})
