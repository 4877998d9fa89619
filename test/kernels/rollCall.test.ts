// One op, one name: the definition, the fast twin, the test. test/bench has the roll call of the benches.
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { definitions, fastNames } from '../../src/backends/kernels.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Not on the path of a model: the wasm back end runs their definitions on views of its memory. */
const withoutTwin = ['order', 'select']

const ops = readdirSync(`${root}/kernels`)
  .filter(file => file.endsWith('.ts'))
  .map(file => file.slice(0, -'.ts'.length))

test.each(ops)('%s is in all its places', op => {
  const places = [`test/kernels/${op}.test.ts`, ...(withoutTwin.includes(op) ? [] : [`kernels/simd/${op}.ts`])]
  expect(places.filter(path => !existsSync(`${root}/${path}`))).toEqual([])
})

test('every fast kernel has a definition of the same name', () => {
  expect(fastNames.filter(name => !(name in definitions))).toEqual([])
})
