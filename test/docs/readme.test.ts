// The README's examples do what they say, and its Chinese twin has the same ones.
import { expect, test } from 'vitest'
import { blocksOf, printedBy } from './blocks.ts'
import { expectTwins } from './twins.ts'

const blocks = blocksOf('README.md')

test.each(blocks.map(block => [block.title, block] as const))('%s', async (_, block) => {
  expect(block.expected.length).toBeGreaterThan(0)
  expect(await printedBy(block)).toEqual(block.expected)
})

test('the Chinese README is the same', () => expectTwins('README.md', 'README.zh-CN.md'))
