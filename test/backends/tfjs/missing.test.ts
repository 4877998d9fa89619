// Without tfjs-node everything that needs it says so, with the command that installs it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { tfjsFacts } from '../../../src/backends/tfjs/facts.ts'
import { setupCommand } from '../../../src/backends/tfjs/load.ts'
import { GPT2LMHeadModel, loadTfjs, openBackend, toTfjs } from '../../../src/index.ts'
import { goldenPath } from '../../golden.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vitrine-tfjs-'))
process.env.VITRINE_TFJS = folder
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const missing = expect.objectContaining({ code: 'BACKEND_MISSING' })

test('opening, loading, making and exchanging name the folder and the command', async () => {
  const tiny = { vocab_size: 9, n_positions: 8, n_embd: 8, n_layer: 1, n_head: 2 }
  const reference = await openBackend('reference')
  const attempts = [
    () => openBackend('tfjs'),
    () => GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend: 'tfjs' }),
    async () => GPT2LMHeadModel.from_config(tiny, { backend: 'tfjs' }),
    async () => toTfjs(reference.ones([2])),
    async () => loadTfjs(),
  ]
  for (const attempt of attempts) {
    await expect(attempt()).rejects.toThrow(missing)
    await expect(attempt()).rejects.toThrow(`looked for in ${folder} (not installed) (run: npm run setup:tfjs)`)
  }
  expect(tfjsFacts()).toEqual({ isThere: false, message: expect.stringContaining('npm run setup:tfjs') })
})

test('the command fits the folder in which the user stands', () => {
  const script = join(root, 'scripts', 'setup-tfjs.mjs')
  try {
    process.chdir(folder)
    expect(setupCommand()).toBe(`node ${script}`)
    process.chdir(join(root, '..'))
    expect(setupCommand()).toMatch(/^node [^/.][^ ]*\/scripts\/setup-tfjs\.mjs$/)
  } finally {
    process.chdir(root)
  }
})

test('what is installed but does not load is told with its reason', async () => {
  const broken = join(folder, 'node_modules', '@tensorflow', 'tfjs-node')
  mkdirSync(broken, { recursive: true })
  writeFileSync(join(broken, 'index.js'), "throw new Error('the binding is not there\\nmore about it')")
  await expect(openBackend('tfjs')).rejects.toThrow(missing)
  await expect(openBackend('tfjs')).rejects.toThrow(`${folder} (the binding is not there) (run:`)
})

test('a tfjs-node without its native back end is refused, and gets back what newer versions of Node have lost', async () => {
  const fake = join(folder, 'fake', 'node_modules', '@tensorflow', 'tfjs-node')
  mkdirSync(fake, { recursive: true })
  const text = `const util = require('util')
if (!util.isNullOrUndefined(null) || !util.isArray([])) throw new Error('functions are missing')
if (process.env.TF_CPP_MIN_LOG_LEVEL !== '1') throw new Error('TensorFlow would talk')
exports.findBackend = () => null`
  writeFileSync(join(fake, 'index.js'), text)
  process.env.VITRINE_TFJS = join(folder, 'fake')
  await expect(openBackend('tfjs')).rejects.toThrow(missing)
  await expect(openBackend('tfjs')).rejects.toThrow("has no back end 'tensorflow'")
  expect(process.env.TF_CPP_MIN_LOG_LEVEL).toBeUndefined()
})
