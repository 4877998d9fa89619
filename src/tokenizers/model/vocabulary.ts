// The tokens of a model and their ids, and the two files that list them: vocab.txt and vocab.json.
import { FileError } from '../../errors.ts'
import { type Json, JsonMap, parseJson } from '../files/jsonMap.ts'

/** Ids must be below this: enough for any model, and little enough that a pair of them fits into one number. */
export const mostIds = 2 ** 24

/** Tokens by id and ids by token. */
export class Vocabulary {
  readonly ids: ReadonlyMap<string, number>
  readonly tokens: ReadonlyMap<number, string>

  /** Throws FileError VOCABULARY for no tokens, for an id that is none, or that two tokens have. */
  constructor(ids: Iterable<readonly [token: string, id: unknown]>, name = 'the vocabulary') {
    const checked = new Map<string, number>()
    const tokens = new Map<number, string>()
    for (const [token, id] of ids) {
      const what = `${name}: ${JSON.stringify(token)} has the id ${JSON.stringify(id)}`
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= mostIds) {
        throw new FileError('VOCABULARY', `${what}, which must be a whole number from 0 to ${mostIds - 1}`, {
          token,
          id,
        })
      }
      const other = tokens.get(id)
      if (other !== undefined) {
        throw new FileError('VOCABULARY', `${what}, which ${JSON.stringify(other)} has too`, { token, id })
      }
      checked.set(token, id)
      tokens.set(id, token)
    }
    if (checked.size === 0) throw new FileError('VOCABULARY', `${name} has no tokens`)
    this.ids = checked
    this.tokens = tokens
  }

  get size(): number {
    return this.ids.size
  }

  /** All tokens with their ids, in the order of these. */
  sorted(): [token: string, id: number][] {
    return [...this.ids].sort(([, a], [, b]) => a - b)
  }

  /** Throws FileError VOCABULARY when an id has no row in the embedding of a model with `vocab_size` rows. */
  checkFits(vocab_size: unknown, name: string): void {
    if (typeof vocab_size !== 'number') return
    const outside = this.sorted().find(([, id]) => id >= vocab_size)
    if (!outside) return
    const [token, id] = outside
    const message = `${name}: ${JSON.stringify(token)} has the id ${id}, but config.json says vocab_size ${vocab_size}`
    throw new FileError('VOCABULARY', message, { token, id, vocab_size })
  }
}

/**
 * Reads the text of a vocab.txt: one token a line, the number of the line is its id. Lines may end in CRLF, and the last one may
 * lack its end. Throws FileError VOCABULARY for a byte order mark, an empty or doubled line (with its number), or no token at all.
 */
export function readVocabTxt(text: string, name = 'vocab.txt'): Vocabulary {
  if (text.startsWith('\uFEFF'))
    throw new FileError('VOCABULARY', `${name} begins with a byte order mark (BOM): save it without`)
  const lines = text.split('\n').map(line => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  return vocabularyOf(lines, name)
}

/** The same from a list. */
export function vocabularyOf(tokens: readonly string[], name = 'the vocabulary'): Vocabulary {
  const ids = new Map<string, number>()
  for (const [id, token] of tokens.entries()) {
    const line = `line ${id + 1} of ${name}`
    if (token === '') throw new FileError('VOCABULARY', `${line} is empty`, { line: id + 1 })
    const before = ids.get(token)
    if (before !== undefined) {
      const message = `${line} has ${JSON.stringify(token)} a second time, first in line ${before + 1}`
      throw new FileError('VOCABULARY', message, { line: id + 1 })
    }
    ids.set(token, id)
  }
  return new Vocabulary(ids, name)
}

/** Reads the text of a vocab.json: an object of tokens and ids. Throws FileError VOCABULARY. */
export function readVocabJson(text: string, name = 'vocab.json'): Vocabulary {
  return vocabularyOfJson(
    parseJson(text, message => new FileError('VOCABULARY', `${name}: ${message}`)),
    name,
  )
}

/** The same from parsed JSON. */
export function vocabularyOfJson(json: Json | undefined, name: string): Vocabulary {
  if (json instanceof JsonMap) return new Vocabulary(json, name)
  throw new FileError('VOCABULARY', `${name} must be an object of tokens and their ids`)
}
