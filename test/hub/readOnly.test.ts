// A cache that may be read and not written to, such as one that many people share.
import type * as fs from 'node:fs'
import type * as promises from 'node:fs/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { name, setScene, tinyModel, wholeModel } from './scene.ts'

const disk = vi.hoisted(() => ({
  isReadOnly: false,
  check(): void {
    if (disk.isReadOnly) throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' })
  },
}))

vi.mock('node:fs/promises', async original => {
  const real = await original<typeof promises>()
  const guarded = (name: 'open' | 'rename' | 'symlink' | 'writeFile') => [
    name,
    async (...args: never[]) => {
      disk.check()
      return (real[name] as (...args: never[]) => unknown)(...args)
    },
  ]
  return { ...real, ...Object.fromEntries((['open', 'rename', 'symlink', 'writeFile'] as const).map(guarded)) }
})

vi.mock('node:fs', async original => {
  const real = await original<typeof fs>()
  return {
    ...real,
    mkdirSync: (path: string, options: fs.MakeDirectoryOptions) => {
      if (!real.existsSync(path)) disk.check()
      return real.mkdirSync(path, options)
    },
  }
})

const scene = setScene()
afterEach(() => {
  disk.isReadOnly = false
})

test('what is there is taken, although nothing can be noted down', async () => {
  const folder = await scene.fetch()
  disk.isReadOnly = true
  await expect(scene.fetch({}, { ...wholeModel, files: ['config.json', 'merges.txt'] })).resolves.toBe(folder)
  await expect(scene.fetch({ revision: 'refs/pr/1' })).resolves.toBe(folder)
  expect(scene.paths().filter(path => path.includes('.no_exist') || path.includes('refs/refs'))).toEqual([])
})

test('what is not there says which variables name another place', async () => {
  disk.isReadOnly = true
  await expect(scene.fetch()).rejects.toMatchObject({ name: 'HubError', code: 'CACHE_UNWRITABLE' })
  disk.isReadOnly = false
  await scene.fetch()
  scene.hub.add(name, { ...tinyModel(), 'config.json': '{}' })
  disk.isReadOnly = true
  await expect(scene.fetch()).rejects.toThrow('HF_HUB_CACHE')
})
