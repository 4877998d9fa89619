// Files of torch.save: every tensor has the bytes that torch gives it, and what is no state dict is refused by name.
import fs from 'node:fs'
import { expect, test, vi } from 'vitest'
import { openPytorch, parsePytorch } from '../../src/checkpoint/pytorch.ts'
import { openSafetensors } from '../../src/checkpoint/safetensors.ts'
import type { Weights } from '../../src/checkpoint/weights.ts'
import { golden, goldenPath } from '../golden.ts'

interface Stored {
  readonly dtype: string
  readonly shape: number[]
  readonly bytes: string
}

const expected = golden<Record<string, string | Record<string, Stored>>>('pytorch/expected.json')
const pathOf = (name: string): string => goldenPath(`pytorch/${name}.bin`)
vi.spyOn(process, 'emitWarning').mockReturnValue()

/** Bytes of a tensor, read in pieces of `step`. */
function bytesOf(weights: Weights, name: string, step = 1 << 20): Buffer {
  const source = weights.source(name)
  const out = new Uint8Array(weights.tensors.get(name)!.byteLength)
  for (let at = 0; at < out.length; at += step) source.read(out.subarray(at, at + step), at)
  return Buffer.from(out)
}

test.each(Object.entries(expected).filter(([, value]) => typeof value !== 'string'))('%s.bin', (name, value) => {
  const wanted = Object.entries(value as Record<string, Stored>)
  using file = openPytorch(pathOf(name))
  file.verify()
  const found = [...file.tensors.keys()].map((key): [string, Stored] => {
    const { dtype, shape } = file.source(key)
    return [key, { dtype, shape: [...shape], bytes: bytesOf(file, key).toString('hex') }]
  })
  expect(found).toEqual(wanted)
  for (const [key, { bytes }] of wanted) expect(bytesOf(file, key, 3).toString('hex')).toBe(bytes)
})

test.each(Object.entries(expected).filter(([, value]) => typeof value === 'string'))(
  '%s.bin is refused: %s',
  (name, code) => {
    expect(() => openPytorch(pathOf(name))).toThrow(expect.objectContaining({ name: 'FileError', code }))
  },
)

test('what to do about refused files is in the message', () => {
  expect(() => openPytorch(pathOf('legacy'))).toThrow(/before 1\.6.*torch\.save\(torch\.load/)
  expect(() => openPytorch(pathOf('nested'))).toThrow(/one level deeper, in "model"/)
  expect(() => openPytorch(pathOf('script'))).toThrow(/TorchScript.*state_dict/)
  expect(() => openPytorch(pathOf('whole_module'))).toThrow(/torch\.nn\.modules\.linear\.Linear.*state_dict/)
})

test('tensors that are the same part of a storage are aliases of the first', () => {
  using file = openPytorch(pathOf('tied'))
  expect(file.aliases).toEqual(new Map([['b.weight', 'a.weight']]))
  expect(openPytorch(pathOf('views')).aliases.size).toBe(0)
})

test.each(['gpt2-lm', 'bert-seqcls'])('%s: the numbers are those of model.safetensors', name => {
  using file = openPytorch(goldenPath(`weights/${name}/bin/pytorch_model.bin`))
  using other = openSafetensors(goldenPath(`weights/${name}/model.safetensors`))
  expect([...file.tensors.keys()].filter(key => !file.aliases.has(key)).sort()).toEqual(
    [...other.tensors.keys()].sort(),
  )
  for (const key of other.tensors.keys()) expect(bytesOf(file, key)).toEqual(bytesOf(other, key))
})

test('reads stay inside a tensor, also of a view; names that are not there have a near one', () => {
  using file = openPytorch(pathOf('views'))
  for (const name of ['base', 'transposed']) {
    expect(() => file.source(name).read(new Uint8Array(4), 48)).toThrow(
      expect.objectContaining({ code: 'OUT_OF_BOUNDS' }),
    )
    expect(() => file.source(name).read(new Uint8Array(4), -1)).toThrow(
      expect.objectContaining({ code: 'OUT_OF_BOUNDS' }),
    )
  }
  expect(() => file.source('transpose')).toThrow(/did you mean "transposed"/)
  expect(() => file.fileOf('x')).toThrow(expect.objectContaining({ code: 'MISSING_TENSOR' }))
  expect(file.fileOf('base')).toBe(pathOf('views'))
})

test('a refused file is closed, and one that is closed reads no more', () => {
  const before = fs.readdirSync('/dev/fd').length
  for (let i = 0; i < 20; i++) expect(() => openPytorch(pathOf('nested'))).toThrow()
  expect(fs.readdirSync('/dev/fd').length).toBeLessThanOrEqual(before + 1)
  const file = openPytorch(pathOf('types'))
  file.close()
  expect(() => bytesOf(file, 'F32')).toThrow(expect.objectContaining({ code: 'FILE_CLOSED' }))
})

test('bytes in memory are read as a file is', () => {
  const file = parsePytorch(fs.readFileSync(pathOf('types')), 'mine')
  expect(file.name).toBe('mine')
  expect(file.tensors.size).toBe(10)
})
