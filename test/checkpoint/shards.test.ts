// Weights in several files: read as one, and every way in which index and files can disagree has a code.
import fs from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { openWeights } from '../../src/checkpoint/openWeights.ts'
import { openSafetensors } from '../../src/checkpoint/safetensors.ts'
import { writeSafetensors } from '../../src/checkpoint/safetensorsWriter.ts'
import { parseIndex } from '../../src/checkpoint/shardIndex.ts'
import { byteCount, shardsOf } from '../../src/checkpoint/shardPlan.ts'
import type { Weights } from '../../src/checkpoint/weights.ts'
import { FileError } from '../../src/errors.ts'
import { goldenPath } from '../golden.ts'
import { temporaryFolder } from './temporaryFolder.ts'

function bytesOf(weights: Weights, name: string): Buffer {
  const out = Buffer.alloc(weights.tensors.get(name)!.byteLength)
  weights.source(name).read(out, 0)
  return out
}

function codeOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof FileError) return error.code
    throw error
  }
  return 'accepted'
}

test.each(['gpt2-lm', 'bert-seqcls'])('%s: shards are read as the one file', name => {
  using whole = openSafetensors(goldenPath(`weights/${name}/model.safetensors`))
  using shards = openWeights(goldenPath(`weights/${name}/sharded`))
  expect(shards.name).toBe(goldenPath(`weights/${name}/sharded/model.safetensors.index.json`))
  expect([...shards.tensors.keys()].sort()).toEqual([...whole.tensors.keys()].sort())
  for (const key of whole.tensors.keys()) expect(bytesOf(shards, key)).toEqual(bytesOf(whole, key))
  const files = new Set([...shards.tensors.keys()].map(key => shards.fileOf(key)))
  expect([...files].sort()).toEqual(
    [1, 2, 3].map(i => goldenPath(`weights/${name}/sharded/model-0000${i}-of-00003.safetensors`)),
  )
  expect(shards.metadata).toEqual(new Map([['format', 'pt']]))
  expect(() => shards.source('nothing')).toThrow(expect.objectContaining({ code: 'MISSING_TENSOR' }))
  shards.verify()
})

test('shards of PyTorch are read too', () => {
  const folder = temporaryFolder()
  fs.copyFileSync(goldenPath('pytorch/tied.bin'), join(folder, 'pytorch_model-00001-of-00002.bin'))
  fs.copyFileSync(goldenPath('pytorch/parameters.bin'), join(folder, 'pytorch_model-00002-of-00002.bin'))
  const [one, two] = [1, 2].map(i => `pytorch_model-0000${i}-of-00002.bin`)
  const weight_map = { 'a.weight': one, 'a.bias': one, 'b.weight': one, 'b.bias': one, w: two, frozen: two }
  const write = (total_size: number) =>
    fs.writeFileSync(
      join(folder, 'pytorch_model.bin.index.json'),
      JSON.stringify({ metadata: { total_size }, weight_map }),
    )
  // The tied tensor counts once, or as old versions have it, under each of its names.
  for (const total of [24 + 16 + 28, 24 + 16 + 28 + 24]) {
    write(total)
    using weights = openWeights(folder)
    expect(weights.tensors.size).toBe(6)
    expect(weights.aliases).toEqual(new Map([['b.weight', 'a.weight']]))
    weights.verify()
  }
  write(1)
  expect(codeOf(() => openWeights(folder))).toBe('INDEX_TOTAL_SIZE')
})

describe('an index and files that disagree', () => {
  let folder: string
  const base = temporaryFolder()
  let count = 0
  const tensor = { dtype: 'F32', shape: [2], data: new Float32Array([1, 2]) } as const
  const truth = { dtype: 'BOOL', shape: [16], data: new Uint8Array(16) } as const
  const index = (value: unknown): void =>
    fs.writeFileSync(
      join(folder, 'model.safetensors.index.json'),
      typeof value === 'string' ? value : JSON.stringify(value),
    )
  const open = () => codeOf(() => openWeights(folder).close())

  beforeEach(() => {
    folder = join(base, String(count++))
    fs.mkdirSync(folder)
    writeSafetensors(join(folder, '1.safetensors'), [
      ['a', tensor],
      ['b', tensor],
    ])
    writeSafetensors(join(folder, '2.safetensors'), [['c', tensor]])
  })

  const good = { a: '1.safetensors', b: '1.safetensors', c: '2.safetensors' }

  it.each<[string, unknown, string]>([
    ['nothing wrong', { metadata: { total_size: 24 }, weight_map: good }, 'accepted'],
    ['no metadata', { weight_map: good }, 'accepted'],
    ['metadata without a size', { metadata: { more: [1] }, weight_map: good, other: {} }, 'accepted'],
    ['metadata that is null', { metadata: null, weight_map: good }, 'accepted'],
    ['a size with a fraction', { metadata: { total_size: 24.0 }, weight_map: good }, 'accepted'],
    ['a wrong size', { metadata: { total_size: 25 }, weight_map: good }, 'INDEX_TOTAL_SIZE'],
    ['a size that is a text', { metadata: { total_size: '24' }, weight_map: good }, 'INDEX_JSON'],
    ['a file that is not there', { weight_map: { ...good, c: '3.safetensors' } }, 'SHARD_MISSING'],
    ['a tensor that is not in its file', { weight_map: { ...good, d: '2.safetensors' } }, 'SHARD_TENSOR_MISSING'],
    ['a tensor in another file than it says', { weight_map: { ...good, b: '2.safetensors' } }, 'SHARD_TENSOR_MISSING'],
    ['a tensor that it does not list', { weight_map: { a: good.a, c: good.c } }, 'SHARD_TENSOR_UNLISTED'],
    ['no weight_map', { metadata: {} }, 'INDEX_JSON'],
    ['a weight_map that is a list', { weight_map: [] }, 'INDEX_JSON'],
    ['a place that is a number', { weight_map: { a: 5 } }, 'INDEX_JSON'],
    ['a place that is null', { weight_map: { a: null } }, 'INDEX_JSON'],
    ['a list', [], 'INDEX_JSON'],
    ['no JSON', '{', 'INDEX_JSON'],
    ['nothing', '', 'INDEX_JSON'],
    ['bytes that are no text', '\ud800', 'INDEX_JSON'],
    ['a name twice', '{"weight_map":{"a":"1.safetensors","a":"1.safetensors"}}', 'DUPLICATE_KEY'],
    ['two weight_maps', '{"weight_map":{},"weight_map":{}}', 'DUPLICATE_KEY'],
    ...['../x', '/etc/passwd', 'C:\\x', 'C:x', 'a/b', 'a\\b', '..', '.', '', 'a\0b', '\\\\server\\share'].map(
      (name): [string, unknown, string] => [
        `the file ${JSON.stringify(name)}`,
        { weight_map: { a: name } },
        'UNSAFE_NAME',
      ],
    ),
  ])('%s', (_, value, code) => {
    index(value)
    expect(open()).toBe(code)
  })

  it('a tensor in two files', () => {
    writeSafetensors(join(folder, '2.safetensors'), [
      ['a', tensor],
      ['c', tensor],
    ])
    index({ weight_map: good })
    expect(open()).toBe('SHARD_TENSOR_TWICE')
    expect(() => openWeights(folder)).toThrow(/"a" twice: "2\.safetensors" has one too many.*"1\.safetensors"/)
  })

  it('a name like __proto__ is one like any other', () => {
    writeSafetensors(join(folder, '2.safetensors'), [['__proto__', tensor]])
    index('{"weight_map":{"a":"1.safetensors","b":"1.safetensors","__proto__":"2.safetensors"}}')
    using weights = openWeights(folder)
    expect([...weights.tensors.keys()]).toContain('__proto__')
  })

  it('truth values may count an eighth of a byte', () => {
    writeSafetensors(join(folder, '2.safetensors'), [
      ['c', tensor],
      ['mask', truth],
    ])
    for (const [total_size, code] of [
      [26, 'accepted'],
      [40, 'accepted'],
      [41, 'INDEX_TOTAL_SIZE'],
    ] as const) {
      index({ metadata: { total_size }, weight_map: { ...good, mask: '2.safetensors' } })
      expect(open()).toBe(code)
    }
  })

  it('a broken file gives its own error, and no file stays open', () => {
    fs.writeFileSync(join(folder, '2.safetensors'), '')
    index({ weight_map: good })
    const before = fs.readdirSync('/dev/fd').length
    for (let i = 0; i < 20; i++) expect(open()).toBe('HEADER_TOO_SMALL')
    index({ weight_map: { ...good, d: '1.safetensors' } })
    fs.rmSync(join(folder, '2.safetensors'))
    writeSafetensors(join(folder, '2.safetensors'), [['c', tensor]])
    for (let i = 0; i < 20; i++) expect(open()).toBe('SHARD_TENSOR_MISSING')
    expect(fs.readdirSync('/dev/fd').length).toBeLessThanOrEqual(before + 1)
  })

  it('an index of a million files is refused quickly, one of 20 MB unread', () => {
    const start = performance.now()
    const many = Array.from({ length: 200_000 }, (_, i) => `"${i}":"${i}.safetensors"`).join(',')
    index(`{"weight_map":{${many}}}`)
    expect(open()).toBe('TOO_MANY_ENTRIES')
    index(' '.repeat(20_000_000))
    expect(open()).toBe('TOO_LARGE')
    index(`{"weight_map":{${Array.from({ length: 100_001 }, (_, i) => `"${i}":"1.safetensors"`).join(',')}}}`)
    expect(open()).toBe('TOO_MANY_ENTRIES')
    expect(performance.now() - start).toBeLessThan(4000)
  })
})

describe('which weights are read', () => {
  const folder = temporaryFolder()
  const put = (from: string, to: string): void => fs.copyFileSync(goldenPath(from), join(folder, to))
  const nameOf = (options?: Parameters<typeof openWeights>[1]) => {
    using weights = openWeights(folder, options)
    return weights.name.slice(folder.length + 1)
  }

  it('safetensors before PyTorch, unless it is said otherwise', () => {
    expect(codeOf(() => openWeights(folder))).toBe('WEIGHTS_MISSING')
    put('pytorch/types.bin', 'pytorch_model.bin')
    expect(nameOf()).toBe('pytorch_model.bin')
    expect(codeOf(() => openWeights(folder, { allow_pickle: false }))).toBe('PICKLE_NOT_ALLOWED')
    expect(() => openWeights(folder, { allow_pickle: false })).toThrow(/vitrine convert/)
    expect(codeOf(() => openWeights(folder, { use_safetensors: true }))).toBe('WEIGHTS_MISSING')
    put('weights/gpt2-lm/model.safetensors', 'model.safetensors')
    expect(nameOf()).toBe('model.safetensors')
    expect(nameOf({ allow_pickle: false })).toBe('model.safetensors')
    expect(nameOf({ use_safetensors: false })).toBe('pytorch_model.bin')
    expect(codeOf(() => openWeights(folder, { use_safetensors: false, allow_pickle: false }))).toBe(
      'PICKLE_NOT_ALLOWED',
    )
  })

  it('a variant by its name', () => {
    put('weights/gpt2-lm/f16/model.safetensors', 'model.fp16.safetensors')
    put('pytorch/types.bin', 'pytorch_model.half.bin')
    expect(nameOf({ variant: 'fp16' })).toBe('model.fp16.safetensors')
    expect(nameOf({ variant: 'half' })).toBe('pytorch_model.half.bin')
    expect(() => openWeights(folder, { variant: 'none' })).toThrow(/there is no model\.none\.safetensors.*only /)
    expect(codeOf(() => openWeights(folder, { variant: '../x' }))).toBe('UNSAFE_NAME')
  })

  it('shards without their index say so', () => {
    const bare = temporaryFolder()
    fs.writeFileSync(join(bare, 'model-00001-of-00002.safetensors'), '')
    expect(() => openWeights(bare)).toThrow(/shards need their index/)
  })
})

describe('properties of the index', () => {
  const before = Object.getOwnPropertyNames(Object.prototype)
  const good = new TextEncoder().encode(
    '{"metadata":{"total_size":8},"weight_map":{"a\\u00e9":"1.safetensors","b":"2"}}',
  )
  const check = (bytes: Uint8Array): void => {
    try {
      for (const shard of parseIndex(bytes, 'index').shardOf.values()) expect(shard).not.toMatch(/[/\\]|^\.*$/)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
  }

  it('any bytes, any JSON, every cut and every change of one byte', () => {
    expect(parseIndex(good, 'index').shardOf.get('aé')).toBe('1.safetensors')
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), check), { seed: 1, numRuns: 1000 })
    const map = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.jsonValue())))
    const json = fc.record({ metadata: fc.jsonValue(), weight_map: map }, { requiredKeys: [] })
    fc.assert(
      fc.property(json, value => check(new TextEncoder().encode(JSON.stringify(value)))),
      { seed: 2, numRuns: 1000 },
    )
    for (let at = 0; at < good.length; at++) {
      expect(codeOf(() => parseIndex(good.slice(0, at), 'index'))).toBe('INDEX_JSON')
      for (const value of [0, 0x20, 0x22, 0x2c, 0x2f, 0x5c, 0x7b, 0x7d, 0xff]) check(good.with(at, value))
    }
  })
})

describe('dividing tensors', () => {
  it.each<[number | string, number]>([
    [5, 5],
    ['5GB', 5e9],
    ['1.5 mb', 1_500_000],
    [' 2KB ', 2000],
    ['1TB', 1e12],
  ])('%j are %d bytes', (size, bytes) => expect(byteCount(size, 'x')).toBe(bytes))

  it.each([0, -1, 1.5, NaN, '5', '5 GiB', 'GB', '', '0KB', '1e3MB'])('%j is no size', size => {
    expect(() => byteCount(size, 'x')).toThrow(expect.objectContaining({ code: 'OPTION_VALUE' }))
  })

  it('keeps order, loses nothing, and goes above the limit only for one tensor alone', () => {
    const sizes = fc.array(fc.nat(20), { maxLength: 20 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 30 }), (bytes, most) => {
        const shards = shardsOf(
          bytes.map((size, i) => [String(i), size] as const),
          most,
        )
        expect(
          shards
            .flat()
            .map(Number)
            .sort((a, b) => a - b),
        ).toEqual(bytes.map((_, i) => i))
        for (const shard of shards) {
          const sum = shard.reduce((total, name) => total + bytes[Number(name)]!, 0)
          expect(shard.length === 1 || sum <= most).toBe(true)
          expect(shard.length).toBeGreaterThan(0)
        }
      }),
      { seed: 5 },
    )
  })
})
