// One cache for Python and this library: what huggingface_hub wrote is read here, and what it read of ours is what we write.
import { lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { filesUnder, scanCache } from '../../src/hub/cacheScan.ts'
import { verifyModel } from '../../src/hub/cacheVerification.ts'
import { modelFileNames } from '../../src/hub/wanted.ts'
import { AutoModelForCausalLM, AutoTokenizer } from '../../src/index.ts'
import { tokenizerFileNames } from '../../src/tokenizers/files/tokenizerFiles.ts'
import { golden } from '../golden.ts'
import { gitSha1, sha256 } from './fakeHub.ts'
import { name, setScene, tinyModel, wholeModel } from './scene.ts'

/** Each path: where a link leads, or size and hash of a file. */
type Listing = Record<string, { link: string } | { size: number; sha256: string }>

interface Recorded {
  name: string
  commit: string
  python: { wrote: Listing; vitrine: string }
  vitrine: {
    wrote: Listing
    python: {
      files: Record<string, string>
      folder: string
      warnings: string[]
      models: { name: string; bytes: number; files: number; refs: Record<string, string> }[]
      logits: number[]
      ids: number[]
    }
  }
}

const recorded = golden<Recorded>('hub/cache.json')
const { commit } = recorded
const model = tinyModel()
const topFiles = Object.entries(model).filter(([file]) => !file.includes('/'))
const everything = { files: [...modelFileNames, ...tokenizerFileNames], weights: {} }
const scene = setScene()

function listingOf(folder: string): Listing {
  const entries = filesUnder(folder).map(({ path }): [string, Listing[string]] => {
    const file = join(folder, path)
    if (lstatSync(file).isSymbolicLink()) return [path, { link: readlinkSync(file) }]
    const data = readFileSync(file)
    return [path, { size: data.length, sha256: sha256(data) }]
  })
  return Object.fromEntries(entries)
}

test('we write what Python read', async () => {
  scene.hub.add(name, Object.fromEntries(topFiles), commit)
  await scene.fetch({}, everything)
  expect(listingOf(scene.cache)).toEqual(recorded.vitrine.wrote)
})

test('Python found all of it, and its model gave the logits that this one gives', async () => {
  const { files, folder, warnings, models, logits, ids } = recorded.vitrine.python
  expect(warnings).toEqual([])
  expect(folder).toBe(`models--owner--model/snapshots/${commit}`)
  expect(models).toEqual([
    { name, bytes: topFiles.reduce((sum, [, { length }]) => sum + length, 0), files: 6, refs: { main: commit } },
  ])
  for (const [file, found] of Object.entries(files)) {
    expect([file, found]).toEqual([file, model[file] ? sha256(model[file]) : 'known to be absent'])
  }
  scene.hub.add(name, Object.fromEntries(topFiles), commit)
  const cache_dir = scene.cache
  using ours = await AutoModelForCausalLM.from_pretrained(name, { cache_dir, backend: 'reference' })
  const rows = ours.forward({ input_ids: [[2, 5, 6, 3]] }).logits.tolist() as number[][][]
  for (const [i, value] of logits.entries()) expect(rows[0]!.at(-1)![i]).toBeCloseTo(value, 5)
  const tokenizer = await AutoTokenizer.from_pretrained(name, { cache_dir })
  expect(tokenizer.call('我爱中国').input_ids).toEqual(ids)
})

test('both write the same, but for the locks', () => {
  const withoutLocks = Object.entries(recorded.python.wrote).filter(([path]) => !path.startsWith('.locks/'))
  expect(Object.fromEntries(withoutLocks)).toEqual(recorded.vitrine.wrote)
})

test('what Python wrote is taken without a connection', async () => {
  const contents = new Map(
    [commit, '', ...topFiles.map(([, data]) => data)].map(data => [sha256(Buffer.from(data)), data]),
  )
  for (const [path, entry] of Object.entries(recorded.python.wrote)) {
    const file = join(scene.cache, path)
    mkdirSync(dirname(file), { recursive: true })
    if ('link' in entry) symlinkSync(entry.link, file)
    else writeFileSync(file, contents.get(entry.sha256)!)
  }
  expect(await scene.fetch({ local_files_only: true }, everything)).toBe(join(scene.cache, recorded.python.vitrine))
  expect(await scene.fetch({ revision: commit }, everything)).toBe(join(scene.cache, recorded.python.vitrine))
  expect(scene.hub.requests).toEqual([])
  const [found] = scanCache(scene.cache)
  expect(found).toMatchObject({ name, revisions: [{ commit, refs: ['main'] }] })
  expect(await verifyModel(found!)).toEqual({ name, good: 6, findings: [], unknown: 0, unfinished: 0 })
  // Neither is a copy made when the hub can be asked.
  scene.hub.add(name, Object.fromEntries(topFiles), commit)
  await scene.fetch({}, wholeModel)
  expect(scene.hub.fetched).toEqual([])
  expect(listingOf(scene.cache)).toEqual(recorded.python.wrote)
})

test("git's hash of a file is the one that Python names its blob by", () => {
  for (const [file, data] of topFiles) {
    const hash = file.endsWith('.safetensors') ? sha256(data) : gitSha1(data)
    expect(recorded.python.wrote).toHaveProperty([`models--owner--model/blobs/${hash}`])
  }
})
