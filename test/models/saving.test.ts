// save_pretrained: transformers was shown these very bytes, and what it computed from them is what we compute.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Backend, GPT2LMHeadModel, openBackend, type PreTrainedModel, Tensor } from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { golden, goldenPath } from '../golden.ts'
import { savedModels } from './savedModels.ts'

interface Seen {
  readonly class: string
  /** The first half of the SHA-256 of each file. */
  readonly files: Readonly<Record<string, string>>
  readonly logits: Readonly<Record<string, readonly number[]>>
}

// For scripts/golden/saved.py, which looks at the folders: VITRINE_SAVED names where they are to stay.
const folder = process.env.VITRINE_SAVED ?? temporaryFolder()
const backendsFolder = temporaryFolder()
const seen = golden<Record<string, Seen>>('saved.json')
const input_ids = [[5, 17, 22, 9]]
let backend: Backend

beforeAll(async () => {
  vi.spyOn(process, 'emitWarning').mockReturnValue()
  backend = await openBackend('reference')
})
afterAll(() => backend.dispose())

function digests(path: string): Record<string, string> {
  const digest = (name: string): string =>
    createHash('sha256')
      .update(fs.readFileSync(join(path, name)))
      .digest('hex')
  return Object.fromEntries(
    fs
      .readdirSync(path)
      .sort()
      .map(name => [name, digest(name).slice(0, 32)]),
  )
}

/** The outputs of a model that are numbers by token or text. */
function outputs(model: PreTrainedModel): [name: string, value: Tensor][] {
  const output: unknown = Reflect.apply(model.forward, model, [{ input_ids }])
  return ['logits', 'prediction_logits', 'seq_relationship_logits'].flatMap(name => {
    const value: unknown = Reflect.get(Object(output), name)
    return value instanceof Tensor ? [[name, value]] : []
  })
}

describe.each(Object.entries(savedModels))('%s', (name, { make, options }) => {
  const path = join(folder, name)

  test('is saved as the bytes that transformers loaded', async () => {
    const model = await make(backend)
    const written = await model.save_pretrained(path, options)
    expect(written.map(file => file.slice(path.length + 1)).sort()).toEqual(fs.readdirSync(path).sort())
    expect(digests(path)).toEqual(seen[name]!.files)
    model.dispose()
  })

  test('computes what transformers did', async () => {
    const model = await make(backend)
    const found = outputs(model)
    expect(found.map(([field]) => field)).toEqual(Object.keys(seen[name]!.logits))
    for (const [field, value] of found) {
      const wanted = seen[name]!.logits[field]!
      const apart = Math.max(...wanted.map((number, i) => Math.abs(number - value.data[i]!)))
      expect(value.data.length).toBe(wanted.length)
      expect(apart).toBeLessThan(2e-5)
    }
    model.dispose()
  })

  test('comes back as it was', async () => {
    const model = await make(backend)
    const Class = model.constructor as typeof GPT2LMHeadModel
    expect(Class.name).toBe(seen[name]!.class)
    const variant = options?.variant
    const [again, info] = await Class.from_pretrained(path, {
      backend,
      output_loading_info: true,
      ...(variant && { variant }),
    })
    expect(info).toEqual({ missing_keys: [], unexpected_keys: [], mismatched_keys: [], error_msgs: [] })
    expect(outputs(again).map(([, value]) => value.data)).toEqual(outputs(model).map(([, value]) => value.data))
    for (const each of [model, again]) each.dispose()
  })
})

test("the files are those that transformers' own save_pretrained writes from the same weights", async () => {
  for (const [own, theirs] of [
    ['gpt2-whole', 'gpt2-lm'],
    ['gpt2-sharded', 'gpt2-lm/sharded'],
  ] as const) {
    const names = fs.readdirSync(join(folder, own)).filter(name => name !== 'generation_config.json')
    expect(names.length).toBeGreaterThan(1)
    for (const name of names) {
      expect(fs.readFileSync(join(folder, own, name))).toEqual(fs.readFileSync(goldenPath(`weights/${theirs}/${name}`)))
    }
  }
})

onPlainBackends('saving', (own, name) => {
  test('gives back the weights as they were read, packed or not', async () => {
    const model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend: own })
    const path = join(backendsFolder, name)
    await model.save_pretrained(path)
    const [ours, theirs] = [join(path, 'model.safetensors'), goldenPath('weights/gpt2-lm/model.safetensors')]
    expect(fs.readFileSync(ours).equals(fs.readFileSync(theirs))).toBe(true)
    model.dispose()
  })
})

describe('save_pretrained', () => {
  const path = join(temporaryFolder(), 'model')
  const load = () => GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })

  test('takes away the files of an earlier save that would be read instead, and no others', async () => {
    const model = await load()
    fs.mkdirSync(path, { recursive: true })
    fs.writeFileSync(join(path, 'README.md'), 'mine')
    const weightFiles = () => fs.readdirSync(path).filter(name => name.startsWith('model'))
    await model.save_pretrained(path, { max_shard_size: '60KB' })
    expect(weightFiles()).toHaveLength(4)
    await model.save_pretrained(path, { max_shard_size: 90_000 })
    expect(weightFiles()).toEqual([
      ...['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'model.safetensors.index.json'],
    ])
    await model.save_pretrained(path)
    expect(weightFiles()).toEqual(['model.safetensors'])
    await model.save_pretrained(path, { max_shard_size: '60KB' })
    expect(weightFiles()).not.toContain('model.safetensors')
    expect(fs.readFileSync(join(path, 'README.md'), 'utf8')).toBe('mine')
  })

  test('tells how far it is', async () => {
    const steps: [number, number][] = []
    await (await load()).save_pretrained(path, { progress_callback: (...step) => steps.push(step) })
    expect(steps.at(-1)).toEqual([143_360, 143_360])
    expect(steps.map(([written]) => written)).toEqual(steps.map(([written]) => written).sort((a, b) => a - b))
  })

  test.each([
    [{ max_shard_size: 'big' }, 'OPTION_VALUE', /'5GB', got 'big'/],
    [{ max_shard_size: 0 }, 'OPTION_VALUE', /number of bytes/],
    [{ max_shard_size: '5XB' }, 'OPTION_VALUE', /KB, MB, GB, TB/],
    [{ max_shard_sise: 5 }, 'UNKNOWN_OPTION', /did you mean 'max_shard_size'/],
    [{ safe_serialization: false }, 'UNSUPPORTED_OPTION', /only safetensors/],
    [{ push_to_hub: true }, 'UNSUPPORTED_OPTION', /nothing is sent/],
    [{ variant: '../x' }, 'OPTION_VALUE', /no part of a file's name/],
  ])('refuses %j', async (options, code, message) => {
    const saved = (await load()).save_pretrained(join(path, 'refused'), options as object)
    await expect(saved).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(fs.existsSync(join(path, 'refused'))).toBe(false)
  })

  test('refuses a file as its folder, and a model without weights', async () => {
    const file = join(path, 'README.md')
    await expect((await load()).save_pretrained(file)).rejects.toMatchObject({ code: 'NOT_A_FOLDER' })
    await expect(Reflect.apply(GPT2LMHeadModel.prototype.save_pretrained, await load(), [])).rejects.toMatchObject({
      code: 'NOT_A_FOLDER',
    })
    const empty = new GPT2LMHeadModel((await load()).config)
    await expect(empty.save_pretrained(join(path, 'empty'))).rejects.toMatchObject({ code: 'NOT_LOADED' })
    expect(fs.existsSync(join(path, 'empty'))).toBe(false)
  })
})
