// The examples of all documents fit the types.
import { expect, test } from 'vitest'
import { blocksOf, faultsOf, programOf } from './blocks.ts'

test('the examples fit the types', () => {
  const pages = ['docs/generation.md', 'docs/serve.md', 'docs/hub.md']
  const programs = [...blocksOf('README.md'), ...pages.map(page => programOf(page))]
  expect(faultsOf(programs.map(({ path }) => path))).toEqual([])
}, 60_000)
