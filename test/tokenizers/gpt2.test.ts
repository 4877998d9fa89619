// How GPT2Tokenizer is made, called and refused: bytes, options, time.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AutoTokenizer, GPT2Tokenizer, GPT2TokenizerFast } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'

const vocab = golden<Record<string, number>>('tokenizers/bpe-tokenizer/vocab.json')
const merges = readFileSync(goldenPath('tokenizers/bpe-tokenizer/merges.txt'), 'utf8')
const slow = GPT2Tokenizer.from_vocab(vocab, merges)
const fast = GPT2TokenizerFast.from_vocab(vocab, merges)
const both = [
  ['slow', slow],
  ['fast', fast],
] as const

test('the vocabulary comes as an object, a map or the text of its file; merges as a text, lines or pairs', () => {
  const lines = merges.split('\n').slice(1, -1)
  const pairs = lines.map(line => line.split(' ') as [string, string])
  const wanted = slow('hello there').input_ids
  expect(wanted.length).toBeGreaterThan(2)
  expect(GPT2Tokenizer.from_vocab(new Map(Object.entries(vocab)), lines)('hello there').input_ids).toEqual(wanted)
  expect(GPT2Tokenizer.from_vocab(JSON.stringify(vocab), pairs)('hello there').input_ids).toEqual(wanted)
})

test.each(both)('%s: any text comes back as it was', (_, tokenizer) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
      const { input_ids } = tokenizer(text)
      expect(tokenizer.decode(input_ids)).toBe(text)
      expect(tokenizer.convert_tokens_to_string(tokenizer.tokenize(text))).toBe(text)
    }),
    { seed: 20261124, numRuns: 1000 },
  )
})

test.each(both)('%s: words cover the text, and tokens the words', (_, tokenizer) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..." \n\ta1!'sé我👍"), maxLength: 40 }), text => {
      const { offset_mapping } = tokenizer(text, { return_offsets_mapping: true })
      const characters = [...text]
      const covered = new Set(
        offset_mapping.flatMap(([start, end]) => characters.slice(start, end).map((_, i) => start + i)),
      )
      expect(covered.size).toBe(characters.length)
      expect(offset_mapping.every(([start], i) => i === 0 || start >= offset_mapping[i - 1]![0])).toBe(true)
    }),
    { seed: 20261124, numRuns: 500 },
  )
})

test('a lone surrogate is U+FFFD, and so are bytes that are no text', () => {
  expect(fast.decode(fast('a\ud800b').input_ids)).toBe('a\uFFFDb')
  const { input_ids } = fast('我')
  expect(fast.decode(input_ids.slice(0, -1))).toBe('\uFFFD')
})

test('errors says what becomes of bytes that are no text', () => {
  const [first, ...rest] = fast('我').input_ids
  const broken = [...fast('a\uFFFDb').input_ids, first!, ...fast('c').input_ids, ...rest.slice(0, 1)]
  const decode = (errors: 'replace' | 'ignore' | 'strict') =>
    GPT2Tokenizer.from_vocab(vocab, merges, { errors }).decode(broken)
  expect(decode('replace')).toBe('a\uFFFDb\uFFFDc\uFFFD')
  expect(decode('ignore')).toBe('a\uFFFDbc')
  expect(() => decode('strict')).toThrow(expect.objectContaining({ code: 'UTF8', fields: { place: 5 } }))
  expect(GPT2Tokenizer.from_vocab(vocab, merges, { errors: 'strict' }).decode(slow('我 é').input_ids)).toBe('我 é')
  expect(() => GPT2Tokenizer.from_vocab(vocab, merges, { errors: 'surrogateescape' as never })).toThrow(
    expect.objectContaining({ name: 'ConfigError', code: 'OPTION_VALUE' }),
  )
})

test('a byte order mark in a text stays', () => {
  expect(fast.decode(fast('\uFEFFa').input_ids)).toBe('\uFEFFa')
})

test('add_prefix_space, of a tokenizer and of a call', () => {
  const prefixed = GPT2TokenizerFast.from_vocab(vocab, merges, { add_prefix_space: true })
  expect(prefixed('the end').input_ids).toEqual(fast(' the end').input_ids)
  expect(prefixed(' the end').input_ids).toEqual(fast(' the end').input_ids)
  expect(slow('the end', { add_prefix_space: true }).input_ids).toEqual(fast(' the end').input_ids)
  const always = GPT2Tokenizer.from_vocab(vocab, merges, { add_prefix_space: true })
  expect(always('the end', { add_prefix_space: false }).input_ids).toEqual(fast('the end').input_ids)
  expect(() => fast('the end', { add_prefix_space: true })).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
})

test('add_bos_token', () => {
  const make = (Class: typeof GPT2Tokenizer) => Class.from_vocab(vocab, merges, { add_bos_token: true })
  const [a, b] = ['hello', 'world'].map(text => slow(text).input_ids)
  expect(make(GPT2Tokenizer)('hello').input_ids).toEqual([0, ...a!])
  expect(make(GPT2Tokenizer)('hello', { text_pair: 'world' }).input_ids).toEqual([0, ...a!, 0, ...b!])
  expect(make(GPT2TokenizerFast)('hello', { text_pair: 'world' }).input_ids).toEqual([0, ...a!, ...b!])
  expect(make(GPT2TokenizerFast)('hello', { add_special_tokens: false }).input_ids).toEqual(a)
  expect(make(GPT2TokenizerFast).num_special_tokens_to_add(true)).toBe(1)
  const withoutBos = GPT2Tokenizer.from_vocab(vocab, merges, { add_bos_token: true, bos_token: null })
  expect(() => withoutBos('hello')).toThrow(expect.objectContaining({ code: 'NO_SPECIAL_TOKEN' }))
})

test('words need add_prefix_space with the fast class', () => {
  expect(() => fast(['a', 'b'], { is_split_into_words: true })).toThrow(
    expect.objectContaining({ code: 'PREFIX_SPACE' }),
  )
  const words = GPT2TokenizerFast.from_vocab(vocab, merges, { add_prefix_space: true })
  expect(words(['the', 'end'], { is_split_into_words: true }).word_ids().at(-1)).toBe(1)
})

test('a vocabulary without some bytes leaves them out, or calls them unknown', () => {
  const few = { a: 0, b: 1, '<|endoftext|>': 2 }
  expect(GPT2TokenizerFast.from_vocab(few, [])('acb').input_ids).toEqual([0, 1])
  const python = GPT2Tokenizer.from_vocab(few, [])
  expect(python('acb').input_ids).toEqual([0, 2, 1])
  expect(python.tokenize('acb')).toEqual(['a', 'c', 'b'])
})

test('token_type_ids come when they are asked for', () => {
  expect(Object.keys(fast('a'))).toEqual(['input_ids', 'attention_mask'])
  expect(fast('a', { text_pair: 'b', return_token_type_ids: true }).token_type_ids).toEqual([0, 1])
})

test.each([
  ['syllables', 'the'.repeat(333_333)],
  ['Chinese', '我'.repeat(333_333)],
  ['blanks', ' '.repeat(1_000_000)],
])('a megabyte of %s takes time in proportion', (_, text) => {
  const start = process.cpuUsage()
  fast(text)
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000)
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-tokenizer-'))
  vi.spyOn(process, 'emitWarning').mockReset().mockReturnValue()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('AutoTokenizer takes the files that are there, whatever the model is called', async () => {
  writeFileSync(join(folder, 'vocab.json'), JSON.stringify(vocab))
  writeFileSync(join(folder, 'merges.txt'), merges)
  const found = await AutoTokenizer.from_pretrained(folder)
  expect(found).toBeInstanceOf(GPT2TokenizerFast)
  expect(process.emitWarning).not.toHaveBeenCalled()
  writeFileSync(join(folder, 'config.json'), '{"model_type": "bert"}')
  const other = await AutoTokenizer.fromPretrained(folder, { use_fast: false, add_prefix_space: true })
  expect(other).toBeInstanceOf(GPT2Tokenizer)
  expect(other).not.toBeInstanceOf(GPT2TokenizerFast)
  expect(process.emitWarning).toHaveBeenCalledOnce()
  await expect(AutoTokenizer.from_pretrained(folder, { do_lower_case: true })).rejects.toMatchObject({
    code: 'UNKNOWN_OPTION',
  })
})

test('save_vocabulary writes the two files, with a prefix where wanted', async () => {
  const paths = await fast.save_vocabulary(folder, 'mine')
  expect(paths).toEqual(['mine-vocab.json', 'mine-merges.txt'].map(name => join(folder, name)))
  expect(readFileSync(paths[1]!, 'utf8')).toBe(merges)
  expect(JSON.parse(readFileSync(paths[0]!, 'utf8'))).toEqual(vocab)
  await expect(slow.save_pretrained(folder, { legacy_format: false })).rejects.toMatchObject({ code: 'OPTION_VALUE' })
  await expect(slow.save_pretrained(folder, { push_to_hub: true } as object)).rejects.toMatchObject({
    code: 'UNKNOWN_OPTION',
  })
})
