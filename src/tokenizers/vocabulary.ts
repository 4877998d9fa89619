// vocab.txt: one token a line, the number of the line is its id.
import { FileError } from '../errors.ts'

/** Tokens by id and ids by token. */
export interface Vocabulary {
  readonly tokens: readonly string[]
  readonly ids: ReadonlyMap<string, number>
}

/**
 * Reads the text of a vocab.txt; lines may end in CRLF, and the last one may lack its end. Throws FileError VOCABULARY for a
 * byte order mark, an empty or doubled line (with its number), or no token at all.
 */
export function readVocabulary(text: string, name = 'vocab.txt'): Vocabulary {
  if (text.startsWith('\uFEFF'))
    throw new FileError('VOCABULARY', `${name} begins with a byte order mark (BOM): save it without`)
  const lines = text.split('\n').map(line => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  return vocabularyOf(lines, name)
}

/** The same from a list. */
export function vocabularyOf(tokens: readonly string[], name = 'the vocabulary'): Vocabulary {
  if (tokens.length === 0) throw new FileError('VOCABULARY', `${name} has no tokens`)
  const ids = new Map<string, number>()
  for (const [id, token] of tokens.entries()) {
    const line = `line ${id + 1} of ${name}`
    if (token === '') throw new FileError('VOCABULARY', `${line} is empty`, { line: id + 1 })
    const before = ids.get(token)
    if (before !== undefined) {
      throw new FileError(
        'VOCABULARY',
        `${line} has ${JSON.stringify(token)} a second time, first in line ${before + 1}`,
        { line: id + 1 },
      )
    }
    ids.set(token, id)
  }
  return { tokens, ids }
}
