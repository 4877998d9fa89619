// The examples of a document: its TypeScript blocks, run one by one or as one program; what they print must stand
// behind `//=>`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import ts from 'typescript'
import { vi } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, '.cache', 'docs')

export interface Block {
  readonly title: string
  readonly path: string
  readonly expected: readonly string[]
}

export function documentText(name: string): string {
  return readFileSync(join(root, name), 'utf8')
}

/** The code between ```ts and ```, in order. */
export function codeBlocks(text: string): string[] {
  return Array.from(text.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, code]) => code!)
}

/** Every block of a document as a file that imports the sources. */
export function blocksOf(document: string): Block[] {
  return codeBlocks(documentText(document)).map((code, i) =>
    written(code, `${basename(document, '.md')}-${i + 1}.ts`, `${document}, block ${i + 1}`),
  )
}

/** All blocks of a document as one program, in which later ones use what earlier ones made; `edit` may change its text. */
export function programOf(document: string, edit?: (code: string) => string): Block {
  const code = codeBlocks(documentText(document)).join('\n')
  const name = basename(document, '.md')
  // Tests of other files may want the same program unchanged, at the same time.
  return edit ? written(edit(code), `${name}-edited.ts`, document) : written(code, `${name}.ts`, document)
}

function written(code: string, file: string, title: string): Block {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, file)
  writeFileSync(path, `${code.replaceAll("from 'vitrine'", "from '../../src/index.ts'")}\nexport {}\n`)
  const expected = Array.from(code.matchAll(/\/\/=> (.*)$/gm), ([, text]) => text!)
  return { title, path, expected }
}

/** What the type checker says about files. */
export function faultsOf(paths: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.test.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.')
  const program = ts.createProgram([join(root, 'src/backends/wasm/webAssembly.d.ts'), ...paths], {
    ...options,
    noEmit: true,
    noUnusedLocals: false,
  })
  const found = paths.flatMap(path => {
    const file = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
  })
  return found.map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
    return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

/** Runs a block and gives what it printed. */
export async function printedBy(block: Block): Promise<string[]> {
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(format(...values)))
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await import(block.path)
  } finally {
    log.mockRestore()
    write.mockRestore()
  }
  return printed
}
