// The files that a tokenizer is made of, as they lie in a folder, each as text.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkFolder } from '../../checkpoint/folder.ts'
import { FileError } from '../../errors.ts'
import { hubOptions } from '../../hub/options.ts'
import { resolveFolder } from '../../hub/resolveFolder.ts'

/** The most bytes of one file. */
const mostBytes = 2 ** 26

export const tokenizerFileNames = [
  ...(['tokenizer.json', 'vocab.txt', 'vocab.json', 'merges.txt'] as const),
  ...(['tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json', 'config.json'] as const),
] as const

/** Texts of files by name; those that are not there are left out. */
export type TokenizerFiles = Readonly<{ [name in (typeof tokenizerFileNames)[number]]?: string | undefined }>

/** Of these a tokenizer needs one. */
export const vocabularyFileNames: readonly string[] = ['tokenizer.json', 'vocab.txt', 'vocab.json']

/**
 * The files of a folder or of a model on the hub, and the options that are not about where they come from; name_or_path is the name.
 * Throws what resolveFolder and readTokenizerFiles throw.
 */
export async function findTokenizerFiles<O extends object>(
  name: string,
  options: O | undefined,
): Promise<[TokenizerFiles, O & { name_or_path: string }]> {
  const [hub, others] = hubOptions({ name_or_path: name, ...options })
  const folder = await resolveFolder(name, hub, { files: tokenizerFileNames, oneOf: vocabularyFileNames })
  return [readTokenizerFiles(folder), others as O & { name_or_path: string }]
}

/** Reads the files of a folder. Throws FileError FOLDER_MISSING, NOT_A_FOLDER, FILE_SIZE, or NOT_UTF8. */
export function readTokenizerFiles(folder: string): TokenizerFiles {
  checkFolder(folder)
  return Object.fromEntries(tokenizerFileNames.map(name => [name, readText(join(folder, name))]))
}

function readText(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return undefined
  if (!stats.isFile() || stats.size > mostBytes) {
    throw new FileError('FILE_SIZE', `${path}: expected a file of at most ${mostBytes} bytes`, {
      path,
      bytes: stats.size,
    })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path))
  } catch (cause) {
    throw new FileError('NOT_UTF8', `${path} is not text in UTF-8`, { path, cause })
  }
}
