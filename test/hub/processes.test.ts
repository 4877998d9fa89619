// Several processes at one cache, and processes that are killed: whenever one looks, what is there is right.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scanModel } from '../../src/hub/cacheScan.ts'
import { verifyModel } from '../../src/hub/cacheVerification.ts'
import { faults, inTurn } from './fakeHub.ts'
import { bytesOf, name, setScene, tinyModel } from './scene.ts'

const scene = setScene()
const large = bytesOf(400_000)
const weights = 'model.safetensors'
const model: Record<string, Buffer> = { ...tinyModel(), [weights]: large }

const wanted = { files: ['config.json', 'generation_config.json', 'vocab.txt'], weights: {} }
/** The built library, without all that the command line needs beside it. */
const program = `
  import { resolveFolder } from '${new URL('../../dist/src/hub/resolveFolder.js', import.meta.url)}'
  console.log(await resolveFolder('${name}', {}, ${JSON.stringify(wanted)}))`

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = ['', '']
  for (const [i, stream] of [child.stdout, child.stderr].entries()) stream?.on('data', data => (texts[i] += data))
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout: texts[0]!,
    stderr: texts[1]!,
  }))
  return { child, ended }
}

test('two processes at once are both right, and leave one file', async () => {
  const commit = scene.hub.add(name, model)
  scene.hub.fault = faults(weights).slow(10, 30, 2)
  const results = await Promise.all([start().ended, start().ended])
  for (const { code, stdout } of results) {
    expect(code).toBe(0)
    expect(stdout.trim()).toBe(join(scene.cache, 'models--owner--model', 'snapshots', commit))
  }
  expect(await verifyModel(scanModel(scene.cache, name))).toMatchObject({ findings: [], unknown: 0, unfinished: 0 })
})

test('a process that is killed at any moment leaves a cache that is right, and the next one goes on', async () => {
  scene.hub.add(name, model)
  // Three small files come first, in four pieces each; the large one never comes to its end.
  for (const moment of [2, 6, 10, 3, 7, 11, 4, 8, 12, 1]) {
    const { child, ended } = start()
    let pieces = 0
    const die = (): void => void (++pieces === moment && child.kill('SIGKILL'))
    scene.hub.fault = inTurn(faults(weights).slow(16, 2, 1, die), faults('').slow(3, 2, 99, die))
    expect((await ended).code).toBe(null)
    const found = scanModel(scene.cache, name)
    expect((await verifyModel(found)).findings).toEqual([])
    for (const { path, files } of found.revisions) {
      for (const { file } of files) expect(readFileSync(join(path, file)).equals(model[file]!)).toBe(true)
    }
    // The ref comes last.
    if (existsSync(join(found.path, 'refs', 'main')))
      expect(found.revisions[0]?.files.map(({ file }) => file)).toContain(weights)
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
