// The examples of all documents fit the types.
import { expect, test } from 'vitest'
import { blocksOf, faultsOf, programOf } from './blocks.ts'

test('the examples fit the types', () => {
  const programs = [...blocksOf('README.md'), programOf('docs/generation.md'), programOf('docs/serve.md')]
  expect(faultsOf(programs.map(({ path }) => path))).toEqual([])
}, 60_000)
