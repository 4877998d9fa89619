// Our tokenizer beside the Rust library it is equal to, one thread each, on Chinese and on English text.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { BertTokenizerFast } from 'vitrine'
import { interleave } from './harness/interleave.ts'
import type { Group, Row } from './harness/report.ts'
import type { Run } from './models/run.ts'
import { root } from './subjects/cache.ts'

/** What is used of the npm package `tokenizers`. */
interface Native {
  readonly Tokenizer: { fromString(json: string): { encode(text: string): Promise<{ getIds(): number[] }> } }
}

const texts = { English: 'README.md', Chinese: 'README.zh-CN.md' }
/** Characters of a piece: long enough that the calls themselves cost little. */
const pieceLength = 4000

export async function measureTokenizers(run: Run): Promise<Group> {
  const rows: Row[] = []
  const vocabulary = join(root, 'test', 'golden', 'tokenizers', 'bert-base-chinese.txt')
  const words = readFileSync(vocabulary, 'utf8').trimEnd().split('\n')
  const ours = BertTokenizerFast.from_vocab(words)
  const { Tokenizer } = createRequire(import.meta.url)('tokenizers') as Native
  const native = Tokenizer.fromString(JSON.stringify(wordPiece(words)))
  for (const [language, file] of Object.entries(texts)) {
    const pieces = piecesOf(readFileSync(join(root, file), 'utf8'), run.size.name === 'tiny' ? 1 : 100)
    const megabytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0) / 1e6
    const encoders: Record<string, (piece: string) => number[] | Promise<number[]>> = {
      vitrine: piece => ours(piece, { return_offsets_mapping: true }).input_ids as number[],
      'tokenizers (Rust)': async piece => (await native.encode(piece)).getIds(),
    }
    const wanted = await Promise.all(pieces.map(async piece => (await native.encode(piece)).getIds().join()))
    const different = pieces.filter((piece, i) => String(encoders.vitrine?.(piece)) !== wanted[i])
    if (different.length > 0) {
      run.miss(`tokenizer, ${language}`, `${different.length} of ${pieces.length} pieces get other ids than in Rust`)
      continue
    }
    run.progress(`tokenizers: ${language}`)
    const contestants = Object.entries(encoders).map(([name, encode]) => ({
      name,
      async run() {
        const start = performance.now()
        for (const piece of pieces) await encode(piece)
        return (1000 * megabytes) / (performance.now() - start)
      },
    }))
    for (const [engine, { spread, failure }] of await interleave(contestants, run.repeat)) {
      if (!spread) run.miss(`${engine}, ${language}`, failure)
      else rows.push({ test: 'encode', subject: language, engine, dtype: '', threads: 1, unit: 'MB/s', spread })
    }
  }
  return { name: 'Tokenizers', explanation, rows }
}

const explanation =
  "WordPiece with bert-base-chinese's vocabulary, with offsets, one call after the other on pieces of 4,000 characters of the two " +
  'READMEs (UTF-8 megabytes a second). The ids of all pieces were equal.'

/** Text cut into pieces, repeated until there are `count`. */
function piecesOf(text: string, count: number): string[] {
  const pieces = Math.max(1, Math.ceil(text.length / pieceLength))
  return Array.from({ length: count }, (_, i) => text.substr((i % pieces) * pieceLength, pieceLength))
}

/** The settings of BertTokenizerFast as a tokenizer.json. */
function wordPiece(words: readonly string[]): object {
  const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  const idOf = (content: string) => words.indexOf(content)
  const piece = (id: string) => ({ SpecialToken: { id, type_id: 0 } })
  return {
    ...{ version: '1.0', truncation: null, padding: null },
    added_tokens: specials.map(content => ({ id: idOf(content), content, ...flags })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, piece('[SEP]')],
      pair: [
        piece('[CLS]'),
        { Sequence: { id: 'A', type_id: 0 } },
        piece('[SEP]'),
        { Sequence: { id: 'B', type_id: 1 } },
      ],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map(id => [id, { id, ids: [idOf(id)], tokens: [id] }])),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100 },
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
  }
}
