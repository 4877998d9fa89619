// Names in place of folders, wherever a model, a config or a tokenizer is loaded.
import dns from 'node:dns'
import { mkdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  AutoConfig,
  AutoModel,
  AutoModelForCausalLM,
  AutoTokenizer,
  type Backend,
  BertTokenizer,
  GenerationConfig,
  GPT2Config,
  GPT2LMHeadModel,
  openBackend,
  type ProgressInfo,
  pipeline,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'
import { faults, filesOf } from './fakeHub.ts'
import { name, setScene, tinyModel } from './scene.ts'

const scene = setScene()
let backend: Backend
beforeAll(async () => {
  backend = await openBackend('reference')
})
afterAll(() => backend[Symbol.dispose]())

const folder = goldenPath('weights/gpt2-lm')
const ids = [[2, 5, 6, 3]]

/** The logits, which tell models apart. */
async function logitsOf(place: string, options: object = {}): Promise<unknown> {
  using model = await GPT2LMHeadModel.from_pretrained(place, { backend, ...options })
  return model.forward({ input_ids: ids }).logits.tolist()
}

test("a course's lines: a name with cache_dir, and then the snapshot's path", async () => {
  const cache_dir = join(scene.cache, 'my', 'models')
  const fromName = await logitsOf('owner/model', { cache_dir })
  const tokenizer = await AutoTokenizer.from_pretrained('owner/model', { cache_dir })
  const snapshot = join(cache_dir, 'models--owner--model', 'snapshots', scene.commit)
  scene.hub.reset()
  expect(await logitsOf(snapshot)).toEqual(fromName)
  expect((await AutoTokenizer.from_pretrained(snapshot)).get_vocab()).toEqual(tokenizer.get_vocab())
  expect(fromName).toEqual(await logitsOf(folder))
  expect(scene.hub.requests).toEqual([])
})

test('each class asks for its own files and no others', async () => {
  const fetched = async (load: Promise<unknown>): Promise<string[]> => {
    scene.hub.reset()
    await load
    return scene.hub.fetched
  }
  expect(await fetched(AutoConfig.from_pretrained(name))).toEqual(['config.json'])
  expect(await fetched(GPT2Config.from_pretrained(name, { force_download: true }))).toEqual(['config.json'])
  expect(await fetched(GenerationConfig.from_pretrained(name))).toEqual(['generation_config.json'])
  expect(await fetched(BertTokenizer.from_pretrained(name))).toEqual([
    'vocab.txt',
    'tokenizer_config.json',
    'special_tokens_map.json',
  ])
  expect(await fetched(AutoModel.from_pretrained(name, { backend }))).toEqual(['model.safetensors'])
  expect(await fetched(AutoModelForCausalLM.from_pretrained(name, { backend }))).toEqual([])
})

test('options of the hub beside fields of the config', async () => {
  const config = await AutoConfig.from_pretrained(name, { cache_dir: scene.cache, n_positions: 32 })
  expect(config.to_dict()).toMatchObject({ n_positions: 32 })
  expect(config.to_dict()).not.toHaveProperty('cache_dir')
  await expect(AutoModel.from_pretrained(name, { cachedir: '/x', backend })).rejects.toThrow(
    "did you mean 'cache_dir'?",
  )
  await expect(AutoModel.from_pretrained(name, { revision: 5 as never })).rejects.toMatchObject({
    code: 'OPTION_VALUE',
  })
  await expect(AutoModel.from_pretrained(name, { revision: '../x' })).rejects.toMatchObject({ code: 'UNSAFE_NAME' })
})

test('a model is named by what was asked for, or as it is told to be', async () => {
  for (const [options, wanted] of [
    [{}, name],
    [{ name_or_path: 'poet' }, 'poet'],
  ] as const) {
    using model = await AutoModelForCausalLM.from_pretrained(name, { backend, ...options })
    expect(model.name_or_path).toBe(wanted)
  }
})

test('a subfolder is a folder of its own, and weights in several files come with their index', async () => {
  const whole = await logitsOf(folder)
  for (const [subfolder, file] of [
    ['sharded', 'model-00002-of-00003.safetensors'],
    ['bin', 'pytorch_model.bin'],
    ['f16', 'model.safetensors'],
    ['bf16', 'model.safetensors'],
  ] as const) {
    const there = await logitsOf(name, { subfolder })
    expect(scene.hub.fetched).toContain(`${subfolder}/${file}`)
    expect(there).toEqual(await logitsOf(folder, { subfolder }))
    if (subfolder === 'sharded' || subfolder === 'bin') expect(there).toEqual(whole)
    else expect(there).not.toEqual(whole)
    expect(await logitsOf(name, { subfolder, local_files_only: true })).toEqual(there)
  }
})

test('a copy that lacks one of several files is none', async () => {
  await AutoModel.from_pretrained(name, { subfolder: 'sharded', backend })
  const shard = 'sharded/model-00002-of-00003.safetensors'
  unlinkSync(join(scene.cache, 'models--owner--model/snapshots', scene.commit, shard))
  const again = (options: object) => AutoModel.from_pretrained(name, { subfolder: 'sharded', backend, ...options })
  await expect(again({ local_files_only: true })).rejects.toMatchObject({ code: 'OFFLINE' })
  scene.hub.reset()
  const model = await again({ revision: scene.commit })
  model.dispose()
  // Its bytes were still there.
  expect(scene.hub.fetched).toEqual([])
})

test('options say which weights may come', async () => {
  const load = (options: object) => AutoModel.from_pretrained(name, { backend, subfolder: 'bin', ...options })
  await expect(load({ allow_pickle: false })).rejects.toMatchObject({ code: 'PICKLE_NOT_ALLOWED' })
  await expect(load({ use_safetensors: true })).rejects.toMatchObject({ code: 'WEIGHTS_MISSING' })
  await expect(load({ variant: 'fp16' })).rejects.toMatchObject({ code: 'WEIGHTS_MISSING' })
  await expect(load({ variant: '../x' })).rejects.toMatchObject({ code: 'UNSAFE_NAME' })
  await expect(load({ allow_pickle: 'no' })).rejects.toMatchObject({ code: 'OPTION_VALUE' })
  await expect(pipeline('text-generation', name, { subfolder: 'bin', allow_pickle: false })).rejects.toMatchObject({
    code: 'PICKLE_NOT_ALLOWED',
  })
  expect(scene.hub.fetched).toEqual([])
})

test('a model that cannot be used is refused before its weights come', async () => {
  const config = JSON.parse(tinyModel()['config.json']!.toString())
  for (const [wrong, code] of [
    [{ ...config, model_type: 'llama' }, 'UNKNOWN_MODEL_TYPE'],
    [{ ...config, n_layer: 1e6 }, 'TOO_LARGE'],
    [{ ...config, n_embd: -1 }, 'CONFIG_VALUE'],
  ] as const) {
    scene.hub.reset()
    scene.hub.add(name, { ...tinyModel(), 'config.json': JSON.stringify(wrong) })
    await expect(AutoModelForCausalLM.from_pretrained(name, { backend })).rejects.toMatchObject({
      name: 'ConfigError',
      code,
    })
    await expect(pipeline('text-generation', name)).rejects.toMatchObject({ code })
    expect(scene.hub.fetched).not.toContain('model.safetensors')
  }
})

test('what is neither a folder nor a name says both', async () => {
  for (const place of ['./nowhere', '/nowhere/at/all', 'a/b/c', '模型', '']) {
    await expect(AutoModel.from_pretrained(place)).rejects.toMatchObject({ name: 'FileError', code: 'FOLDER_MISSING' })
  }
  await expect(AutoModel.from_pretrained('./nowhere')).rejects.toThrow(
    /no model folder .* no name of a model on the hub/,
  )
  await expect(AutoTokenizer.from_pretrained('nobody/nothing')).rejects.toThrow(
    /neither a folder here nor a model on 127/,
  )
  await expect(AutoTokenizer.from_pretrained('nobody/nothing', { local_files_only: true })).rejects.toThrow(
    /neither a folder here nor whole in the cache/,
  )
})

test('a folder stays a folder, whatever it is called', async () => {
  const here = process.cwd()
  mkdirSync(join(scene.cache, 'owner/model'), { recursive: true })
  writeFileSync(join(scene.cache, 'owner/model/config.json'), '{"model_type":"gpt2","n_layer":7}')
  try {
    process.chdir(scene.cache)
    expect((await AutoConfig.from_pretrained('owner/model')).to_dict()).toMatchObject({ n_layer: 7 })
  } finally {
    process.chdir(here)
  }
  expect(scene.hub.requests).toEqual([])
})

test('safetensors come before pytorch_model.bin, and a model without either says what it has', async () => {
  scene.hub.add(name, { ...tinyModel(), 'pytorch_model.bin': 'x', 'tf_model.h5': 'x' })
  await AutoModel.from_pretrained(name, { backend })
  expect(scene.hub.fetched).not.toContain('pytorch_model.bin')
  scene.hub.reset()
  const { 'config.json': config } = tinyModel()
  scene.hub.add(name, { 'config.json': config!, 'tf_model.h5': 'x' })
  await expect(AutoModel.from_pretrained(name, { backend })).rejects.toMatchObject({ code: 'WEIGHTS_MISSING' })
  await expect(AutoModel.from_pretrained(name, { backend })).rejects.toThrow('only tf_model.h5')
  expect(scene.hub.fetched).toEqual([])
})

test('an index that names what is not there, or what lies elsewhere', async () => {
  const { 'config.json': config } = tinyModel()
  const index = (shard: string) => JSON.stringify({ metadata: {}, weight_map: { a: shard } })
  const add = (shard: string) =>
    scene.hub.add(name, { 'config.json': config!, 'model.safetensors.index.json': index(shard) })
  add('model-00001-of-00001.safetensors')
  await expect(AutoModel.from_pretrained(name, { backend })).rejects.toMatchObject({
    name: 'HubError',
    code: 'ENTRY_NOT_FOUND',
  })
  add('../../../../x.safetensors')
  await expect(AutoModel.from_pretrained(name, { backend })).rejects.toMatchObject({
    name: 'FileError',
    code: 'UNSAFE_NAME',
  })
})

test("progress is told in transformers.js's events", async () => {
  const events: ProgressInfo[] = []
  const progress_callback = (info: ProgressInfo): void => void events.push(info)
  const generator = await pipeline('text-generation', name, { progress_callback, backend })
  const told = (file: string) => events.filter(info => info.status !== 'ready' && info.file === file)
  const size = tinyModel()['model.safetensors']!.length
  const statuses = told('model.safetensors').map(({ status }) => status)
  expect(statuses.slice(0, 3)).toEqual(['initiate', 'download', 'progress'])
  expect(statuses).toContain('done')
  expect(told('model.safetensors')).toContainEqual({
    ...{ status: 'progress', name, file: 'model.safetensors' },
    ...{ progress: 100, loaded: size, total: size },
  })
  expect(told('vocab.txt').map(({ status }) => status)).toContain('download')
  expect(events.at(-1)).toEqual({ status: 'ready', task: 'text-generation', model: name })
  expect(Reflect.get(generator.tokenizer, 'name_or_path')).toBe(name)
  expect(generator.model.name_or_path).toBe(name)
  generator.dispose()
  events.length = 0
  scene.hub.reset()
  const again = await pipeline('text-generation', name, { local_files_only: true, progress_callback, backend })
  again.dispose()
  expect(events.some(({ status }) => status === 'download')).toBe(false)
  expect(events.filter(info => info.status === 'done' && info.file === 'config.json')).toHaveLength(1)
  expect(scene.hub.requests).toEqual([])
})

test('a pipeline asks once, and takes the tokenizer of another model when told so', async () => {
  scene.hub.add('owner/words', filesOf(goldenPath('weights/bert-mlm')))
  const generator = await pipeline('text-generation', name, { backend, revision: 'refs/pr/1' })
  generator.dispose()
  expect(scene.hub.requests.filter(({ line }) => line.includes('/api/'))).toHaveLength(1)
  scene.hub.reset()
  const filler = await pipeline('fill-mask', 'owner/words', { backend, tokenizer: name })
  filler.dispose()
  expect(scene.hub.requests.filter(({ line }) => line.includes('/api/')).map(({ line }) => line)).toEqual([
    'GET /api/models/owner/words/revision/main',
    'GET /api/models/owner/model/revision/main',
  ])
})

test('a signal ends the loading of a pipeline', async () => {
  const signal = AbortSignal.abort()
  await expect(pipeline('text-generation', name, { signal })).rejects.toMatchObject({ name: 'AbortError' })
  await expect(AutoModel.from_pretrained(folder, { signal })).rejects.toMatchObject({ name: 'AbortError' })
})

/** Lets the fake hub, which is on this machine, look like one outside; returns its port. */
function hubOutside(): string {
  const real = dns.lookup
  vi.spyOn(dns, 'lookup').mockImplementation(((host: string, ...rest: never[]) =>
    Reflect.apply(real, dns, [host.endsWith('.example') ? '127.0.0.1' : host, ...rest])) as typeof dns.lookup)
  const { port } = new URL(scene.hub.endpoint)
  vi.stubEnv('HF_ENDPOINT', `http://hub.example:${port}`)
  return port
}

test.each([
  'http://127.0.0.1:PORT/secret',
  'http://[::ffff:127.0.0.1]:PORT/secret',
  'http://localhost:PORT/secret',
  'file:///etc/passwd',
])('a hub outside that sends to %s is not followed', async to => {
  const port = hubOutside()
  const load = (options: object = {}) => AutoModel.from_pretrained(name, { backend, token: 'hf_secret', ...options })
  const refused = { name: 'HubError', code: 'UNSAFE_REDIRECT', fields: { location: to.replace('PORT', port) } }
  const redirect = faults('').redirect(() => to.replace('PORT', port), 9)
  scene.hub.listFault = redirect
  await expect(load()).rejects.toMatchObject(refused)
  scene.hub.listFault = undefined
  scene.hub.fault = redirect
  await expect(load()).rejects.toMatchObject(refused)
  expect(scene.hub.requests.map(({ line }) => line)).toEqual([
    ...['main', 'main'].map(revision => `GET /api/models/owner/model/revision/${revision}`),
    `GET /owner/model/resolve/${scene.commit}/config.json`,
  ])
  expect(scene.hub.requests.every(({ headers }) => headers.host === `hub.example:${port}`)).toBe(true)
  // Nothing is left that a later call could take.
  await expect(load({ local_files_only: true })).rejects.toMatchObject({ code: 'OFFLINE' })
})

test('a hub outside may keep its files elsewhere outside, where the token does not go', async () => {
  const port = hubOutside()
  scene.hub.fault = ({ request, response }) => {
    if (request.headers.host?.startsWith('files.')) return false
    response.writeHead(302, { location: `http://files.example:${port}${request.url}` }).end()
    return true
  }
  const model = await AutoModel.from_pretrained(name, { backend, token: 'hf_secret' })
  model.dispose()
  const asked = scene.hub.requests.map(({ headers }) => `${headers.host} ${headers.authorization}`)
  expect(asked.filter(each => each === `hub.example:${port} Bearer hf_secret`)).toHaveLength(4)
  expect(asked.filter(each => each === `files.example:${port} undefined`)).toHaveLength(3)
  expect(asked).toHaveLength(7)
})
