// Every kernel has its bench, and every function of it a case.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { kernelSizes } from '../../bench/kernels/case.ts'
import { kernelBenches } from '../../bench/kernels/index.ts'
import { definitions } from '../../src/backends/kernels.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder))
    .filter(name => name.endsWith(ending))
    .map(name => name.slice(0, -ending.length))
    .sort()

const kernels = filesIn('kernels', '.ts')

/** Functions that are called with begin and end, as the text of the file has them. */
function functionsOf(kernel: string): string[] {
  const text = readFileSync(join(root, 'kernels', `${kernel}.ts`), 'utf8')
  const written = [...text.matchAll(/^export function (\w+)\([^)]*\bbegin: number,\s*end: number,?\s*\)/gm)]
  const made = [...text.matchAll(/^export const (\w+) = \w+\(/gm)]
  return [...written, ...made].map(([, name]) => name!).filter(name => Object.hasOwn(definitions, name))
}

test('every kernel has a bench', () => {
  expect(kernels.length).toBeGreaterThan(12)
  expect(filesIn('bench/kernels', '.bench.ts')).toEqual(kernels)
  expect(Object.keys(kernelBenches).sort()).toEqual(kernels)
})

test('every kernel has a test', () => {
  const folder = 'test/kernels'
  const tested = existsSync(join(root, folder)) ? filesIn(folder, '.test.ts') : kernels
  expect(kernels.filter(kernel => !tested.includes(kernel))).toEqual([])
})

test.each(kernels)('every function of %s has a case', kernel => {
  const cases = kernelBenches[kernel]?.(kernelSizes('tiny', 8, 2)) ?? []
  const named = new Set(cases.map(({ name }) => name))
  expect(functionsOf(kernel).filter(name => !named.has(name))).toEqual([])
  expect(named.size).toBeGreaterThan(0)
})
