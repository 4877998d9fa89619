// Two documents in two languages that must say the same.
import { expect } from 'vitest'
import { codeBlocks, documentText } from './blocks.ts'

/**
 * Lines that do not depend on the language: headings by level and code in them, rows of tables, code without its
 * comments.
 */
function skeleton(text: string): string[] {
  return text.split('\n').flatMap(line => {
    if (line.startsWith('#')) return [line.replace(/[^#].*/, '') + [...line.matchAll(/`[^`]+`/g)].join()]
    return line.startsWith('|') ? [`row of ${line.split('|').length}`] : []
  })
}

const withoutComments = (code: string) => code.replace(/\/\/(?!=>).*$/gm, '//')

export function expectTwins(english: string, chinese: string): void {
  const [first, second] = [documentText(english), documentText(chinese)]
  expect(skeleton(second)).toEqual(skeleton(first))
  expect(codeBlocks(second).map(withoutComments)).toEqual(codeBlocks(first).map(withoutComments))
}
