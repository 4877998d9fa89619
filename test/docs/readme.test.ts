// The README's examples do what they say, fit the types, and its Chinese twin has the same ones.
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { blocksOf, codeBlocks, documentText, printedBy } from './blocks.ts'

const blocks = blocksOf('README.md')

test.each(blocks.map(block => [block.title, block] as const))('%s', async (_, block) => {
  expect(block.expected.length).toBeGreaterThan(0)
  expect(await printedBy(block)).toEqual(block.expected)
})

test('the examples fit the types', () => {
  const root = join(import.meta.dirname, '..', '..')
  const path = join(root, 'tsconfig.test.json')
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(path, ts.sys.readFile).config, ts.sys, '.')
  const program = ts.createProgram(
    [join(root, 'src/backends/wasm/webAssembly.d.ts'), ...blocks.map(block => block.path)],
    { ...options, noEmit: true, noUnusedLocals: false },
  )
  const messages = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
    return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  expect(messages).toEqual([])
})

/** Lines that do not depend on the language: headings by level, rows of tables, code without its comments. */
function skeleton(text: string): string[] {
  return text.split('\n').flatMap(line => {
    if (line.startsWith('#')) return [line.replace(/[^#].*/, '')]
    return line.startsWith('|') ? [`row of ${line.split('|').length}`] : []
  })
}

const withoutComments = (code: string) => code.replace(/\/\/(?!=>).*$/gm, '//')

test('the Chinese README is the same', () => {
  const [english, chinese] = [documentText('README.md'), documentText('README.zh-CN.md')]
  expect(skeleton(chinese)).toEqual(skeleton(english))
  expect(codeBlocks(chinese).map(withoutComments)).toEqual(codeBlocks(english).map(withoutComments))
})
