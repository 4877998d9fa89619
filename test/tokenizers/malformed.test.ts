// Files and calls that cannot be: each is refused with its code, or read for what it plainly means.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  AutoTokenizer,
  BertTokenizer,
  BertTokenizerFast,
  GPT2Tokenizer,
  GPT2TokenizerFast,
  type TokenizerFiles,
  VitrineError,
} from '../../src/index.ts'

type Json = Readonly<Record<string, unknown>>

const special = (content: string, id: number): Json => ({ id, content, special: true, normalized: false })

/** A small tokenizer.json of GPT-2's kind, with other parts. */
function gpt2Json({ model, ...parts }: Json & { model?: Json } = {}): Json {
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
  return {
    version: '1.0',
    added_tokens: [special('<|endoftext|>', 3)],
    normalizer: null,
    pre_tokenizer: bytes,
    post_processor: bytes,
    decoder: bytes,
    model: {
      type: 'BPE',
      unk_token: null,
      vocab: { a: 0, b: 1, ab: 2, '<|endoftext|>': 3 },
      merges: ['a b'],
      ...model,
    },
    ...parts,
  }
}

/** The same of BERT's kind. */
function bertJson({ model, ...parts }: Json & { model?: Json } = {}): Json {
  return {
    version: '1.0',
    added_tokens: [special('[UNK]', 0), special('[CLS]', 1), special('[SEP]', 2)],
    normalizer: { type: 'BertNormalizer' },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2] },
    decoder: { type: 'WordPiece' },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      vocab: { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, '[PAD]': 3, '[MASK]': 4, hello: 5, __proto__x: 6 },
      ...model,
    },
    ...parts,
  }
}

const without = (json: Json, name: string): Json =>
  Object.fromEntries(Object.entries(json).filter(([field]) => field !== name))
const auto = (json: Json, files: TokenizerFiles = {}) =>
  AutoTokenizer.from_files({ 'tokenizer.json': JSON.stringify(json), ...files })
const gpt2Vocab = (vocab: unknown) => () => auto(gpt2Json({ model: { vocab, merges: [] } }))
const merges =
  (...list: unknown[]) =>
  () =>
    auto(gpt2Json({ model: { merges: list } }))
const sequence = (pattern: Json, more: Json = {}) => {
  const split = { type: 'Split', pattern, behavior: 'Isolated', invert: false, ...more }
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }
  return () => auto(gpt2Json({ pre_tokenizer: { type: 'Sequence', pretokenizers: [split, bytes] } }))
}

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockReset().mockReturnValue()
})

test('the small files are sound', () => {
  expect(auto(gpt2Json())('ab').input_ids).toEqual([2])
  expect(auto(bertJson())('hello').input_ids).toEqual([1, 5, 2])
})

describe('tokenizer.json', () => {
  test.each([
    ['no model', 'TOKENIZER_JSON', () => auto(without(gpt2Json(), 'model')), 'model'],
    ['another model', 'UNSUPPORTED_COMPONENT', () => auto(gpt2Json({ model: { type: 'Unigram' } })), 'WordPiece, BPE'],
    ['a merge of an unknown token', 'MERGES', merges('a b', 'a c'), 'merges[1]'],
    ['a merge into an unknown token', 'MERGES', merges('b a'), '"ba"'],
    ['a merge without a blank', 'MERGES', merges('ab'), 'merges[0]'],
    ['a merge of three', 'MERGES', merges(['a', 'b', 'a']), 'merges[0]'],
    ['an id twice', 'VOCABULARY', gpt2Vocab({ a: 0, b: 0 }), '"a" has too'],
    ['a negative id', 'VOCABULARY', gpt2Vocab({ a: -1 }), '-1'],
    ['a broken id', 'VOCABULARY', gpt2Vocab({ a: 1.5 }), '1.5'],
    ['an id in quotes', 'VOCABULARY', gpt2Vocab({ a: '1' }), '"1"'],
    ['an enormous id', 'VOCABULARY', gpt2Vocab({ a: 2 ** 31 }), 'whole number'],
    ['no tokens', 'VOCABULARY', gpt2Vocab({}), 'no tokens'],
    ['no vocabulary', 'VOCABULARY', gpt2Vocab(null), 'object'],
    ['a bad pattern', 'UNSUPPORTED_PATTERN', sequence({ Regex: '(' }), '"("'],
    ['a pattern that takes forever', 'UNSUPPORTED_PATTERN', sequence({ Regex: '(a+)+$' }), '(a+)+$'],
    ['a string for a pattern', 'UNSUPPORTED_PATTERN', sequence({ String: ' ' }), '" "'],
    ['another version', 'TOKENIZER_JSON', () => auto(gpt2Json({ version: '2.0' })), '2.0'],
    [
      'another pre_tokenizer',
      'UNSUPPORTED_COMPONENT',
      () => auto(gpt2Json({ pre_tokenizer: { type: 'Metaspace' } })),
      'Metaspace',
    ],
    [
      "the other kind's pre_tokenizer",
      'UNSUPPORTED_COMPONENT',
      () => auto(bertJson({ pre_tokenizer: { type: 'ByteLevel' } })),
      'BertPreTokenizer',
    ],
    ['no pre_tokenizer', 'TOKENIZER_JSON', () => auto(gpt2Json({ pre_tokenizer: null })), 'pre_tokenizer'],
    [
      'ByteLevel without words',
      'TOKENIZER_JSON',
      () => auto(gpt2Json({ pre_tokenizer: { type: 'ByteLevel', use_regex: false } })),
      'use_regex',
    ],
    ['another normalizer', 'UNSUPPORTED_COMPONENT', () => auto(bertJson({ normalizer: { type: 'NFKC' } })), 'NFKC'],
    ['a normalizer of GPT-2', 'UNSUPPORTED_COMPONENT', () => auto(gpt2Json({ normalizer: { type: 'NFC' } })), 'NFC'],
    ['another decoder', 'UNSUPPORTED_COMPONENT', () => auto(gpt2Json({ decoder: { type: 'Fuse' } })), 'Fuse'],
    [
      'another post_processor',
      'UNSUPPORTED_COMPONENT',
      () => auto(gpt2Json({ post_processor: { type: 'RobertaProcessing' } })),
      'RobertaProcessing',
    ],
    ['dropout', 'UNSUPPORTED_COMPONENT', () => auto(gpt2Json({ model: { dropout: 0.1 } })), 'dropout'],
    [
      'byte_fallback',
      'UNSUPPORTED_COMPONENT',
      () => auto(gpt2Json({ model: { byte_fallback: true } })),
      'byte_fallback',
    ],
    [
      'a suffix of words',
      'UNSUPPORTED_COMPONENT',
      () => auto(gpt2Json({ model: { end_of_word_suffix: '</w>' } })),
      'end_of_word_suffix',
    ],
    [
      'an empty added token',
      'TOKENIZER_JSON',
      () => auto(gpt2Json({ added_tokens: [special('', 9)] })),
      'added_tokens[0].content',
    ],
    [
      'an added token with the id of another',
      'ADDED_TOKEN_ID',
      () => auto(gpt2Json({ added_tokens: [special('x', 0)] })),
      '"a"',
    ],
    [
      'an added token with two ids',
      'ADDED_TOKEN_ID',
      () => auto(gpt2Json({ added_tokens: [special('a', 7)] })),
      'its id is 0',
    ],
    [
      'a template with a wrong id',
      'TOKENIZER_JSON',
      () => auto(bertJson({ post_processor: { type: 'BertProcessing', cls: ['[CLS]', 4], sep: ['[SEP]', 2] } })),
      '[CLS]',
    ],
    [
      'a template with a token that is not there',
      'TOKENIZER_JSON',
      () => auto(bertJson({ post_processor: { type: 'BertProcessing', cls: ['<s>', 9], sep: ['[SEP]', 2] } })),
      '<s>',
    ],
    [
      'a template of something else',
      'TOKENIZER_JSON',
      () =>
        auto(
          bertJson({
            post_processor: { type: 'TemplateProcessing', single: [{ Text: {} }], pair: [], special_tokens: {} },
          }),
        ),
      'SpecialToken',
    ],
    [
      'WordPiece without its unknown token',
      'VOCABULARY',
      () => auto(bertJson({ model: { unk_token: '<unk>' } })),
      '<unk>',
    ],
    ['a list', 'TOKENIZER_JSON', () => AutoTokenizer.from_files({ 'tokenizer.json': '[]' }), 'object'],
    ['no JSON', 'TOKENIZER_JSON', () => AutoTokenizer.from_files({ 'tokenizer.json': '{"version": ' }), 'byte'],
    [
      'a key twice',
      'TOKENIZER_JSON',
      () => AutoTokenizer.from_files({ 'tokenizer.json': '{"version": "1.0", "version": "1.0"}' }),
      'twice',
    ],
    [
      'objects without end',
      'TOKENIZER_JSON',
      () => AutoTokenizer.from_files({ 'tokenizer.json': '{"a":'.repeat(100_000) }),
      'inside each other',
    ],
  ] as const)('%s: %s', (_, code, run, message) => {
    expect(run).toThrow(expect.objectContaining({ code }))
    expect(run).toThrow(message)
  })

  test('merges as pairs, and a token called __proto__', () => {
    const vocab = '{"a": 0, "b": 1, "ab": 2, "<|endoftext|>": 3, "__proto__": 4, "constructor": 5}'
    const text = JSON.stringify(gpt2Json({ model: { merges: [['a', 'b']] } })).replace(/\{"a":0.*?\}/, vocab)
    const tokenizer = AutoTokenizer.from_files({ 'tokenizer.json': text })
    expect(tokenizer('ab').input_ids).toEqual([2])
    expect(tokenizer.convert_tokens_to_ids(['__proto__', 'constructor', 'toString'])).toEqual([4, 5, 3])
    expect(tokenizer.get_vocab().get('__proto__')).toBe(4)
  })

  test('an id beyond the embedding of config.json is refused; added tokens may lie there', () => {
    const json = gpt2Json({ model: { vocab: { a: 0, '<|endoftext|>': 3, b: 1_000_000 }, merges: [] } })
    expect(auto(json)('b').input_ids).toEqual([1_000_000])
    const config = (vocab_size: number) => ({ 'config.json': JSON.stringify({ model_type: 'gpt2', vocab_size }) })
    expect(() => auto(json, config(4))).toThrow(expect.objectContaining({ code: 'VOCABULARY' }))
    const more = gpt2Json({ added_tokens: [special('<|endoftext|>', 3), special('<x>', 4)] })
    expect(auto(more, config(4))('<x>').input_ids).toEqual([4])
  })

  test('any JSON gives a tokenizer or an error with a code', () => {
    const field = fc.constantFrom(...Object.keys(gpt2Json()), ...Object.keys(gpt2Json().model as Json))
    const outcome = (run: () => unknown): void => {
      try {
        run()
      } catch (error) {
        expect(error).toBeInstanceOf(VitrineError)
      }
    }
    fc.assert(
      fc.property(field, fc.jsonValue(), fc.boolean(), (name, value, isBert) => {
        const json = isBert ? bertJson() : gpt2Json()
        const model = json.model as Json
        const changed = name in model ? { ...json, model: { ...model, [name]: value } } : { ...json, [name]: value }
        outcome(() => auto(changed)('hello ab'))
      }),
      { seed: 20261124, numRuns: 400 },
    )
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), text => {
        outcome(() => AutoTokenizer.from_files({ 'tokenizer.json': text }))
        outcome(() => GPT2Tokenizer.from_vocab(text, text))
        outcome(() => AutoTokenizer.from_files({ 'vocab.txt': text, 'tokenizer_config.json': text }))
      }),
      { seed: 20261124, numRuns: 300 },
    )
  })
})

describe('vocab.json and merges.txt', () => {
  const vocab = '{"a": 0, "b": 1, "ab": 2, "Ġ": 3, "Ġa": 4, "<|endoftext|>": 5, "x\u0085": 6, "x": 7, "\u0085": 8}'

  test.each([
    ['with #version', '#version: 0.2\na b\nĠ a\n'],
    ['without', 'a b\nĠ a\n'],
    ['CRLF', '#version: 0.2\r\na b\r\nĠ a\r\n'],
    ['blanks at the end', '#version: 0.2\na b  \nĠ a \n\n\n'],
    ['no last line end', 'a b\nĠ a'],
    ['U+0085 is no line end', 'a b\nx \u0085\nĠ a\n'],
  ])('merges.txt %s', (_, merges) => {
    for (const Class of [GPT2Tokenizer, GPT2TokenizerFast]) {
      expect(Class.from_vocab(vocab, merges)('ab a').input_ids).toEqual([2, 4])
    }
  })

  test.each([
    ['MERGES', '#version: 0.2\na b\na c\n', 'line 3'],
    ['MERGES', 'a b\nab\n', 'line 2'],
    ['MERGES', 'a b\n\nĠ a\n', 'line 2'],
    ['MERGES', 'a b a\n', 'line 1'],
    ['MERGES', 'a  b\n', 'line 1'],
  ])('%s: %j', (code, merges, message) => {
    const run = () => GPT2Tokenizer.from_vocab(vocab, merges)
    expect(run).toThrow(expect.objectContaining({ name: 'FileError', code }))
    expect(run).toThrow(message)
  })

  test.each(['', '[]', '{}', '{"a": "0"}', '{"a": 0, "a": 1}', '{"a": 0, "b": 0}', '\uFEFF{"a": 0}', '{"a": 0} 1'])(
    'vocab.json %j is refused',
    text => {
      expect(() => GPT2Tokenizer.from_vocab(text, '')).toThrow(
        expect.objectContaining({ name: 'FileError', code: 'VOCABULARY' }),
      )
    },
  )
})

describe('folders', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vitrine-tokenizer-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const put = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content)

  test('tokenizer.json wins over a vocabulary that differs, with a warning', async () => {
    put('tokenizer.json', JSON.stringify(gpt2Json()))
    put('vocab.json', '{"a": 1, "b": 0, "ab": 2, "<|endoftext|>": 3}')
    put('merges.txt', 'a b\n')
    put('tokenizer_config.json', '{"tokenizer_class": "GPT2Tokenizer"}')
    expect((await AutoTokenizer.from_pretrained(folder))('a').input_ids).toEqual([0])
    expect(process.emitWarning).toHaveBeenCalledWith(
      expect.stringContaining('tokenizer.json is taken'),
      expect.objectContaining({ code: 'TOKENIZER_FILES_DIFFER' }),
    )
  })

  test("tokenizer.json wins over a configuration that asks for the other kind's class, with a warning", async () => {
    put('tokenizer.json', JSON.stringify(gpt2Json()))
    put('tokenizer_config.json', '{"tokenizer_class": "BertTokenizer"}')
    expect(await AutoTokenizer.from_pretrained(folder)).toBeInstanceOf(GPT2TokenizerFast)
    expect(process.emitWarning).toHaveBeenCalledWith(
      expect.stringContaining('BertTokenizerFast'),
      expect.objectContaining({ code: 'TOKENIZER_FILES_DIFFER' }),
    )
    await expect(BertTokenizerFast.from_pretrained(folder)).rejects.toMatchObject({ code: 'TOKENIZER_KIND' })
  })

  test('an added token to which tokenizer.json gives another id is left out, with a warning', async () => {
    put('tokenizer.json', JSON.stringify(gpt2Json()))
    const x = { content: 'x', special: false }
    put('tokenizer_config.json', JSON.stringify({ added_tokens_decoder: { 3: x, 4: { ...x, content: 'y' } } }))
    const tokenizer = await GPT2TokenizerFast.from_pretrained(folder)
    expect([...tokenizer.get_added_vocab()]).toEqual([
      ['<|endoftext|>', 3],
      ['y', 4],
    ])
    expect(process.emitWarning).toHaveBeenCalledWith(
      expect.stringContaining('"x"'),
      expect.objectContaining({ code: 'TOKENIZER_FILES_DIFFER' }),
    )
  })

  test("Python's classes need the vocabulary's own files", async () => {
    put('tokenizer.json', JSON.stringify(gpt2Json()))
    for (const load of [BertTokenizer.from_pretrained(folder), GPT2Tokenizer.from_pretrained(folder)]) {
      await expect(load).rejects.toMatchObject({ code: 'VOCABULARY_MISSING' })
      await expect(load).rejects.toThrow('Fast')
    }
  })

  test.each([
    ['tokenizer_config.json', '{"padding_side": "top"}', 'TOKENIZER_CONFIG'],
    ['tokenizer_config.json', '{"model_max_length": "512"}', 'TOKENIZER_CONFIG'],
    ['tokenizer_config.json', '{"do_lower_case": 1}', 'TOKENIZER_CONFIG'],
    ['tokenizer_config.json', '{"cls_token": 5}', 'TOKENIZER_CONFIG'],
    ['tokenizer_config.json', '{"cls_token": {"content": ""}}', 'TOKENIZER_CONFIG'],
    ['tokenizer_config.json', '{"added_tokens_decoder": {"x": {"content": "a"}}}', 'TOKENIZER_CONFIG'],
    ['tokenizer_config.json', '{"added_tokens_decoder": {"9": "a"}}', 'TOKENIZER_CONFIG'],
    ['tokenizer_config.json', '{"added_tokens_decoder": {"0": {"content": "a"}}}', 'ADDED_TOKEN_ID'],
    ['tokenizer_config.json', '[]', 'JSON'],
    ['tokenizer_config.json', '', 'JSON'],
    ['tokenizer_config.json', '\uFEFF{}', 'JSON'],
    ['added_tokens.json', '{"<x>": -1}', 'TOKENIZER_CONFIG'],
    ['special_tokens_map.json', '{', 'JSON'],
    ['vocab.txt', Uint8Array.of(0x5b, 0xff), 'NOT_UTF8'],
  ])('%s %s: %s', async (name, content, code) => {
    put('vocab.txt', '[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\n')
    put(name, content)
    await expect(BertTokenizer.from_pretrained(folder)).rejects.toMatchObject({ name: 'FileError', code })
  })

  test('a file without end is not read', async () => {
    put('vocab.txt', '')
    truncateSync(join(folder, 'vocab.txt'), 2 ** 26 + 1)
    await expect(BertTokenizer.from_pretrained(folder)).rejects.toMatchObject({ name: 'FileError', code: 'FILE_SIZE' })
  })
})
