// What the tests of the hub need: a fake one, an empty cache, and the model of the tests.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'
import { filesUnder } from '../../src/hub/cacheScan.ts'
import { type HubOptions, hubOptions } from '../../src/hub/options.ts'
import { type HubSettings, hubSettings } from '../../src/hub/settings.ts'
import { Snapshot } from '../../src/hub/snapshot.ts'
import { modelFileNames, type Wanted } from '../../src/hub/wanted.ts'
import { goldenPath } from '../golden.ts'
import { FakeHub, filesOf } from './fakeHub.ts'

export const name = 'owner/model'
export const wholeModel: Wanted = { files: modelFileNames, weights: {} }

/** The tiny GPT-2 of the golden files. */
export const tinyModel = () => filesOf(goldenPath('weights/gpt2-lm'))

export interface Scene {
  readonly hub: FakeHub
  /** An empty folder for each test. */
  readonly cache: string
  /** The commit of the model. */
  readonly commit: string
  /** The model's folder, fetched without long pauses. */
  fetch(options?: HubOptions, wanted?: Wanted, settings?: Partial<HubSettings>): Promise<string>
  /** Paths in the cache, links with where they lead. */
  paths(): string[]
}

/** Sets the stage for the tests of a file, and clears it. */
export function setScene(): Scene {
  let hub: FakeHub
  let cache = ''
  let commit = ''
  beforeAll(async () => {
    hub = await FakeHub.start()
  })
  afterAll(() => hub.stop())
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'vitrine-hub-'))
    hub.reset()
    commit = hub.add(name, tinyModel())
    vi.stubEnv('HF_HUB_OFFLINE', '')
    vi.stubEnv('HF_ENDPOINT', hub.endpoint)
    vi.stubEnv('HF_HUB_CACHE', cache)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
    rmSync(cache, { recursive: true, force: true })
  })
  return {
    get hub() {
      return hub
    },
    get cache() {
      return cache
    },
    get commit() {
      return commit
    },
    fetch(options = {}, wanted = wholeModel, settings = {}) {
      const [own] = hubOptions(options)
      const quick = { ...hubSettings(own), backOff: 1, idleTimeout: 2000, ...settings }
      return new Snapshot(name, own, quick).folder(wanted)
    },
    paths: () => filesUnder(cache).map(({ path }) => path),
  }
}

/** A file of so many bytes that do not repeat. */
export function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i + 4 <= length; i += 4) bytes.writeUInt32LE(Math.imul(i, 2_654_435_761) >>> 0, i)
  return bytes
}
