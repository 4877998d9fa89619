// BertTokenizerFast gives what the Rust library gives, on 20,000 texts made of everything Unicode has.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { BertTokenizerFast } from '../../src/index.ts'
import { Generator } from '../../src/random/generator.ts'
import { goldenPath } from '../golden.ts'

/** The part of the npm package tokenizers that is used here. */
interface Native {
  readonly Tokenizer: { fromString(json: string): NativeTokenizer }
}
interface NativeTokenizer {
  encode(
    text: string,
    pair?: string | null,
  ): Promise<{ getIds(): number[]; getTokens(): string[]; getOffsets(): [number, number][] }>
}

const { Tokenizer } = createRequire(import.meta.url)('tokenizers') as Native
const words = readFileSync(goldenPath('tokenizers/bert-base-chinese.txt'), 'utf8').trimEnd().split('\n')

interface Settings {
  readonly do_lower_case: boolean
  readonly tokenize_chinese_chars: boolean
  readonly strip_accents: boolean | null
}

const settings: readonly (readonly [string, Settings])[] = [
  ['lower', { do_lower_case: true, tokenize_chinese_chars: true, strip_accents: null }],
  ['cased', { do_lower_case: false, tokenize_chinese_chars: true, strip_accents: null }],
  ['lower with accents', { do_lower_case: true, tokenize_chinese_chars: true, strip_accents: false }],
  ['no Chinese words', { do_lower_case: true, tokenize_chinese_chars: false, strip_accents: null }],
]

const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']

function nativeTokenizer({ do_lower_case, tokenize_chinese_chars, strip_accents }: Settings): NativeTokenizer {
  const idOf = (token: string) => words.indexOf(token)
  const piece = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } })
  const text = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } })
  return Tokenizer.fromString(
    JSON.stringify({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: specials.map(content => ({
        id: idOf(content),
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: tokenize_chinese_chars,
        strip_accents,
        lowercase: do_lower_case,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [piece('[CLS]', 0), text('A', 0), piece('[SEP]', 0)],
        pair: [piece('[CLS]', 0), text('A', 0), piece('[SEP]', 0), text('B', 1), piece('[SEP]', 1)],
        special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map(id => [id, { id, ids: [idOf(id)], tokens: [id] }])),
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      },
    }),
  )
}

const between = (random: Generator, first: number, last: number) =>
  first + Math.floor(random.double() * (last - first + 1))
const pick = <T>(random: Generator, list: readonly T[]): T => list[Math.floor(random.double() * list.length)]!
const codes = (first: number, last: number) => (random: Generator) => {
  const code = between(random, first, last)
  return code >= 0xd800 && code < 0xe000 ? '?' : String.fromCodePoint(code)
}

/** Makers of pieces of text: common ones several times. */
const makers: readonly ((random: Generator) => string)[] = [
  codes(0x4e00, 0x9fff),
  codes(0x4e00, 0x9fff),
  random => pick(random, words).replace('##', ''),
  random => pick(random, words).replace('##', ''),
  random => pick(random, words).toUpperCase(),
  codes(0x20, 0x7e),
  codes(0x20, 0x7e),
  codes(0, 0xff),
  codes(0xc0, 0x24f),
  codes(0x300, 0x36f),
  codes(0x370, 0x5ff),
  codes(0x600, 0x10ff),
  codes(0x1100, 0x11ff),
  codes(0x1e00, 0x1fff),
  codes(0x2000, 0x206f),
  codes(0x2070, 0x2fff),
  codes(0x3000, 0x30ff),
  codes(0xac00, 0xd7a3),
  codes(0xf900, 0xffff),
  codes(0x10000, 0x1ffff),
  codes(0x20000, 0x2fa1f),
  codes(0, 0x10ffff),
  random => pick(random, ['👩‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '🇨🇳', '☺️', '1️⃣']),
  random =>
    pick(random, [
      ' ',
      '\t',
      '\n',
      '\r\n',
      '\u3000',
      '\u00a0',
      '\u2028',
      '\u0085',
      '\ufeff',
      '\u200b',
      '\u180e',
      '\u001c',
    ]),
  random => pick(random, [...specials, '[mask]', '[MASK', 'MASK]', '##a', '[unused1]']),
  random =>
    pick(random, [
      'İ',
      'ı',
      'ß',
      'Σ',
      'ς',
      'ΑΣ',
      'ﬁ',
      'Å',
      'é',
      'e\u0301',
      '각',
      '\u1100\u1161\u11a8',
      'が',
      'か\u3099',
      '\u1e9e',
      'Ǆ',
    ]),
  random => 'a'.repeat(between(random, 95, 105)),
]

function makeText(random: Generator): string {
  const count = between(random, 0, 24)
  let text = ''
  for (let i = 0; i < count; i++) text += pick(random, makers)(random) + (random.double() < 0.2 ? ' ' : '')
  return text
}

test.each(settings)('5,000 texts, %s', async (_, { strip_accents, ...options }) => {
  const native = nativeTokenizer({ strip_accents, ...options })
  const own = BertTokenizerFast.from_vocab(words, { ...options, ...(strip_accents !== null && { strip_accents }) })
  const random = new Generator(20261124 + Number(options.do_lower_case) * 2 + Number(options.tokenize_chinese_chars))
  const different: string[] = []
  for (let i = 0; i < 5000; i++) {
    const text = makeText(random)
    const wanted = await native.encode(text)
    const encoding = own(text, { return_offsets_mapping: true })
    const parts = [
      [encoding.input_ids, wanted.getIds()],
      [encoding.tokens(), wanted.getTokens()],
      [encoding.offset_mapping, wanted.getOffsets()],
    ].map(pair => pair.map(part => JSON.stringify(part)))
    const wrong = parts.find(([mine, theirs]) => mine !== theirs)
    if (wrong) different.push(`${visible(text)}\n  own  ${wrong[0]}\n  rust ${wrong[1]}`)
  }
  expect(different.slice(0, 5).join('\n'), `${different.length} differ`).toBe('')
})

/** A text with its code points written out. */
function visible(text: string): string {
  return [...text].map(char => (/[!-~]/.test(char) ? char : `\\u{${char.codePointAt(0)!.toString(16)}}`)).join('')
}
