// Where a tokenizer's vocabulary comes from: vocab.txt, vocab.json with merges.txt, or tokenizer.json.
import { ConfigError, FileError } from '../../errors.ts'
import { warnOnce } from '../../warnings.ts'
import { type MergeList, readMergesTxt } from '../model/merges.ts'
import { readVocabJson, readVocabTxt, type Vocabulary } from '../model/vocabulary.ts'
import { jsonFile } from './storedOptions.ts'
import type { TokenizerFiles } from './tokenizerFiles.ts'
import { type BpeJson, readTokenizerJson, type TokenizerJson } from './tokenizerJson.ts'

/** The two kinds of tokenizer: BERT's and GPT-2's. */
export type Kind = 'WordPiece' | 'BPE'

export const classNames: Readonly<Record<Kind, string>> = { WordPiece: 'BertTokenizerFast', BPE: 'GPT2TokenizerFast' }

/** The class of transformers that is whatever its tokenizer.json says. */
export const genericName = 'PreTrainedTokenizerFast'

export interface TokenizerSource {
  readonly vocabulary: Vocabulary
  /** Of byte-pair encoding. */
  readonly merges?: MergeList | undefined
  /** All that a tokenizer.json says. */
  readonly json?: TokenizerJson
  /** The name that the files give the class, where it is none of this library's. */
  readonly className?: string
}

/** The files that a kind needs beside tokenizer.json. */
const needed = { WordPiece: ['vocab.txt'], BPE: ['vocab.json', 'merges.txt'] } as const satisfies Record<
  Kind,
  readonly string[]
>

/** Whether a kind's own files are there. */
export function hasFiles(files: TokenizerFiles, kind: Kind): boolean {
  return needed[kind].every(name => files[name] !== undefined)
}

/**
 * The vocabulary for a kind of tokenizer. Fast ones take tokenizer.json where it is, and warn when the other files say something
 * else. Throws FileError VOCABULARY_MISSING, what reading throws, and ConfigError TOKENIZER_KIND for the other kind's file.
 */
export function sourceOf(files: TokenizerFiles, kind: Kind, isFast: boolean): TokenizerSource {
  const source =
    isFast && files['tokenizer.json'] !== undefined ? jsonSource(files, kind) : filesSource(files, kind, isFast)
  source.vocabulary.checkFits(jsonFile(files, 'config.json').get('vocab_size'), 'the vocabulary')
  return source
}

function filesSource(files: TokenizerFiles, kind: Kind, isFast: boolean): TokenizerSource {
  const missing = needed[kind].filter(name => files[name] === undefined)
  if (missing.length === 0) {
    return kind === 'WordPiece'
      ? { vocabulary: readVocabTxt(files['vocab.txt']!) }
      : { vocabulary: readVocabJson(files['vocab.json']!), merges: readMergesTxt(files['merges.txt']!) }
  }
  const there = Object.entries(files).flatMap(([name, text]) => (text === undefined ? [] : [name]))
  throw new FileError(
    'VOCABULARY_MISSING',
    `there is no ${missing.join(' and no ')} for a tokenizer of the kind ${kind}`,
    {
      missing,
      hint:
        !isFast && files['tokenizer.json'] !== undefined
          ? `tokenizer.json is read by ${classNames[kind]}`
          : `found: ${there.join(', ') || 'nothing'}`,
    },
  )
}

function jsonSource(files: TokenizerFiles, kind: Kind): TokenizerSource {
  const json = readTokenizerJson(files['tokenizer.json']!)
  if (json.model.type !== kind) {
    throw new ConfigError('TOKENIZER_KIND', `tokenizer.json has a model of the kind ${json.model.type}, not ${kind}`, {
      hint: `read it with ${classNames[json.model.type]}`,
    })
  }
  const merges = json.model.type === 'BPE' ? json.model.merges : undefined
  if (hasFiles(files, kind)) warnOfOther(filesSource(files, kind, true), json, merges)
  return { vocabulary: json.vocabulary, merges, json }
}

function warnOfOther(other: TokenizerSource, json: TokenizerJson, merges: BpeJson['merges'] | undefined): void {
  const textOf = (vocabulary: Vocabulary, list: MergeList | undefined): string =>
    JSON.stringify([vocabulary.sorted(), list?.pairs])
  if (textOf(other.vocabulary, other.merges) === textOf(json.vocabulary, merges)) return
  warnOnce(
    'TOKENIZER_FILES_DIFFER',
    'tokenizer.json and the vocabulary beside it are not the same: tokenizer.json is taken. Delete the one that is wrong.',
  )
}
