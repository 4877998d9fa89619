// docs/hub.md: its program is run against a hub of our own, its tables name what there is, and its Chinese twin is the same.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hubOptionNames } from '../../src/hub/options.ts'
import { goldenPath } from '../golden.ts'
import { filesOf } from '../hub/fakeHub.ts'
import { setScene } from '../hub/scene.ts'
import { documentText, printedBy, programOf } from './blocks.ts'
import { expectTwins } from './twins.ts'

const english = 'docs/hub.md'
const scene = setScene()

test('its program prints what it says', async () => {
  scene.hub.add('uer/gpt2-chinese-cluecorpussmall', filesOf(goldenPath('weights/gpt2-lm')))
  const program = programOf(english, code => code.replace('./models', scene.cache))
  expect(program.expected).toHaveLength(3)
  expect(await printedBy(program)).toEqual(program.expected)
})

test('its tables have every option, and every code of the errors', () => {
  const text = documentText(english)
  for (const option of hubOptionNames) expect(text).toContain(`| \`${option}\` |`)
  const folder = fileURLToPath(new URL('../../src/hub', import.meta.url))
  const sources = readdirSync(folder).map(file => readFileSync(join(folder, file), 'utf8'))
  const codes = sources.flatMap(source =>
    Array.from(source.matchAll(/(?:new HubError|\bfault)\(\s*'([A-Z_]+)'/g), ([, code]) => code!),
  )
  const unnamed = [...new Set(codes)].filter(code => !text.includes(`\`${code}\``))
  expect(codes.length).toBeGreaterThan(15)
  expect(unnamed).toEqual([])
})

test('its Chinese twin is the same', () => {
  expectTwins(english, 'docs/hub.zh-CN.md')
})
