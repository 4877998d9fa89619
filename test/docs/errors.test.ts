// docs/errors.md has every error code, and what the sources say of it.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
const codes = new Set(Array.from(page.matchAll(/^### (\w+)$/gm), ([, code]) => code!))

test('it is what scripts/errors.mjs makes of the sources', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/errors.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(stdout).toBe('docs/errors.md is current\n')
}, 30_000)

test('every code that a test expects is in it', () => {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.test.ts'),
  )
  const expected = files.flatMap(name => {
    const text = readFileSync(join(root, 'test', name), 'utf8')
    return Array.from(text.matchAll(/\bcode: '([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'/g), ([, code]) => code!)
  })
  const ofNode = ['ENOSPC', 'EACCES', 'EIO', 'ENOENT', 'EPERM', 'EPIPE', 'EROFS', 'EADDRINUSE']
  expect(new Set(expected).size).toBeGreaterThan(80)
  expect([...new Set(expected)].filter(code => !codes.has(code) && !ofNode.includes(code))).toEqual([])
})

test('every code has messages and, unless it is a warning, a way out', () => {
  const [errors, warnings] = page.split('\n## Warnings\n')
  const entries = (text: string): string[] => text.split(/^### /m).slice(1)
  expect(entries(errors!).length).toBeGreaterThan(150)
  for (const entry of entries(errors!)) expect(entry).toMatch(/^\w+\n\n(- .+\n)+\n\*\*Way out:\*\* .+\n/)
  for (const entry of entries(warnings!)) expect(entry).toMatch(/^\w+\n\n(- .+\n)+/)
})
