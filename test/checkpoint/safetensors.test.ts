// Opening good safetensors files and reading them in pieces, and what happens to files that are not there or change.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openSafetensors, parseSafetensors } from '../../src/checkpoint/safetensors.ts'
import { encodeSafetensors } from '../../src/checkpoint/safetensorsWriter.ts'
import { FileError } from '../../src/errors.ts'
import { headerFile } from './headerFile.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const folder = temporaryFolder()

const small = encodeSafetensors(
  [
    ['transformer.wte.weight', { dtype: 'F32', shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, 6]) }],
    ['transformer.wpe.weight', { dtype: 'F16', shape: [2], data: new Uint16Array([0x3c00, 0xc000]) }],
    ['flag', { dtype: 'BOOL', shape: [], data: new Uint8Array([1]) }],
  ],
  { format: 'pt' },
)

function write(name: string, bytes: Uint8Array): string {
  const file = path.join(folder, name)
  fs.writeFileSync(file, bytes)
  return file
}

function refusal(run: () => unknown): FileError {
  try {
    run()
  } catch (error) {
    if (error instanceof FileError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

afterEach(() => vi.restoreAllMocks())

describe('SafetensorsFile', () => {
  it('lists tensors in the order of their bytes, with their places', () => {
    const file = openSafetensors(write('small.safetensors', small))
    const dataStart = small.length - 29
    expect([...file.tensors]).toEqual([
      ['transformer.wte.weight', { dtype: 'F32', shape: [2, 3], offset: dataStart, byteLength: 24 }],
      ['transformer.wpe.weight', { dtype: 'F16', shape: [2], offset: dataStart + 24, byteLength: 4 }],
      ['flag', { dtype: 'BOOL', shape: [], offset: dataStart + 28, byteLength: 1 }],
    ])
    expect([...file.metadata]).toEqual([['format', 'pt']])
    expect(file.name).toBe(path.join(folder, 'small.safetensors'))
    file.close()
  })

  it.each([
    ['a file', () => openSafetensors(write('pieces.safetensors', small))],
    ['bytes', () => parseSafetensors(small)],
  ])('reads pieces of %s into the memory that is handed in, shared memory too', (_, open) => {
    const file = open()
    const source = file.source('transformer.wte.weight')
    expect([source.dtype, source.shape]).toEqual(['F32', [2, 3]])
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
    const numbers = new Float32Array(memory.buffer, 64, 8).fill(-1)
    source.read(new Uint8Array(memory.buffer, 64 + 4, 16), 8)
    expect([...numbers]).toEqual([-1, 3, 4, 5, 6, -1, -1, -1])
    source.read(new Uint8Array(0), 24)
    file.close()
  })

  it('refuses to read outside a tensor', () => {
    const source = parseSafetensors(small).source('transformer.wpe.weight')
    for (const [length, offset] of [
      [5, 0],
      [1, 4],
      [1, -1],
      [1, 0.5],
      [1, Number.NaN],
    ] as const) {
      expect(refusal(() => source.read(new Uint8Array(length), offset)).code).toBe('OUT_OF_BOUNDS')
    }
  })

  it.each([
    ['wte.weight', ['transformer.wte.weight'], 'did you mean "transformer.wte.weight"?'],
    ['base.transformer.wpe.weight', ['transformer.wpe.weight'], 'did you mean "transformer.wpe.weight"?'],
    ['flags', ['flag'], 'did you mean "flag"?'],
    ['something.else.altogether', [], '3 tensors'],
    ['__proto__', [], '3 tensors'],
  ])('names the nearest tensors to %s', (name, nearest, hint) => {
    const error = refusal(() => parseSafetensors(small, 'small').source(name))
    expect(error.code).toBe('MISSING_TENSOR')
    expect(error.fields).toMatchObject({ file: 'small', tensor: name, nearest })
    expect(error.message).toContain(hint)
  })

  it('lists tensors it cannot compute with and refuses their numbers', () => {
    const header = '{"x":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]}}'
    const file = parseSafetensors(headerFile(header, 3))
    expect(file.tensors.get('x')).toMatchObject({ dtype: 'F8_E4M3', byteLength: 3 })
    const error = refusal(() => file.source('x'))
    expect([error.code, error.fields.tensor, error.fields.got]).toEqual(['UNSUPPORTED_DTYPE', 'x', 'F8_E4M3'])
  })

  it('escapes what could steer a terminal', () => {
    const header = '{"\\u001b]0;x\\u0007\u009b\u202e\\ud83d\\ude00":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}}'
    const error = refusal(() => parseSafetensors(headerFile(header, 1)))
    expect(error.code).toBe('SIZE_MISMATCH')
    expect(error.message).toContain('"\\u001b]0;x\\u0007\\u009b\\u202e😀"')
    expect(error.fields.tensor).toBe('\u001b]0;x\u0007\u009b\u202e😀')
  })

  it('closes the file: by close, at the end of its scope, and when it is refused', () => {
    const good = write('good.safetensors', small)
    const bad = write('bad.safetensors', small.subarray(0, -1))
    const opened = vi.spyOn(fs, 'openSync')
    const closed = vi.spyOn(fs, 'closeSync')
    const file = openSafetensors(good)
    const source = file.source('flag')
    expect(closed).toHaveBeenCalledTimes(0)
    file.close()
    file.close()
    expect(refusal(() => source.read(new Uint8Array(1), 0)).code).toBe('FILE_CLOSED')
    openSafetensors(good)[Symbol.dispose]()
    for (let i = 0; i < 10; i++) expect(refusal(() => openSafetensors(bad)).code).toBe('TRUNCATED')
    expect(opened).toHaveBeenCalledTimes(12)
    const descriptors = opened.mock.results.map(({ value }) => value as number)
    expect(closed.mock.calls).toEqual(descriptors.map(fd => [fd]))
  })
})

describe('files that cannot be opened or change', () => {
  it('tells a missing file from a folder', () => {
    const missing = refusal(() => openSafetensors(path.join(folder, 'none.safetensors')))
    expect([missing.code, missing.fields.file]).toEqual(['FILE_MISSING', path.join(folder, 'none.safetensors')])
    const inside = path.join(write('plain', small), 'model.safetensors')
    expect(refusal(() => openSafetensors(inside)).code).toBe('FILE_MISSING')
    expect(refusal(() => openSafetensors(folder)).code).toBe('NOT_A_FILE')
  })

  it.skipIf(process.platform === 'win32')('does not wait for a pipe (Windows has none with a path)', () => {
    const pipe = path.join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(refusal(() => openSafetensors(pipe)).code).toBe('NOT_A_FILE')
  })

  it('says that the permission is missing', () => {
    const file = write('secret.safetensors', small)
    vi.spyOn(fs, 'openSync').mockImplementation(() => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
    })
    const error = refusal(() => openSafetensors(file))
    expect([error.code, error.fields.reason]).toEqual(['FILE_UNREADABLE', 'EACCES'])
    expect(error.message).toMatch(/permission to read/)
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('reports an error of the disk, and goes on after short reads', () => {
    const file = openSafetensors(write('slow.safetensors', small))
    const source = file.source('transformer.wte.weight')
    const readSync = fs.readSync
    const short = vi
      .spyOn(fs, 'readSync')
      .mockImplementation(((fd: number, target: Uint8Array, start: number, _, at) =>
        readSync(fd, target, start, 1, at)) as typeof fs.readSync)
    const bytes = new Uint8Array(24)
    source.read(bytes, 0)
    expect([...new Float32Array(bytes.buffer)]).toEqual([1, 2, 3, 4, 5, 6])
    expect(short).toHaveBeenCalledTimes(24)
    short.mockImplementation(() => {
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
    })
    expect(refusal(() => source.read(bytes, 0)).code).toBe('FILE_UNREADABLE')
    file.close()
  })

  it('notices a file that shrinks while it is open', () => {
    const path = write('shrinking.safetensors', small)
    const file = openSafetensors(path)
    const source = file.source('transformer.wte.weight')
    fs.truncateSync(path, small.length - 10)
    const error = refusal(() => source.read(new Uint8Array(24), 0))
    expect(error.code).toBe('TRUNCATED')
    expect(error.fields).toMatchObject({ file: path, expected: small.length - 5, got: small.length - 10 })
    file.close()
  })

  it('reads 5 GB lazily', () => {
    const size = 5 * 2 ** 30
    const header = `{"big":{"dtype":"U8","shape":[${size}],"data_offsets":[0,${size}]}}`
    const start = headerFile(header)
    const path = write('big.safetensors', start)
    fs.truncateSync(path, start.length + size)
    const fd = fs.openSync(path, 'r+')
    fs.writeSync(fd, new Uint8Array([7, 8, 9]), 0, 3, start.length + size - 3)
    fs.closeSync(fd)
    const file = openSafetensors(path)
    expect(file.tensors.get('big')?.byteLength).toBe(size)
    const end = new Uint8Array(4)
    file.source('big').read(end, size - 4)
    expect([...end]).toEqual([0, 7, 8, 9])
    file.close()
  })
})
