// The cache: what is taken from it without asking, and what is done with one that is broken, hostile, full or not to be written to.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { removalOf } from '../../src/hub/cacheRemoval.ts'
import { scanCache, scanModel } from '../../src/hub/cacheScan.ts'
import { verifyModel } from '../../src/hub/cacheVerification.ts'
import { faults, gitSha1, sha256 } from './fakeHub.ts'
import { bytesOf, name, setScene, tinyModel, wholeModel } from './scene.ts'

const scene = setScene()
const model = tinyModel()
const weights = 'model.safetensors'
const offline = { local_files_only: true }

const place = (...parts: string[]): string => join(scene.cache, 'models--owner--model', ...parts)
const pointer = (file = weights): string => place('snapshots', scene.commit, file)
const blob = (file = weights): string => place('blobs', file === weights ? sha256(model[file]!) : gitSha1(model[file]!))

test('the layout is that of huggingface_hub: blobs by hash, relative links, refs without a line break', async () => {
  await scene.fetch({ revision: 'refs/pr/1' }, { ...wholeModel, files: [...wholeModel.files, 'merges.txt'] })
  expect(scene.paths()).toEqual(
    [
      ...['config.json', 'generation_config.json'].map(file => `blobs/${gitSha1(model[file]!)}`),
      `blobs/${sha256(model[weights]!)}`,
      `.no_exist/${scene.commit}/merges.txt`,
      'refs/refs/pr/1',
      ...['config.json', 'generation_config.json', weights].map(file => `snapshots/${scene.commit}/${file}`),
    ]
      .map(path => `models--owner--model/${path}`)
      .sort(),
  )
  expect(readlinkSync(pointer())).toBe(`../../blobs/${sha256(model[weights]!)}`)
  expect(readFileSync(place('refs/refs/pr/1'), 'utf8')).toBe(scene.commit)
  await scene.fetch({ subfolder: 'sharded' })
  expect(readlinkSync(pointer('sharded/model.safetensors.index.json'))).toMatch(
    /^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/,
  )
})

test('offline there is no request: a whole copy is taken, and half of one is not', async () => {
  await expect(scene.fetch(offline)).rejects.toMatchObject({ name: 'HubError', code: 'OFFLINE' })
  await scene.fetch({}, { files: ['config.json'] })
  scene.hub.reset()
  await expect(scene.fetch(offline)).rejects.toMatchObject({ code: 'OFFLINE' })
  await expect(
    scene.fetch(offline, { files: ['vocab.txt', 'config.json'], oneOf: ['vocab.txt'] }),
  ).rejects.toMatchObject({ code: 'OFFLINE' })
  await expect(scene.fetch(offline, { files: ['config.json'] })).resolves.toBe(join(pointer(), '..'))
  await expect(scene.fetch({ ...offline, force_download: true })).rejects.toMatchObject({ code: 'OPTION_VALUE' })
  vi.stubEnv('HF_HUB_OFFLINE', '1')
  await expect(scene.fetch()).rejects.toMatchObject({ code: 'OFFLINE' })
  expect(scene.hub.requests).toEqual([])
})

test('a commit that is whole in the cache needs no request, a branch one, and both no file twice', async () => {
  await scene.fetch()
  scene.hub.reset()
  await scene.fetch({ revision: scene.commit })
  expect(scene.hub.requests).toEqual([])
  await scene.fetch()
  expect(scene.hub.requests.map(({ line }) => line)).toEqual(['GET /api/models/owner/model/revision/main'])
  await scene.fetch({ revision: scene.commit }, { files: ['vocab.txt', 'merges.txt', 'config.json'] })
  expect(scene.hub.fetched).toEqual(['vocab.txt'])
  scene.hub.reset()
  await scene.fetch({ revision: scene.commit }, { files: ['vocab.txt', 'merges.txt', 'config.json'] })
  expect(scene.hub.requests).toEqual([])
})

test('a new commit is a new snapshot, which shares what has not changed', async () => {
  const before = await scene.fetch()
  scene.hub.reset()
  const commit = scene.hub.add(name, { ...model, 'config.json': `${model['config.json']}\n` })
  const after = await scene.fetch()
  expect(after).toBe(place('snapshots', commit))
  expect(scene.hub.fetched).toEqual(['config.json'])
  expect(existsSync(join(before, 'config.json'))).toBe(true)
  expect(readFileSync(place('refs/main'), 'utf8')).toBe(commit)
})

test('when the hub cannot be asked the copy is taken, and a warning says why', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const folder = await scene.fetch()
  scene.hub.listFault = faults('').status(503, {}, 9)
  await expect(scene.fetch()).resolves.toBe(folder)
  expect(scene.hub.requests.at(-1)?.line).toContain('revision/main')
  await expect(scene.fetch({}, undefined, { endpoint: 'http://127.0.0.1:9' })).resolves.toBe(folder)
  expect(warn.mock.calls.map(([text]) => String(text))).toEqual([
    expect.stringMatching(/fails \(503\).*The copy of 'owner\/model' in the cache is taken/),
    expect.stringMatching(/the connection failed/),
  ])
  await expect(scene.fetch({ force_download: true }, undefined, { tries: 1 })).rejects.toMatchObject({
    code: 'HUB_FAULT',
  })
  scene.hub.listFault = faults('').status(404, { 'x-error-code': 'RevisionNotFound' }, 9)
  await expect(scene.fetch()).rejects.toMatchObject({ code: 'REVISION_NOT_FOUND' })
})

test('a download that breaks off leaves the commit before it as it was', async () => {
  const before = await scene.fetch()
  scene.hub.add(name, { ...model, [weights]: bytesOf(5000) })
  scene.hub.fault = faults(weights).corrupt()
  await expect(scene.fetch()).rejects.toMatchObject({ code: 'HASH_MISMATCH' })
  await expect(scene.fetch(offline)).resolves.toBe(before)
})

test.each(['', '../x', '/etc/passwd', 'main', `${'a'.repeat(40)}\n../x`])(
  'a ref that says %j is not followed',
  async text => {
    await scene.fetch()
    writeFileSync(place('refs/main'), text)
    await expect(scene.fetch(offline)).rejects.toMatchObject({ code: 'OFFLINE' })
    await scene.fetch()
    expect(readFileSync(place('refs/main'), 'utf8')).toBe(scene.commit)
  },
)

test('a link that leads nowhere is fetched again, as is a file that has become shorter', async () => {
  await scene.fetch()
  unlinkSync(blob())
  await expect(scene.fetch(offline)).rejects.toMatchObject({ code: 'OFFLINE' })
  await scene.fetch()
  truncateSync(blob(), 100)
  await scene.fetch()
  expect(readFileSync(pointer()).equals(model[weights]!)).toBe(true)
})

test('a link that leads out of the cache is refused', async () => {
  await scene.fetch()
  unlinkSync(pointer('config.json'))
  symlinkSync('/etc/hostname', pointer('config.json'))
  for (const options of [{}, offline, { revision: scene.commit }]) {
    await expect(scene.fetch(options)).rejects.toMatchObject({ name: 'HubError', code: 'UNSAFE_POINTER' })
  }
})

test('force_download repairs what verify finds', async () => {
  await scene.fetch()
  const damaged = readFileSync(blob())
  damaged[500]! ^= 1
  writeFileSync(blob(), damaged)
  const verify = () => verifyModel(scanModel(scene.cache, name))
  expect(await verify()).toMatchObject({ good: 2, findings: [{ path: blob(), fault: 'damaged' }] })
  await scene.fetch({ force_download: true })
  expect(await verify()).toEqual({ name, good: 3, findings: [], unknown: 0, unfinished: 0 })
  unlinkSync(blob())
  symlinkSync('/etc/hostname', pointer('hostname'))
  writeFileSync(`${blob()}.incomplete`, 'half')
  expect(await verify()).toEqual({
    name,
    good: 2,
    findings: [
      { path: pointer('hostname'), fault: 'outside' },
      { path: pointer(), fault: 'lost' },
    ],
    unknown: 0,
    unfinished: 4,
  })
})

test('a disk that is full while a file comes', async () => {
  const handle = await open(join(scene.cache, 'x'), 'w')
  const prototype = Object.getPrototypeOf(handle) as typeof handle
  await handle.close()
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  vi.spyOn(prototype, 'appendFile').mockImplementation(async function (this: typeof handle, data) {
    if ((data as Uint8Array).length > 2000) throw full
    await this.write(data as Uint8Array)
  })
  await expect(scene.fetch()).rejects.toMatchObject({ name: 'HubError', code: 'DISK_FULL' })
  expect(readFileSync(pointer('config.json')).equals(model['config.json']!)).toBe(true)
  expect(scene.paths().filter(path => path.endsWith('.incomplete'))).toEqual([])
})

test('a place where no cache can be says which variables name another', async () => {
  writeFileSync(join(scene.cache, 'file'), '')
  const refused = scene.fetch({}, undefined, { cacheDir: join(scene.cache, 'file', 'hub') })
  await expect(refused).rejects.toMatchObject({ name: 'HubError', code: 'CACHE_UNWRITABLE' })
  await expect(refused).rejects.toThrow('HF_HUB_CACHE')
})

test('what is in the cache is listed, and taken out as a whole or by revision', async () => {
  const second = scene.hub.add(name, { ...model, 'config.json': `${model['config.json']} ` })
  await scene.fetch()
  scene.hub.add(name, model)
  await scene.fetch({ revision: scene.commit })
  mkdirSync(join(scene.cache, 'models--..--x'))
  mkdirSync(join(scene.cache, '.locks/models--owner--model'), { recursive: true })
  const size = (file: string) => model[file]!.length
  const total = size(weights) + size('generation_config.json') + 2 * size('config.json') + 1
  const [found, ...others] = scanCache(scene.cache)
  expect(others).toEqual([])
  // The ref counts, too.
  expect(found).toMatchObject({ name, path: place(), bytes: total + 40 })
  expect(found?.revisions.map(({ commit, refs, files }) => [commit, refs, files.length]).sort()).toEqual(
    [
      [scene.commit, [], 3],
      [second, ['main'], 3],
    ].sort(),
  )
  expect(() => removalOf(scene.cache, name, 'nothing')).toThrow(expect.objectContaining({ code: 'NOT_CACHED' }))
  expect(() => removalOf(scene.cache, 'owner/modle')).toThrow("did you mean 'owner/model'?")
  expect(() => removalOf(scene.cache, '../x')).toThrow(expect.objectContaining({ code: 'UNSAFE_NAME' }))
  const one = removalOf(scene.cache, name, 'main')
  expect(one).toMatchObject({ commit: second, bytes: size('config.json') + 1 })
  await one.run()
  expect(scanCache(scene.cache)[0]?.revisions.map(({ commit }) => commit)).toEqual([scene.commit])
  expect(await verifyModel(scanModel(scene.cache, name))).toMatchObject({ good: 3, findings: [] })
  await expect(scene.fetch({ ...offline, revision: scene.commit })).resolves.toBeTypeOf('string')
  const whole = removalOf(scene.cache, name)
  expect(whole.bytes).toBe(total - size('config.json') - 1)
  mkdirSync(join(scene.cache, 'removed.0a1b2c3d-1-0123456789ab.incomplete'))
  await whole.run()
  expect(scene.paths()).toEqual([])
  expect(existsSync(join(scene.cache, 'removed.0a1b2c3d-1-0123456789ab.incomplete'))).toBe(false)
  rmSync(join(scene.cache, 'models--..--x'), { recursive: true })
  expect(scanCache(join(scene.cache, 'nowhere'))).toEqual([])
})
