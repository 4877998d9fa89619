// Files on their way from the hub: every fault of network, server and disk, and what is left afterwards.

import { createHash } from 'node:crypto'
import { existsSync, lutimesSync, readFileSync, realpathSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, relative } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { Snapshot } from '../../src/hub/snapshot.ts'
import type { HubError } from '../../src/index.ts'
import { faults, inTurn, sha256 } from './fakeHub.ts'
import { bytesOf, name, setScene, tinyModel } from './scene.ts'

const scene = setScene()
const weights = 'model.safetensors'
const on = faults(weights)
const model = tinyModel()

const rests = (): string[] => scene.paths().filter(path => path.endsWith('.incomplete'))
const isWhole = (folder: string): void => {
  for (const file of ['config.json', 'generation_config.json', weights]) {
    expect(readFileSync(join(folder, file)).equals(model[file]!)).toBe(true)
  }
  expect(rests()).toEqual([])
}

test('only what is needed is fetched, and put where huggingface_hub puts it', async () => {
  const folder = await scene.fetch()
  expect(folder).toBe(join(scene.cache, 'models--owner--model', 'snapshots', scene.commit))
  expect(scene.hub.fetched).toEqual(['config.json', 'generation_config.json', weights])
  isWhole(folder)
  expect(realpathSync(join(folder, weights))).toBe(
    realpathSync(join(scene.cache, 'models--owner--model', 'blobs', sha256(model[weights]!))),
  )
  expect(scene.hub.requests.every(({ headers }) => headers['accept-encoding'] === 'identity')).toBe(true)
  await scene.fetch()
  expect(scene.hub.fetched).toHaveLength(3)
})

test('a connection that breaks goes on where it broke', async () => {
  scene.hub.fault = on.cut(3)
  isWhole(await scene.fetch())
  const starts = scene.hub.fetched.slice(2).map(each => Number(each.replace(weights, '')))
  expect(starts).toHaveLength(4)
  // What was under way when it broke may be lost.
  expect(starts.every((start, i) => i === 0 || start > starts[i - 1]!)).toBe(true)
  const { headers } = scene.hub.requests.at(-1)!
  expect(headers['if-range']).toBe(`"${sha256(model[weights]!)}"`)
})

test('after five tries without progress it ends, and the next call goes on with what had come', async () => {
  scene.hub.fault = inTurn(on.cut(1), on.status(503, {}, 10))
  await expect(scene.fetch()).rejects.toMatchObject({ name: 'HubError', code: 'HUB_FAULT' })
  // The cut one came further, so the five count from there.
  expect(scene.hub.fetched.filter(each => each.startsWith(weights))).toHaveLength(5)
  expect(rests()).toHaveLength(1)
  scene.hub.reset()
  isWhole(await scene.fetch())
  expect(scene.hub.fetched).toEqual([expect.stringMatching(/^model\.safetensors [1-9]/)])
})

test('a server that ignores Range, or knows no such range, gives the whole file', async () => {
  scene.hub.fault = inTurn(on.cut(1), on.wholeAlways(1))
  isWhole(await scene.fetch())
  scene.hub.fault = inTurn(on.cut(1), on.status(416))
  isWhole(await scene.fetch({ force_download: true }))
})

test.each([
  ['short', 'SIZE_MISMATCH'],
  ['long', 'SIZE_MISMATCH'],
  ['corrupt', 'HASH_MISMATCH'],
] as const)('an answer that is %s is %s and leaves nothing', async (fault, code) => {
  scene.hub.fault = on[fault]()
  await expect(scene.fetch()).rejects.toMatchObject({ name: 'HubError', code })
  expect(scene.paths().filter(path => path.includes(sha256(model[weights]!)))).toEqual([])
  isWhole(await scene.fetch())
})

test('a small file is checked by the hash of git', async () => {
  scene.hub.fault = faults('generation_config.json').corrupt()
  await expect(scene.fetch()).rejects.toMatchObject({ code: 'HASH_MISMATCH' })
  isWhole(await scene.fetch())
})

test('silence has a limit', async () => {
  scene.hub.fault = on.stall(1)
  isWhole(await scene.fetch({}, undefined, { idleTimeout: 100 }))
  scene.hub.fault = on.silent(9)
  await expect(scene.fetch({ force_download: true }, undefined, { idleTimeout: 50, tries: 2 })).rejects.toMatchObject({
    code: 'TIMEOUT',
    fields: { timeout: 0.05 },
  })
  scene.hub.listFault = () => true
  await expect(
    scene.fetch({}, undefined, { answerTimeout: 50, tries: 1, cacheDir: `${scene.cache}/b` }),
  ).rejects.toMatchObject({ code: 'TIMEOUT' })
})

test('Retry-After is honoured, and one that is too long ends the download', async () => {
  scene.hub.fault = on.status(429, { 'retry-after': '1' })
  const start = Date.now()
  isWhole(await scene.fetch())
  expect(Date.now() - start).toBeGreaterThanOrEqual(990)
  scene.hub.fault = on.status(429, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() })
  const refused: unknown = await scene.fetch({ force_download: true }).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'RATE_LIMITED' })
  expect((refused as HubError).fields.retryAfter).toBeGreaterThan(3500)
})

test.each([
  [401, 'RepoNotFound', 'REPOSITORY_NOT_FOUND', 'neither a folder here nor a model on'],
  [404, '', 'REPOSITORY_NOT_FOUND', 'set HF_TOKEN'],
  [403, 'GatedRepo', 'GATED', 'accept its conditions'],
  [401, 'GatedRepo', 'GATED', 'accept its conditions'],
  [404, 'RevisionNotFound', 'REVISION_NOT_FOUND', 'no such revision'],
  [403, '', 'FORBIDDEN', '403'],
  [429, '', 'RATE_LIMITED', 'wait a while'],
  [500, '', 'HUB_FAULT', '500'],
  [418, '', 'HUB_ANSWER', '418'],
] as const)('%i %s is %s', async (status, kind, code, text) => {
  scene.hub.listFault = faults('').status(status, kind ? { 'x-error-code': kind } : {}, 9)
  const refused: unknown = await scene.fetch({}, undefined, { tries: 1 }).catch((error: unknown) => error)
  expect(refused).toMatchObject({ name: 'HubError', code })
  expect(String(refused)).toContain(text)
})

test('a token that is not accepted is told from a model that is not there', async () => {
  scene.hub.listFault = faults('').status(401, { 'x-error-message': 'Invalid credentials in Authorization header' })
  await expect(scene.fetch({ token: 'hf_old' })).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
})

test('a hub that is not there', async () => {
  const nowhere = { endpoint: 'http://127.0.0.1:9', tries: 2 }
  const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']
  for (const variable of proxies) vi.stubEnv(variable, undefined)
  const refused = () => expect(scene.fetch({}, undefined, nowhere)).rejects
  await refused().toMatchObject({ code: 'UNREACHABLE' })
  await refused().toThrow('is there a network?')
  for (const variable of proxies) {
    vi.stubEnv(variable, 'http://127.0.0.1:9')
    vi.stubEnv('NODE_USE_ENV_PROXY', undefined)
    await refused().toThrow(new RegExp(`${variable} is set, .*NODE_USE_ENV_PROXY=1`))
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    await refused().toThrow('is there a network?')
    vi.stubEnv(variable, undefined)
  }
})

test('what is no list of files is refused', async () => {
  const answers: unknown[] = [
    '<html>',
    [],
    { sha: 'main', siblings: [] },
    { sha: scene.commit },
    { sha: scene.commit, siblings: [{ rfilename: weights }] },
  ]
  for (const answer of answers) {
    scene.hub.listFault = ({ response }) => {
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
      return true
    }
    await expect(scene.fetch()).rejects.toMatchObject({ code: 'HUB_ANSWER' })
  }
})

test('names from the hub that lead elsewhere are left out', async () => {
  const file = { size: 1, blobId: '0'.repeat(40) }
  scene.hub.listFault = ({ response }) => {
    const bad = [
      '../config.json',
      '/config.json',
      'C:config.json',
      'a//config.json',
      'con.json',
      'config.json\u0000',
      'sub\\config.json',
    ]
    response.end(
      JSON.stringify({ sha: scene.commit, siblings: [...bad, 'fine.json'].map(rfilename => ({ rfilename, ...file })) }),
    )
    return true
  }
  await expect(scene.fetch()).rejects.toMatchObject({ code: 'WEIGHTS_MISSING' })
  await expect(scene.fetch({}, { files: ['../config.json'] })).rejects.toMatchObject({ code: 'UNSAFE_NAME' })
  expect(scene.hub.fetched).toEqual([])
})

test('a token goes to the hub, and not along to another host', async () => {
  const storage = scene.hub.endpoint.replace('127.0.0.1', 'localhost')
  scene.hub.fault = on.redirect(({ request }) => `${storage}${request.url}?signed`)
  isWhole(await scene.fetch({ token: 'hf_secret' }))
  const [list, , , asked, stored] = scene.hub.requests
  expect([list, asked].map(request => request?.headers.authorization)).toEqual(['Bearer hf_secret', 'Bearer hf_secret'])
  expect(stored?.headers.host).toContain('localhost')
  expect(stored?.headers.authorization).toBeUndefined()
  // A renamed model is at another address of the same host.
  scene.hub.fault = on.redirect(({ request }) => request.url!)
  await scene.fetch({ token: 'hf_secret', force_download: true })
  expect(scene.hub.requests.at(-1)?.headers.authorization).toBe('Bearer hf_secret')
})

test.each([
  ['UNSAFE_REDIRECT', 'file:///etc/passwd'],
  ['UNSAFE_REDIRECT', 'ftp://127.0.0.1/'],
  ['UNSAFE_REDIRECT', 'http://['],
  ['REDIRECT_LOOP', ''],
])('%s: a redirect to %s is not followed', async (code, to) => {
  scene.hub.fault = on.redirect(({ request }) => to || request.url!, 99)
  await expect(scene.fetch()).rejects.toMatchObject({ name: 'HubError', code })
})

test('what is too large for the disk is not begun', async () => {
  scene.hub.listFault = ({ response }) => {
    const siblings = [{ rfilename: weights, size: 2 ** 52, blobId: '0'.repeat(40) }]
    response.end(JSON.stringify({ sha: scene.commit, siblings }))
    return true
  }
  await expect(scene.fetch()).rejects.toMatchObject({ code: 'DISK_FULL', fields: { expected: 2 ** 52 } })
  expect(scene.hub.fetched).toEqual([])
})

test('a signal ends a download at once, and nothing of it is left', async () => {
  await expect(scene.fetch({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  expect(scene.hub.requests).toEqual([])
  const end = new AbortController()
  scene.hub.fault = on.slow(100, 20)
  let aborted = 0
  const fetching = scene.fetch({
    signal: end.signal,
    progress_callback: info => {
      if (aborted || info.status !== 'progress' || info.file !== weights || info.loaded === 0) return
      aborted = performance.now()
      setTimeout(() => end.abort())
    },
  })
  await expect(fetching).rejects.toMatchObject({ name: 'AbortError' })
  // The whole would have taken two seconds more.
  expect(performance.now() - aborted).toBeLessThan(1000)
  expect(rests()).toEqual([])
  scene.hub.reset()
  isWhole(await scene.fetch())
})

test('a signal ends the pause before another try', async () => {
  const end = new AbortController()
  scene.hub.listFault = exchange => {
    setTimeout(() => end.abort(), 20)
    return faults('').status(500)(exchange)
  }
  const start = performance.now()
  await expect(scene.fetch({ signal: end.signal }, undefined, { backOff: 5000 })).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect(performance.now() - start).toBeLessThan(1000)
})

test('several calls at once share one download; one that leaves does not end it for the others', async () => {
  scene.hub.fault = on.slow(10, 20, 9)
  const end = new AbortController()
  const loaded: number[] = []
  const first = scene.fetch({ signal: end.signal })
  const others = [1, 2].map(() =>
    scene.fetch({ progress_callback: info => void (info.status === 'progress' && loaded.push(info.loaded)) }),
  )
  setTimeout(() => end.abort(), 100)
  await expect(first).rejects.toMatchObject({ name: 'AbortError' })
  for (const folder of await Promise.all(others)) isWhole(folder)
  expect(scene.hub.fetched).toEqual(['config.json', 'generation_config.json', weights])
  expect(Math.max(...loaded)).toBe(model[weights]!.length)
})

test('what a dead process left is resumed; a wrong rest costs one more try; an old one is removed', async () => {
  const blobs = join(scene.cache, 'models--owner--model', 'blobs')
  await scene.fetch({}, { files: ['config.json'] })
  const hash = sha256(model[weights]!)
  const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
  const dead = 4_194_305 // above the highest pid of Linux
  const rest = (pid: number, owner = host) => join(blobs, `${hash}.${owner}-${pid}-0123456789ab.incomplete`)
  writeFileSync(rest(dead), model[weights]!.subarray(0, 1000))
  writeFileSync(rest(process.ppid), 'at work')
  writeFileSync(rest(dead, '00000000'), 'at work elsewhere')
  const yesterday = Date.now() / 1000 - 24 * 3600
  utimesSync(rest(dead, '00000000'), yesterday - 60, yesterday - 60)
  // Links have their own names on the way, too.
  symlinkSync('nowhere', rest(dead + 1))
  symlinkSync('nowhere', rest(dead + 2))
  lutimesSync(rest(dead + 1), yesterday - 60, yesterday - 60)
  lutimesSync(rest(dead + 2), yesterday + 60, yesterday + 60)
  await scene.fetch()
  expect(scene.hub.fetched).toContain(`${weights} 1000`)
  const kept = [rest(process.ppid), rest(dead + 2)].map(path => relative(scene.cache, path))
  expect(rests()).toEqual(kept.sort())
  writeFileSync(rest(dead), bytesOf(1000))
  await scene.fetch({ force_download: true })
  expect(scene.hub.fetched.slice(-2)).toEqual([`${weights} 1000`, weights])
  expect(readFileSync(join(blobs, hash)).equals(model[weights]!)).toBe(true)
})

test('whatever happens on the way, there is the right file or none', async () => {
  const fault = fc.constantFrom(...(['cut', 'short', 'corrupt', 'wholeAlways', 'long'] as const))
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 6 }), fc.uint8Array({ maxLength: 5000 }), async (list, bytes) => {
      const commit = scene.hub.add(name, { 'config.json': '{}', [weights]: Buffer.from(bytes) })
      scene.hub.fault = inTurn(...list.map(each => on[each]()))
      const folder = await scene.fetch({ force_download: true }).catch((error: unknown) => error as HubError)
      const path = join(scene.cache, 'models--owner--model', 'snapshots', commit, weights)
      if (typeof folder !== 'string') expect(['SIZE_MISMATCH', 'HASH_MISMATCH']).toContain(folder.code)
      if (typeof folder === 'string' || existsSync(path))
        expect(readFileSync(path).equals(Buffer.from(bytes))).toBe(true)
      expect(rests()).toEqual([])
    }),
    { numRuns: 40 },
  )
})

test('the address of the hub may have a path, and a name is put into it safely', async () => {
  const asked = vi.spyOn(globalThis, 'fetch')
  await expect(scene.fetch({ revision: 'refs/pr/1' })).resolves.toBeTypeOf('string')
  expect(String(asked.mock.calls[0]?.[0])).toBe(
    `${scene.hub.endpoint}/api/models/owner/model/revision/refs%2Fpr%2F1?blobs=true`,
  )
  await expect(scene.fetch({}, undefined, { endpoint: `${scene.hub.endpoint}/hub`, tries: 1 })).rejects.toBeInstanceOf(
    Error,
  )
  expect(String(asked.mock.calls.at(-1)?.[0])).toContain('/hub/api/models/owner/model/revision/main')
})

test('a plan has the files that would come, those of an index by their names', async () => {
  const plan = (subfolder: string) =>
    new Snapshot(name, { subfolder, cache_dir: scene.cache }).plan({
      files: ['config.json', 'merges.txt'],
      weights: {},
    })
  const { commit, files } = await plan('sharded')
  expect(commit).toBe(scene.commit)
  expect(files.map(({ file }) => file)).toEqual(
    [
      ...['config.json', 'model.safetensors.index.json'],
      ...[1, 2, 3].map(i => `model-0000${i}-of-00003.safetensors`),
    ].map(file => `sharded/${file}`),
  )
  expect((await plan('bin')).files.map(({ file }) => file)).toEqual(['bin/config.json', 'bin/pytorch_model.bin'])
  expect(scene.hub.fetched).toEqual([])
  await expect(new Snapshot(name, { local_files_only: true }).plan({ files: [] })).rejects.toMatchObject({
    code: 'OFFLINE',
  })
})
