// Conversion of pytorch_model.bin: bit for bit, tied weights once, whole or not at all.
import fs from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { convertWeights } from '../../src/checkpoint/convertWeights.ts'
import { openWeights } from '../../src/checkpoint/openWeights.ts'
import { openSafetensors } from '../../src/checkpoint/safetensors.ts'
import { AutoModelForCausalLM, openBackend } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const base = temporaryFolder()
let folder: string
let count = 0
beforeEach(() => {
  folder = join(base, String(count++))
  fs.mkdirSync(folder)
})

const put = (from: string, to = 'pytorch_model.bin'): void => fs.copyFileSync(goldenPath(from), join(folder, to))
const names = (): string[] => fs.readdirSync(folder).sort()
vi.spyOn(process, 'emitWarning').mockReturnValue()

test.each(['types', 'views', 'tied', 'parameters', 'many', 'nothing', 'others'])(
  '%s.bin: every tensor is bit for bit there',
  name => {
    put(`pytorch/${name}.bin`)
    expect(convertWeights(folder)).toEqual([join(folder, 'model.safetensors')])
    using from = openWeights(folder, { use_safetensors: false })
    using to = openSafetensors(join(folder, 'model.safetensors'))
    for (const [key, { dtype, shape, byteLength }] of from.tensors) {
      const stored = from.aliases.get(key) ?? key
      const [one, two] = [new Uint8Array(byteLength), new Uint8Array(byteLength)]
      from.source(key).read(one, 0)
      to.source(stored).read(two, 0)
      expect(to.tensors.get(stored)).toMatchObject({ dtype, shape })
      expect(two).toEqual(one)
    }
    expect(to.tensors.size).toBe(from.tensors.size - from.aliases.size)
  },
)

test('tied weights are written once, under the first name, and the metadata tells the others', () => {
  put('weights/gpt2-lm/bin/pytorch_model.bin')
  convertWeights(folder)
  using file = openSafetensors(join(folder, 'model.safetensors'))
  expect(file.metadata).toEqual(
    new Map([
      ['format', 'pt'],
      ['lm_head.weight', 'transformer.wte.weight'],
    ]),
  )
  expect(file.tensors.has('lm_head.weight')).toBe(false)
})

test('the model is the same from the file, from its conversion, and from its conversion in pieces', async () => {
  using backend = await openBackend('reference')
  put('weights/gpt2-lm/bin/pytorch_model.bin')
  put('weights/gpt2-lm/config.json', 'config.json')
  const logits = async (options: object = {}) => {
    const model = await AutoModelForCausalLM.from_pretrained(folder, { backend, ...options })
    const { data } = model.forward({ input_ids: [[1, 2, 3]] }).logits
    model.dispose()
    return data
  }
  const wanted = await logits()
  convertWeights(folder)
  expect(await logits({ allow_pickle: false })).toEqual(wanted)
  const written = convertWeights(folder, { max_shard_size: 60_000, overwrite: true })
  expect(written.map(path => path.slice(folder.length + 1))).toEqual([
    ...['model-00001-of-00003.safetensors', 'model-00002-of-00003.safetensors', 'model-00003-of-00003.safetensors'],
    'model.safetensors.index.json',
  ])
  expect(names()).not.toContain('model.safetensors')
  expect(await logits({ use_safetensors: true })).toEqual(wanted)
})

test('what is there is kept unless it is to be replaced', () => {
  put('pytorch/types.bin')
  for (const present of ['model.safetensors', 'model.safetensors.index.json', 'model-00001-of-00002.safetensors']) {
    fs.writeFileSync(join(folder, present), 'mine')
    expect(() => convertWeights(folder)).toThrow(expect.objectContaining({ code: 'FILE_EXISTS' }))
    expect(fs.readFileSync(join(folder, present), 'utf8')).toBe('mine')
    fs.rmSync(join(folder, present))
  }
  convertWeights(folder)
  convertWeights(folder, { overwrite: true })
  expect(names()).toEqual(['model.safetensors', 'pytorch_model.bin'])
})

test('a variant becomes the same variant', () => {
  put('pytorch/types.bin', 'pytorch_model.fp16.bin')
  expect(convertWeights(folder, { variant: 'fp16' })).toEqual([join(folder, 'model.fp16.safetensors')])
})

test('a tensor that was changed is noticed before anything is written', () => {
  put('pytorch/types.bin')
  const path = join(folder, 'pytorch_model.bin')
  const bytes = fs.readFileSync(path)
  const at = bytes.indexOf(Buffer.from(new Float32Array([0, 1, 2, 3, 4, 5]).buffer))
  bytes[at + 5]! ^= 1
  fs.writeFileSync(path, bytes)
  expect(() => convertWeights(folder)).toThrow(expect.objectContaining({ code: 'CRC_MISMATCH' }))
  expect(names()).toEqual(['pytorch_model.bin'])
})

test('when a write fails nothing is left behind, of no file', () => {
  put('weights/gpt2-lm/bin/pytorch_model.bin')
  const write = vi.spyOn(fs, 'writeSync')
  const real = write.getMockImplementation() ?? fs.writeSync
  let calls = 0
  write.mockImplementation(((...args: Parameters<typeof fs.writeSync>) => {
    if (++calls === 20) throw Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' })
    return Reflect.apply(real, fs, args) as number
  }) as typeof fs.writeSync)
  try {
    expect(() => convertWeights(folder, { max_shard_size: 60_000 })).toThrow(
      expect.objectContaining({ code: 'DISK_FULL' }),
    )
  } finally {
    write.mockRestore()
  }
  expect(calls).toBe(20)
  expect(names()).toEqual(['pytorch_model.bin'])
})

test('progress goes up to all bytes', () => {
  put('weights/gpt2-lm/bin/pytorch_model.bin')
  const steps: [number, number][] = []
  convertWeights(folder, { onProgress: (...step) => steps.push(step) })
  expect(steps.at(-1)).toEqual([143_360, 143_360])
  expect(steps.every(([done], i) => i === 0 || done > steps[i - 1]![0])).toBe(true)
})

test('a folder without pytorch_model.bin says so', () => {
  put('weights/gpt2-lm/model.safetensors', 'model.safetensors')
  expect(() => convertWeights(folder)).toThrow(/there is no pytorch_model\.bin.*only model\.safetensors/)
})
