// File systems without symbolic links: the files themselves lie in the snapshot, as huggingface_hub does it.
import { lstatSync, readFileSync } from 'node:fs'
import type * as promises from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { scanModel } from '../../src/hub/cacheScan.ts'
import { verifyModel } from '../../src/hub/cacheVerification.ts'
import { sha256 } from './fakeHub.ts'
import { name, setScene, tinyModel } from './scene.ts'

vi.mock('node:fs/promises', async original => ({
  ...(await original<typeof promises>()),
  symlink: async () => {
    throw Object.assign(new Error('EPERM: operation not permitted, symlink'), { code: 'EPERM' })
  },
}))

const scene = setScene()
const model = tinyModel()
const weights = 'model.safetensors'

test('a new file is moved into the snapshot, and one that others may need is copied', async () => {
  const folder = await scene.fetch()
  for (const file of ['config.json', 'generation_config.json', weights]) {
    expect(lstatSync(join(folder, file)).isFile()).toBe(true)
    expect(readFileSync(join(folder, file)).equals(model[file]!)).toBe(true)
  }
  expect(scene.paths().filter(path => path.includes('/blobs/'))).toEqual([])
  scene.hub.reset()
  await scene.fetch()
  await scene.fetch({ local_files_only: true })
  expect(scene.hub.fetched).toEqual([])
  expect(await verifyModel(scanModel(scene.cache, name))).toMatchObject({ good: 0, findings: [], unknown: 3 })
  await scene.fetch({ force_download: true })
  expect(scene.hub.fetched).toHaveLength(3)
  expect(scene.paths().filter(path => path.includes('/blobs/'))).toEqual([])
})

test('two calls at once are both right', async () => {
  const both = await Promise.all([scene.fetch(), scene.fetch()])
  for (const folder of both) expect(sha256(readFileSync(join(folder, weights)))).toBe(sha256(model[weights]!))
})
