// How BertTokenizer is made, called and refused: files, options, offsets, decoding, time.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  AutoTokenizer,
  BertForSequenceClassification,
  BertTokenizer,
  BertTokenizerFast,
  openBackend,
  Tensor,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const words = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  '我',
  '爱',
  '中',
  '国',
  'hello',
  'wor',
  '##ld',
  ',',
  '!',
  '##s',
  '，',
  '。',
]
const tokenizer = BertTokenizer.from_vocab(words)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-tokenizer-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const put = (name: string, text: string) => writeFileSync(join(folder, name), text)

test('a tokenizer is a function and an object', () => {
  expect(tokenizer).toBeInstanceOf(BertTokenizer)
  expect(typeof tokenizer).toBe('function')
  expect(tokenizer('我爱中国')).toEqual(expect.objectContaining({ input_ids: [2, 5, 6, 7, 8, 3] }))
  expect(Object.keys(tokenizer('我'))).toEqual(['input_ids', 'token_type_ids', 'attention_mask'])
})

test('truncation keeps [CLS] and [SEP], of pairs too', () => {
  const cut = { truncation: true, max_length: 4 }
  expect(tokenizer('我爱中国', cut).input_ids).toEqual([2, 5, 6, 3])
  expect(tokenizer('我爱中国', { ...cut, max_length: 6, text_pair: '中国' }).input_ids).toEqual([2, 5, 6, 3, 7, 3])
  expect(tokenizer('我爱中国', { truncation: true }).input_ids).toHaveLength(6)
})

test('lists are padded on either side, to the longest, to a length, to a multiple', () => {
  const texts = ['我', '我爱中国']
  expect(tokenizer(texts, { padding: true }).input_ids).toEqual([
    [2, 5, 3, 0, 0, 0],
    [2, 5, 6, 7, 8, 3],
  ])
  expect(tokenizer(texts, { padding: 'longest', padding_side: 'left' }).attention_mask).toEqual([
    [0, 0, 0, 1, 1, 1],
    [1, 1, 1, 1, 1, 1],
  ])
  expect(tokenizer(texts, { padding: 'max_length', max_length: 8 }).input_ids.map(row => row.length)).toEqual([8, 8])
  expect(tokenizer('我', { padding: true, pad_to_multiple_of: 8 }).input_ids).toHaveLength(8)
  expect(tokenizer(texts, { padding: 'do_not_pad' }).input_ids.map(row => row.length)).toEqual([3, 6])
})

test('fields on request', () => {
  const all = tokenizer('hello worlds', {
    return_special_tokens_mask: true,
    return_offsets_mapping: true,
    return_length: true,
    return_token_type_ids: false,
    return_attention_mask: false,
  })
  expect({ ...all }).toEqual({
    input_ids: [2, 9, 10, 11, 14, 3],
    special_tokens_mask: [1, 0, 0, 0, 0, 1],
    offset_mapping: [
      [0, 0],
      [0, 5],
      [6, 9],
      [9, 11],
      [11, 12],
      [0, 0],
    ],
    length: 6,
  })
  expect(all.tokens()).toEqual(['[CLS]', 'hello', 'wor', '##ld', '##s', '[SEP]'])
  expect(all.word_ids()).toEqual([null, 0, 1, 1, 1, null])
  expect(all.token_to_chars(2)).toEqual({ start: 6, end: 9 })
  expect(all.token_to_chars(0)).toBeUndefined()
  expect(all.char_to_token(10)).toBe(3)
  expect(all.char_to_token(5)).toBeUndefined()
  expect(() => all.tokens(1)).toThrow(expect.objectContaining({ code: 'ROW' }))
  expect(tokenizer('我', { text_pair: '爱' }).sequence_ids()).toEqual([null, 0, null, 1, null])
})

test('offsets count code points, so they fit texts beyond the basic plane', () => {
  const text = '𠀀我 hello'
  const { offset_mapping } = tokenizer(text, { return_offsets_mapping: true, add_special_tokens: false })
  expect(offset_mapping.map(([start, end]) => [...text].slice(start, end).join(''))).toEqual(['𠀀', '我', 'hello'])
})

test('a list of words keeps their numbers', () => {
  const encoding = tokenizer(['hello', 'worlds', '我爱'], { is_split_into_words: true })
  expect(encoding.input_ids).toEqual([2, 9, 10, 11, 14, 5, 6, 3])
  expect(encoding.word_ids()).toEqual([null, 0, 1, 1, 1, 2, 2, null])
})

test('return_tensors gives int32 tensors that a model takes', () => {
  const encoding = tokenizer(['我', '我爱'], { padding: true, return_tensors: 'pt' })
  const ids: unknown = encoding.input_ids
  expect(ids).toBeInstanceOf(Tensor)
  expect((ids as Tensor).tolist()).toEqual([
    [2, 5, 3, 0],
    [2, 5, 6, 3],
  ])
  const config = {
    model_type: 'bert',
    vocab_size: 17,
    hidden_size: 8,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 16,
  }
  const model = BertForSequenceClassification.from_config(config, { seed: 1 })
  expect(model.forward({ ...encoding }).logits.shape).toEqual([2, 2])
  expect(() => tokenizer(['我', '我爱'], { return_tensors: true })).toThrow('{ padding: true }')
})

test('decode leaves the spaces of Hugging Face between Chinese characters, compact takes them out', () => {
  const { input_ids } = tokenizer('我爱中国，hello world!')
  expect(tokenizer.decode(input_ids)).toBe('[CLS] 我 爱 中 国 ， hello world! [SEP]')
  expect(tokenizer.decode(input_ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false })).toBe(
    '我 爱 中 国 ， hello world !',
  )
  expect(tokenizer.decode(input_ids, { skip_special_tokens: true, compact: true })).toBe('我爱中国，hello world!')
  expect(tokenizer.batch_decode([[5], [6, 7]])).toEqual(['我', '爱 中'])
  expect(tokenizer.decode(5)).toBe('我')
})

test('special tokens have names and ids', () => {
  expect([tokenizer.cls_token, tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id]).toEqual([
    '[CLS]',
    2,
    3,
    0,
  ])
  expect([tokenizer.unk_token, tokenizer.unk_token_id, tokenizer.mask_token, tokenizer.mask_token_id]).toEqual([
    '[UNK]',
    1,
    '[MASK]',
    4,
  ])
  expect([tokenizer.bos_token, tokenizer.eos_token, tokenizer.bos_token_id, tokenizer.eos_token_id]).toEqual(
    new Array(4).fill(undefined),
  )
})

test.each([
  ['UNKNOWN_OPTION', () => tokenizer('我', { paddding: true } as object)],
  ['UNKNOWN_OPTION', () => tokenizer('我', { add_prefix_space: true })],
  ['UNKNOWN_OPTION', () => tokenizer.decode([5], { skip_special: true } as object)],
  ['UNKNOWN_OPTION', () => tokenizer.pad({ input_ids: [5] }, { pading: true } as object)],
  ['UNKNOWN_OPTION', () => tokenizer.prepare_for_model([5], { text: '我' } as object)],
  ['OPTION_VALUE', () => tokenizer('我', { padding: 'left' })],
  ['OPTION_VALUE', () => tokenizer('我', { truncation: 'first' })],
  ['OPTION_VALUE', () => tokenizer('我', { max_length: -1 })],
  ['OPTION_VALUE', () => tokenizer('我', { stride: 1.5 })],
  ['OPTION_VALUE', () => tokenizer('我', { pad_to_multiple_of: -8 })],
  ['OPTION_VALUE', () => tokenizer('我', { padding: true, padding_side: 'top' as never })],
  ['OPTION_VALUE', () => tokenizer('我', { return_tensors: 'numpy' as never })],
  ['OPTION_VALUE', () => tokenizer('我', { truncation: true, max_length: 6, padding: true, pad_to_multiple_of: 8 })],
  ['RAGGED', () => tokenizer(['我', '我爱'], { return_tensors: true })],
  ['TEXT_TYPE', () => tokenizer(5 as never)],
  ['TEXT_TYPE', () => tokenizer(undefined as never)],
  ['TEXT_TYPE', () => tokenizer([5] as never)],
  ['TEXT_TYPE', () => tokenizer([])],
  ['TEXT_TYPE', () => tokenizer.encode(undefined as never)],
  ['TEXT_TYPE', () => tokenizer.encode(5 as never)],
  ['TEXT_TYPE', () => tokenizer.encode([])],
  ['TEXT_TYPE', () => tokenizer(null, { text_target: null as never })],
  ['TEXT_TYPE', () => tokenizer([['我', 5]] as never)],
  ['TEXT_PAIR', () => tokenizer(['我'], { text_pair: '爱' })],
  ['TEXT_TYPE', () => tokenizer([['我', '爱', '中']])],
  ['TEXT_PAIR', () => tokenizer(['我', '爱'], { text_pair: ['中'] })],
  ['ID_RANGE', () => tokenizer.decode([5, 99])],
  ['ID_RANGE', () => tokenizer.decode([-1])],
  ['ID_RANGE', () => tokenizer.decode([1.5])],
  ['ID_RANGE', () => tokenizer.decode([Number.NaN])],
  ['ID_RANGE', () => tokenizer.convert_ids_to_tokens([99])],
  ['ID_RANGE', () => tokenizer.decode([99n])],
  ['DECODE_TYPE', () => tokenizer.decode(undefined as never)],
  ['DECODE_TYPE', () => tokenizer.decode({ input_ids: [5] } as never)],
  ['DECODE_TYPE', () => tokenizer.batch_decode(5 as never)],
  ['EMPTY_TOKEN', () => tokenizer.add_tokens([''])],
  ['EMPTY_TOKEN', () => tokenizer.add_special_tokens({ pad_token: '' })],
  ['SPECIAL_TOKEN_NAME', () => tokenizer.add_special_tokens({ padding_token: '[PAD]' } as object)],
  ['PAD_INPUTS', () => tokenizer.pad({ ids: [5] })],
])('%s: what cannot be is refused', (code, run) => {
  expect(run).toThrow(expect.objectContaining({ name: 'InputError', code }))
})

test('slips in options know the right name', () => {
  expect(() => tokenizer('我', { paddding: true } as object)).toThrow('did you mean padding?')
  const make = () => BertTokenizer.from_vocab(words, { do_lowercase: true } as object)
  expect(make).toThrow('did you mean do_lower_case?')
  expect(make).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'UNKNOWN_OPTION' }))
  expect(() => tokenizer.decode([99])).toThrow('99 at place 0')
})

test.each([
  ['\uFEFF[UNK]\n', 'byte order mark'],
  ['[UNK]\n\n[CLS]\n', 'line 2'],
  ['[UNK]\n[CLS]\n[UNK]\n', 'line 3'],
  ['', 'no tokens'],
  ['a\nb\n', '[UNK]'],
])('a broken vocab.txt is a clear error: %j', async (text, message) => {
  put('vocab.txt', text)
  const loading = BertTokenizer.from_pretrained(folder)
  await expect(loading).rejects.toMatchObject({ name: 'FileError', code: 'VOCABULARY' })
  await expect(loading).rejects.toThrow(message)
})

test('CRLF and a missing last line end are fine', async () => {
  put('vocab.txt', words.join('\r\n'))
  expect((await BertTokenizer.from_pretrained(folder))('我爱').input_ids).toEqual([2, 5, 6, 3])
})

test('the files of a folder set the options, and options come before them', async () => {
  put('vocab.txt', words.join('\n'))
  put(
    'tokenizer_config.json',
    JSON.stringify({
      do_lower_case: false,
      model_max_length: 4,
      padding_side: 'left',
      bos_token: { content: '[CLS]' },
    }),
  )
  put('special_tokens_map.json', JSON.stringify({ eos_token: '[SEP]' }))
  const cased = await BertTokenizer.from_pretrained(folder)
  expect(cased('HELLO').input_ids).toEqual([2, 1, 3])
  expect(cased('我爱中国', { truncation: true }).input_ids).toEqual([2, 5, 6, 3])
  expect([cased.padding_side, cased.bos_token_id, cased.eos_token_id]).toEqual(['left', 2, 3])
  const lower = await BertTokenizer.from_pretrained(folder, { do_lower_case: true })
  expect(lower('HELLO').input_ids).toEqual([2, 9, 3])
  put('tokenizer_config.json', '{"padding_side": "top"}')
  await expect(BertTokenizer.from_pretrained(folder)).rejects.toMatchObject({ code: 'TOKENIZER_CONFIG' })
})

test('AutoTokenizer gives the fast class unless it is told otherwise, and refuses others by name', async () => {
  const shipped = fileURLToPath(new URL('../../checkpoints/gpt2-tang-poetry', import.meta.url))
  expect(await AutoTokenizer.from_pretrained(shipped)).toBeInstanceOf(BertTokenizerFast)
  const slow = await AutoTokenizer.from_pretrained(shipped, { use_fast: false })
  expect(slow).toBeInstanceOf(BertTokenizer)
  expect(slow).not.toBeInstanceOf(BertTokenizerFast)
  put('tokenizer_config.json', '{"tokenizer_class": "T5Tokenizer"}')
  const loading = AutoTokenizer.from_pretrained(folder)
  await expect(loading).rejects.toMatchObject({ name: 'ConfigError', code: 'UNSUPPORTED_TOKENIZER' })
  await expect(loading).rejects.toThrow("no tokenizer 'T5Tokenizer'")
  await expect(AutoTokenizer.from_pretrained(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'FOLDER_MISSING' })
  await expect(BertTokenizer.from_pretrained(folder)).rejects.toMatchObject({ code: 'VOCABULARY_MISSING' })
})

test.each([
  ['one letter', 'a'.repeat(1_000_000)],
  ['Chinese', '我'.repeat(333_333)],
  ['marks on one letter', `e${'\u0301\u0323'.repeat(250_000)}`],
  ['punctuation', '!'.repeat(1_000_000)],
])('a megabyte of %s takes time in proportion', (_, text) => {
  const start = process.cpuUsage()
  tokenizer(text)
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000)
})

test('any string gives ids, and encoding a decoded text again gives the same ids', () => {
  const chinese = BertTokenizerFast.from_vocab(words)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), text => {
      const { input_ids } = chinese(text)
      expect(input_ids.every(id => Number.isInteger(id) && id < words.length)).toBe(true)
      const known = input_ids.filter(id => id !== 1)
      expect(chinese(chinese.decode(known, { skip_special_tokens: true })).input_ids).toEqual(known)
    }),
    { seed: 20261124, numRuns: 300 },
  )
})

test('a lone surrogate is dropped like the replacement character', () => {
  expect(tokenizer('我\ud800爱').input_ids).toEqual([2, 5, 6, 3])
})

test('the golden vocabulary of a tiny model loads with its files', async () => {
  const tiny = await BertTokenizer.from_pretrained(goldenPath('weights/bert-seqcls'))
  expect(tiny.model_max_length).toBe(128)
  expect(tiny.vocab_size).toBe(228)
})

test('what generate() gives can be decoded as it is', async () => {
  const backend = await openBackend('reference')
  const ids = [5, 6, 7, 8]
  const texts = [tokenizer.decode(ids.slice(0, 2)), tokenizer.decode(ids.slice(2))]
  const rows = backend.tensor(Int32Array.from(ids), { shape: [2, 2] })
  expect(tokenizer.batch_decode(rows)).toEqual(texts)
  expect(tokenizer.decode(rows.slice(0, 0, 1))).toBe(texts[0])
  expect(tokenizer.decode(rows.select(0, 1))).toBe(texts[1])
  expect(() => tokenizer.decode(rows)).toThrow('batch_decode')
  expect(() => tokenizer.batch_decode(rows.reshape([2, 2, 1]))).toThrow(
    expect.objectContaining({ code: 'DECODE_TYPE' }),
  )
  backend.dispose()
})
