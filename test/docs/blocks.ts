// The examples of a document: its TypeScript blocks, run one by one; what they print must stand behind `//=>`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
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
  mkdirSync(folder, { recursive: true })
  return codeBlocks(documentText(document)).map((code, i) => {
    const path = join(folder, `${basename(document, '.md')}-${i + 1}.ts`)
    writeFileSync(path, `${code.replaceAll("from 'vitrine'", "from '../../src/index.ts'")}\nexport {}\n`)
    const expected = Array.from(code.matchAll(/\/\/=> (.*)$/gm), ([, text]) => text!)
    return { title: `${document}, block ${i + 1}`, path, expected }
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
