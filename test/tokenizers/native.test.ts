// The fast tokenizers give what the Rust library gives for the tokenizer.json that they save, on 100,000 texts made of everything
// Unicode has: half of them WordPiece, half byte-level byte-pair encoding.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AddedToken, BertTokenizerFast, GPT2TokenizerFast, type PreTrainedTokenizer } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'
import { TextMaker, visible } from './texts.ts'

/** The part of the npm package tokenizers that is used here. */
interface Native {
  readonly Tokenizer: { fromFile(path: string): NativeTokenizer }
}
interface NativeTokenizer {
  encodeBatch(texts: readonly string[], options: { addSpecialTokens: boolean }): Promise<NativeEncoding[]>
  encode(text: string, pair: string | null, options: { addSpecialTokens: boolean }): Promise<NativeEncoding>
  decode(ids: readonly number[], skipSpecialTokens: boolean): Promise<string>
}
interface NativeEncoding {
  getIds(): number[]
  getTypeIds(): number[]
  getTokens(): string[]
  getOffsets(): [number, number][]
  getWordIds(): (number | null)[]
  getSequenceIds(): (number | null)[]
  getSpecialTokensMask(): number[]
}

const { Tokenizer } = createRequire(import.meta.url)('tokenizers') as Native
const read = (name: string) => readFileSync(goldenPath(`tokenizers/${name}`), 'utf8')
const vocabulary = read('bert-base-chinese.txt').trimEnd().split('\n')
const words = vocabulary.map(word => word.replace('##', ''))
const bert = (options = {}) => BertTokenizerFast.from_vocab(vocabulary, options)
const gpt2 = (options = {}) =>
  GPT2TokenizerFast.from_vocab(read('bpe-tokenizer/vocab.json'), read('bpe-tokenizer/merges.txt'), options)

/** Tokens with every flag, alone and together. */
const added = [
  ...[new AddedToken('<l>', { lstrip: true }), new AddedToken('<r>', { rstrip: true })],
  ...[new AddedToken('<w>', { single_word: true }), new AddedToken('<N>', { normalized: false })],
  ...[new AddedToken('<n>', { lstrip: true, rstrip: true }), new AddedToken('<S>', { special: true })],
  ...[new AddedToken('NewTok'), new AddedToken('Éa', { single_word: true }), new AddedToken('<l')],
  new AddedToken('É', { normalized: false, single_word: true }),
]
const addedWords = [...added.map(String), 'newtok', 'éa', 'aNewTok', ' <w> ', 'x<w>', ...words.slice(600, 640)]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-native-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function nativeOf(own: PreTrainedTokenizer, name: string): Promise<NativeTokenizer> {
  const path = join(folder, name)
  await own.save_pretrained(path, { legacy_format: false })
  return Tokenizer.fromFile(join(path, 'tokenizer.json'))
}

const batch = 500

test.each([
  ['BERT, lower case', bert(), words, 20_000],
  ['BERT, cased', bert({ do_lower_case: false }), words, 10_000],
  ['BERT, lower case with accents', bert({ strip_accents: false }), words, 10_000],
  ['BERT, Chinese is no words', bert({ tokenize_chinese_chars: false }), words, 5_000],
  ['BERT, added tokens', bert(), addedWords, 5_000],
  ['GPT-2', gpt2(), words, 30_000],
  ['GPT-2, blank and token in front', gpt2({ add_prefix_space: true, add_bos_token: true }), words, 15_000],
  ['GPT-2, added tokens', gpt2({ add_prefix_space: true }), addedWords, 5_000],
] as const)('%s', async (name, own, wordList, count) => {
  if (wordList === addedWords) own.add_tokens(added)
  const native = await nativeOf(own, name)
  const maker = new TextMaker(20261124, wordList)
  const different: string[] = []
  for (let done = 0; done < count; done += batch) {
    const texts = Array.from({ length: batch }, () => maker.next())
    const wanted = await native.encodeBatch(texts, { addSpecialTokens: true })
    for (const [i, text] of texts.entries()) {
      const { ids, tokens, offsets } = own(text).encodings[0]!
      const isSame =
        areSame(ids, wanted[i]!.getIds()) &&
        areSame(offsets.flat(), wanted[i]!.getOffsets().flat()) &&
        (wordList === words || areSame(tokens, wanted[i]!.getTokens()))
      if (!isSame) different.push(`${visible(text)}\n  own  ${tokens} ${offsets}\n  rust ${wanted[i]!.getTokens()}`)
    }
  }
  expect(different.slice(0, 5).join('\n'), `${different.length} differ`).toBe('')
})

function areSame(own: readonly unknown[], wanted: readonly unknown[]): boolean {
  return own.length === wanted.length && own.every((value, i) => value === wanted[i])
}

test.each([
  ['BERT pairs', bert()],
  ['GPT-2 pairs', gpt2({ add_prefix_space: true, add_bos_token: true })],
] as const)('%s, with all that is known of their tokens', async (name, own) => {
  own.add_tokens(added)
  const native = await nativeOf(own, name)
  const maker = new TextMaker(7, [...words, ...addedWords])
  for (let i = 0; i < 500; i++) {
    const [text, text_pair] = [maker.next(), `${maker.next()}.`]
    const wanted = await native.encode(text, text_pair, { addSpecialTokens: true })
    const { encodings } = own(text, { text_pair })
    const { ids, type_ids, tokens, offsets, word_ids, sequence_ids, special_tokens_mask } = encodings[0]!
    expect({ ids, type_ids, tokens, offsets, word_ids, sequence_ids, special_tokens_mask }, visible(text)).toEqual({
      ids: wanted.getIds(),
      type_ids: wanted.getTypeIds(),
      tokens: wanted.getTokens(),
      offsets: wanted.getOffsets(),
      word_ids: wanted.getWordIds(),
      sequence_ids: wanted.getSequenceIds(),
      special_tokens_mask: wanted.getSpecialTokensMask(),
    })
    for (const skip_special_tokens of [false, true]) {
      const clean_up_tokenization_spaces = false
      const decoded = await native.decode(ids.filter(isPlain), skip_special_tokens)
      expect(own.decode(ids.filter(isPlain), { skip_special_tokens, clean_up_tokenization_spaces })).toBe(decoded)
    }
  }

  /** Newer versions of the library decode tokens that were found in normalised text as they stand there. */
  function isPlain(id: number): boolean {
    return id < own.vocab_size
  }
})
