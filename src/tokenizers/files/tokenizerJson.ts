// tokenizer.json, the Rust library's one file for everything: read as far as BERT's and GPT-2's components go, all else refused by
// its name.
import { ConfigError, FileError } from '../../errors.ts'
import type { AddedToken } from '../added/addedTokens.ts'
import type { PostProcessor } from '../call/postProcessor.ts'
import { type MergeList, type Pair, pairOf } from '../model/merges.ts'
import { type Vocabulary, vocabularyOfJson } from '../model/vocabulary.ts'
import { gpt2Pattern } from '../text/gpt2Words.ts'
import { addedTokenOf } from './addedTokenJson.ts'
import { componentAt, knownType } from './component.ts'
import { JsonFields, type Problem } from './jsonFields.ts'
import { parseJson } from './jsonMap.ts'
import { postProcessorOf } from './templateJson.ts'

/** BertNormalizer; undefined in a file without one. */
export interface NormalizerJson {
  readonly clean_text: boolean
  readonly handle_chinese_chars: boolean
  readonly strip_accents: boolean | undefined
  readonly lowercase: boolean
}

export interface WordPieceJson {
  readonly type: 'WordPiece'
  readonly unk_token: string
  readonly continuing_subword_prefix: string
  readonly max_input_chars_per_word: number
}

export interface BpeJson {
  readonly type: 'BPE'
  readonly merges: MergeList
  readonly unk_token: string | undefined
  readonly fuse_unk: boolean
  readonly ignore_merges: boolean
}

/** How tokens become text: the pieces' prefix and cleaning, GPT-2's bytes, or blanks between when undefined. */
export type DecoderJson = { readonly prefix: string; readonly cleanup: boolean } | 'ByteLevel' | undefined

/** The content of a tokenizer.json. */
export interface TokenizerJson {
  readonly vocabulary: Vocabulary
  readonly model: WordPieceJson | BpeJson
  readonly normalizer: NormalizerJson | undefined
  /** Of ByteLevel; undefined where a Sequence leaves it no say, and for BERT. */
  readonly add_prefix_space: boolean | undefined
  readonly post_processor: PostProcessor
  readonly decoder: DecoderJson
  readonly added_tokens: ReadonlyMap<number, AddedToken>
  /** What padding and truncation of the file say about sides and the padding token. */
  readonly options: {
    readonly padding_side?: 'left' | 'right'
    readonly truncation_side?: 'left' | 'right'
    readonly pad_token?: string
  }
}

/**
 * Reads the text of a tokenizer.json. Throws FileError TOKENIZER_JSON, VOCABULARY or MERGES, and ConfigError
 * UNSUPPORTED_COMPONENT or UNSUPPORTED_PATTERN.
 */
export function readTokenizerJson(text: string, name = 'tokenizer.json'): TokenizerJson {
  const problem: Problem = message => new FileError('TOKENIZER_JSON', `${name}: ${message}`)
  const root = new JsonFields(parseJson(text, problem), '', problem)
  if (root.text('version', '1.0') !== '1.0') throw root.problem('version', '"1.0"')
  const model = root.object('model')
  const kind = kindOf(model)
  const vocabulary = vocabularyOfJson(model.get('vocab'), `${name}: model.vocab`)
  return {
    vocabulary,
    model: kind === 'BPE' ? bpeOf(model, name) : wordPieceOf(model),
    normalizer: normalizerOf(root, kind),
    add_prefix_space: preTokenizerOf(root, kind),
    post_processor: postProcessorOf(root),
    decoder: decoderOf(root, kind),
    added_tokens: addedTokensOf(root),
    options: optionsOf(root),
  }
}

type Kind = 'WordPiece' | 'BPE'

/** The model's type, which older files do not name. */
function kindOf(model: JsonFields): Kind {
  const named = model.text('type', undefined)
  const guessed = model.get('merges') === undefined ? 'WordPiece' : 'BPE'
  return knownType(model, named ?? guessed, ['WordPiece', 'BPE'])
}

function wordPieceOf(model: JsonFields): WordPieceJson {
  return {
    type: 'WordPiece',
    unk_token: model.text('unk_token'),
    continuing_subword_prefix: model.text('continuing_subword_prefix', '##'),
    max_input_chars_per_word: model.count('max_input_chars_per_word', 100),
  }
}

function bpeOf(model: JsonFields, name: string): BpeJson {
  for (const option of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback']) {
    if (!model.get(option)) continue
    throw new ConfigError('UNSUPPORTED_COMPONENT', `tokenizer.json: ${model.path(option)} is not supported`, {
      type: option,
      hint: 'byte-level tokenizers of GPT-2 have it off',
    })
  }
  const nameOf = (rank: number): string => `${name}: model.merges[${rank}]`
  const pairs = model.list('merges').map((merge, rank): Pair => {
    if (typeof merge === 'string') return pairOf(merge, nameOf(rank))
    const [left, right, ...more] = Array.isArray(merge) ? merge : []
    if (typeof left === 'string' && typeof right === 'string' && more.length === 0) return [left, right]
    throw new FileError('MERGES', `${nameOf(rank)} must be two tokens, got ${JSON.stringify(merge)}`, { rank })
  })
  return {
    type: 'BPE',
    merges: { pairs, nameOf },
    unk_token: model.text('unk_token', undefined),
    fuse_unk: model.flag('fuse_unk', false),
    ignore_merges: model.flag('ignore_merges', false),
  }
}

function normalizerOf(root: JsonFields, kind: Kind): NormalizerJson | undefined {
  const found = componentAt(root, 'normalizer', kind === 'WordPiece' ? ['BertNormalizer'] : [])
  return (
    found && {
      clean_text: found.fields.flag('clean_text', true),
      handle_chinese_chars: found.fields.flag('handle_chinese_chars', true),
      strip_accents: found.fields.flag('strip_accents', undefined),
      lowercase: found.fields.flag('lowercase', true),
    }
  )
}

/** Whether ByteLevel puts a blank in front. Throws unless words are cut as in BERT or GPT-2. */
function preTokenizerOf(root: JsonFields, kind: Kind): boolean | undefined {
  if (root.get('pre_tokenizer') === undefined) throw root.problem('pre_tokenizer', `that of a ${kind} model`)
  const found = componentAt(
    root,
    'pre_tokenizer',
    kind === 'WordPiece' ? ['BertPreTokenizer'] : ['ByteLevel', 'Sequence'],
  )
  if (!found || found.type === 'BertPreTokenizer') return undefined
  if (found.type === 'ByteLevel') {
    if (!found.fields.flag('use_regex', true)) throw found.fields.problem('use_regex', 'true, or stand behind a Split')
    return found.fields.flag('add_prefix_space', true)
  }
  const [split, bytes, ...more] = found.fields.objects('pretokenizers')
  knownType(split ?? found.fields, split?.text('type') ?? 'none', ['Split'])
  knownType(bytes ?? found.fields, bytes?.text('type') ?? 'none', ['ByteLevel'])
  if (more.length > 0) throw found.fields.problem('pretokenizers', 'a Split and ByteLevel')
  checkPattern(split!)
  if (bytes!.flag('use_regex', true) || bytes!.flag('add_prefix_space', true)) {
    throw bytes!.problem('use_regex', 'false behind a Split, and add_prefix_space too')
  }
  return undefined
}

/** Runs no pattern of a file: it must be GPT-2's, which is written out here. Throws ConfigError UNSUPPORTED_PATTERN. */
function checkPattern(split: JsonFields): void {
  const pattern = split.object('pattern')
  const regex = pattern.text('Regex', undefined)
  const isPlain = split.text('behavior') === 'Isolated' && !split.flag('invert', false)
  if (regex === gpt2Pattern && isPlain) return
  const name = JSON.stringify(regex ?? pattern.text('String', 'none'))
  throw new ConfigError('UNSUPPORTED_PATTERN', `tokenizer.json: the pattern ${name} is not run`, {
    pattern: name,
    hint: `only that of GPT-2 is known, with the behavior Isolated: ${gpt2Pattern}`,
  })
}

function decoderOf(root: JsonFields, kind: Kind): DecoderJson {
  const found = componentAt(root, 'decoder', kind === 'WordPiece' ? ['WordPiece'] : ['ByteLevel'])
  if (found?.type !== 'WordPiece') return found?.type
  return { prefix: found.fields.text('prefix', '##'), cleanup: found.fields.flag('cleanup', true) }
}

function addedTokensOf(root: JsonFields): Map<number, AddedToken> {
  return new Map(root.objects('added_tokens', []).map(fields => [fields.count('id'), addedTokenOf(fields)]))
}

function optionsOf(root: JsonFields): TokenizerJson['options'] {
  const padding = root.get('padding') === undefined ? undefined : root.object('padding')
  const truncation = root.get('truncation') === undefined ? undefined : root.object('truncation')
  const pad_token = padding?.text('pad_token', undefined)
  return {
    ...(padding && { padding_side: sideOf(padding) }),
    ...(truncation && { truncation_side: sideOf(truncation) }),
    ...(pad_token !== undefined && { pad_token }),
  }
}

function sideOf(fields: JsonFields): 'left' | 'right' {
  return fields.text('direction', 'Right') === 'Left' ? 'left' : 'right'
}
