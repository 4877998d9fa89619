// Several processes at one cache, and processes that are killed: whenever one looks, what is there is right.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { scanModel } from '../../src/hub/cacheScan.ts'
import { verifyModel } from '../../src/hub/cacheVerification.ts'
import { faults, gitSha1, inTurn, sha256 } from './fakeHub.ts'
import { bytesOf, name, setScene, tinyModel } from './scene.ts'

const scene = setScene()
const large = bytesOf(400_000)
const weights = 'model.safetensors'
const model: Record<string, Buffer> = { ...tinyModel(), [weights]: large }

const wanted = { files: ['config.json'], weights: {} }
/**
 * The built library, without all that the command line needs beside it. Told a number it dies before the step of that number that
 * changes something on the disk.
 */
const program = `
  import fs from 'node:fs'
  import promises from 'node:fs/promises'
  import { syncBuiltinESMExports } from 'node:module'
  import { resolveFolder } from '${new URL('../../dist/src/hub/resolveFolder.js', import.meta.url)}'
  let steps = Number(process.argv[1])
  const handle = await promises.open(process.execPath)
  for (const [object, names] of [
    [fs, ['mkdirSync']],
    [promises, ['open', 'rename', 'rm', 'symlink', 'writeFile']],
    [Object.getPrototypeOf(handle), ['appendFile', 'sync']],
  ]) {
    for (const name of names) {
      const real = object[name]
      object[name] = function (...args) {
        if (--steps === 0) process.kill(process.pid, 'SIGKILL')
        return real.apply(this, args)
      }
    }
  }
  await handle.close()
  syncBuiltinESMExports()
  console.log(await resolveFolder('${name}', {}, ${JSON.stringify(wanted)}))`

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(cache = scene.cache, lastStep = 0): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, String(lastStep)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HF_HUB_CACHE: cache },
  })
  const texts = ['', '']
  for (const [i, stream] of [child.stdout, child.stderr].entries()) stream?.on('data', data => (texts[i] += data))
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout: texts[0]!,
    stderr: texts[1]!,
  }))
  return { child, ended }
}

/** Whatever is in a cache is right, and the branch is there only with all of it. */
async function expectRight(cache: string): Promise<void> {
  if (!existsSync(join(cache, 'models--owner--model'))) return
  const found = scanModel(cache, name)
  expect((await verifyModel(found)).findings).toEqual([])
  for (const { path, files } of found.revisions) {
    for (const { file } of files) expect(readFileSync(join(path, file)).equals(model[file]!)).toBe(true)
  }
  if (existsSync(join(found.path, 'refs', 'main')))
    expect(found.revisions[0]?.files.map(({ file }) => file)).toContain(weights)
}

test.each([0, 1500])('two processes, %i ms one after the other, are both right and leave one file', async pause => {
  const commit = scene.hub.add(name, model)
  // The first is still at work when the second comes.
  scene.hub.fault = pause > 0 ? faults(weights).slow(12, 160) : faults(weights).slow(10, 30, 2)
  const first = start().ended
  await setTimeout(pause)
  expect(existsSync(join(scene.cache, 'models--owner--model', 'refs', 'main'))).toBe(false)
  for (const { code, stdout } of await Promise.all([first, start().ended])) {
    expect(code).toBe(0)
    expect(stdout.trim()).toBe(join(scene.cache, 'models--owner--model', 'snapshots', commit))
  }
  await expectRight(scene.cache)
  const blobs = readdirSync(join(scene.cache, 'models--owner--model', 'blobs'))
  expect(blobs.sort()).toEqual(
    [...wanted.files, weights].map(file => (file === weights ? sha256 : gitSha1)(model[file]!)).sort(),
  )
})

test('a process that is killed while a file comes leaves a cache that is right, and the next one goes on', async () => {
  scene.hub.add(name, model)
  // A small file comes first, in four pieces; the large one never comes to its end.
  for (const moment of [2, 6, 8, 4, 5, 3, 7]) {
    const { child, ended } = start()
    let pieces = 0
    const die = (): void => void (++pieces === moment && child.kill('SIGKILL'))
    scene.hub.fault = inTurn(faults(weights).slow(16, 2, 1, die), faults('').slow(3, 2, 99, die))
    expect((await ended).code).toBe(null)
    await expectRight(scene.cache)
  }
  scene.hub.fault = undefined
  scene.hub.requests.length = 0
  const { code, stdout } = await start().ended
  expect(code).toBe(0)
  expect(readFileSync(join(stdout.trim(), weights)).equals(large)).toBe(true)
  expect(await verifyModel(scanModel(scene.cache, name))).toMatchObject({ findings: [], unfinished: 0 })
  // It went on where the last one had ended.
  expect(scene.hub.fetched).toEqual([expect.stringMatching(/^model\.safetensors [1-9]/)])
}, 60_000)

test('a process that is killed before any of its steps on the disk leaves a cache that is right', async () => {
  scene.hub.add(name, model)
  /** Kills at every third step, until one process comes to its end; how often it did. */
  const killEach = async (step: number): Promise<number> => {
    const cache = join(scene.cache, String(step))
    const { code } = await start(cache, step).ended
    await expectRight(cache)
    expect(code === null || code === 0).toBe(true)
    const folder = await scene.fetch({ cache_dir: cache }, wanted)
    expect(readFileSync(join(folder, weights)).equals(large)).toBe(true)
    await expectRight(cache)
    return code === null ? 1 + (await killEach(step + 3)) : 0
  }
  const kills = await Promise.all([1, 2, 3].map(killEach))
  expect(kills.reduce((sum, each) => sum + each)).toBeGreaterThanOrEqual(23)
}, 60_000)
