// Special and added tokens: their names, flags and numbers; what a tokenizer warns of; and its printed summary.
import { inspect } from 'node:util'
import { beforeEach, expect, test, vi } from 'vitest'
import {
  AddedToken,
  BertTokenizer,
  BertTokenizerFast,
  GPT2TokenizerFast,
  PreTrainedTokenizer,
} from '../../src/index.ts'

const words = '[PAD] [UNK] [CLS] [SEP] [MASK] 我 爱 中 国 hello wor ##ld'.split(' ')
const gpt2 = () => GPT2TokenizerFast.from_vocab({ a: 0, b: 1, '<|endoftext|>': 2, '[PAD]': 3 }, [])

const emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()
beforeEach(() => {
  emitted.mockClear()
})
const codes = () => emitted.mock.calls.map(([, options]) => Reflect.get(options as object, 'code'))

test('names can be set, by token or by id, and taken away', () => {
  const tokenizer = gpt2()
  expect([tokenizer.pad_token, tokenizer.pad_token_id]).toEqual([undefined, undefined])
  tokenizer.pad_token = tokenizer.eos_token
  expect([tokenizer.pad_token, tokenizer.pad_token_id]).toEqual(['<|endoftext|>', 2])
  tokenizer.pad_token_id = 3
  expect(tokenizer.pad_token).toBe('[PAD]')
  expect(tokenizer(['a', 'ab'], { padding: true }).input_ids).toEqual([
    [0, 3],
    [0, 1],
  ])
  tokenizer.pad_token = undefined
  expect(() => tokenizer(['a', 'ab'], { padding: true })).toThrow('tokenizer.pad_token = tokenizer.eos_token')
  expect(() => {
    tokenizer.pad_token = 5 as never
  }).toThrow(expect.objectContaining({ code: 'SPECIAL_TOKEN' }))
})

test('a name whose token is not in the vocabulary has the id of the unknown token, as in Hugging Face', () => {
  const tokenizer = gpt2()
  tokenizer.sep_token = '<sep>'
  expect(tokenizer.sep_token_id).toBe(2)
  expect(tokenizer.add_special_tokens({ sep_token: '<sep>' })).toBe(1)
  expect([tokenizer.sep_token_id, tokenizer.length, tokenizer.vocab_size]).toEqual([4, 5, 4])
})

test('without an unknown token an unknown text has no id', () => {
  const tokenizer = GPT2TokenizerFast.from_vocab({ a: 0 }, [], { unk_token: null, bos_token: null, eos_token: null })
  expect(tokenizer.length).toBe(1)
  expect(() => tokenizer.convert_tokens_to_ids('b')).toThrow(expect.objectContaining({ code: 'UNKNOWN_TOKEN' }))
})

test('additional special tokens: replaced, or extended', () => {
  const tokenizer = BertTokenizerFast.from_vocab(words)
  expect(tokenizer.add_special_tokens({ additional_special_tokens: ['<a>', '<b>'] })).toBe(2)
  expect(tokenizer.add_special_tokens({ additional_special_tokens: ['<c>'] }, false)).toBe(1)
  expect(tokenizer.additional_special_tokens).toEqual(['<a>', '<b>', '<c>'])
  expect(tokenizer.additional_special_tokens_ids).toEqual([12, 13, 14])
  tokenizer.add_special_tokens({ additional_special_tokens: ['<a>'] })
  expect(tokenizer.additional_special_tokens).toEqual(['<a>'])
  tokenizer.additional_special_tokens = ['<b>']
  expect(tokenizer.all_special_tokens).toEqual(['[UNK]', '[SEP]', '[PAD]', '[CLS]', '[MASK]', '<b>'])
})

test('an AddedToken has flags, and what goes with them', () => {
  const token = new AddedToken('<x>', { lstrip: true, special: true })
  expect({ ...token }).toEqual({
    content: '<x>',
    single_word: false,
    lstrip: true,
    rstrip: false,
    normalized: false,
    special: true,
  })
  expect(new AddedToken('x').normalized).toBe(true)
  expect(`${token}`).toBe('<x>')
  const tokenizer = BertTokenizerFast.from_vocab(words)
  expect(tokenizer.add_tokens(token)).toBe(1)
  expect(tokenizer.add_tokens(token)).toBe(0)
  expect(tokenizer.added_tokens_decoder.get(12)).toEqual(token)
  expect(tokenizer.added_tokens_encoder.get('<x>')).toBe(12)
  const { input_ids, offset_mapping } = tokenizer('我  <x>爱', {
    return_offsets_mapping: true,
    add_special_tokens: false,
  })
  expect(input_ids).toEqual([5, 12, 6])
  expect(offset_mapping).toEqual([
    [0, 1],
    [1, 6],
    [6, 7],
  ])
})

test('new tokens take the ids behind the last, also where the vocabulary has gaps', () => {
  const tokenizer = GPT2TokenizerFast.from_vocab({ a: 0, b: 3, '<|endoftext|>': 5 }, [])
  tokenizer.add_tokens(['x', 'y'])
  expect([...tokenizer.get_added_vocab()].sort()).toEqual([
    ['<|endoftext|>', 5],
    ['x', 4],
    ['y', 6],
  ])
})

test('special_tokens_map_extended has the flags', () => {
  const tokenizer = BertTokenizer.from_vocab(words, { mask_token: new AddedToken('[MASK]', { lstrip: true }) })
  expect(tokenizer.special_tokens_map_extended.mask_token).toEqual(new AddedToken('[MASK]', { lstrip: true }))
  expect(tokenizer.special_tokens_map.mask_token).toBe('[MASK]')
  expect(tokenizer.tokenize('我 [MASK] 爱')).toEqual(['我', '[MASK]', '爱'])
  expect(tokenizer.special_tokens_map_extended.cls_token).toBe('[CLS]')
})

test('padding_side, truncation_side and the limit can be set', () => {
  const tokenizer = BertTokenizerFast.from_vocab(words)
  tokenizer.padding_side = 'left'
  tokenizer.truncation_side = 'left'
  tokenizer.model_max_length = 4
  expect(tokenizer(['我爱中', '国'], { padding: true, truncation: true }).input_ids).toEqual([
    [2, 6, 7, 3],
    [0, 2, 8, 3],
  ])
  expect([tokenizer.max_len_single_sentence, tokenizer.max_len_sentences_pair]).toEqual([2, 1])
})

test.each([
  ['TRUNCATION_IMPLIED', () => BertTokenizer.from_vocab(words)('我爱中国', { max_length: 3 })],
  ['TEXT_TOO_LONG', () => BertTokenizer.from_vocab(words, { model_max_length: 4 })('我爱中国')],
  ['MAX_LENGTH_IGNORED', () => BertTokenizer.from_vocab(words)('我', { padding: true, max_length: 9 })],
  ['NO_MAX_LENGTH', () => BertTokenizer.from_vocab(words)('我', { padding: 'max_length' })],
  ['NO_LIMIT', () => BertTokenizer.from_vocab(words)('我', { truncation: true })],
])('warning %s', (code, run) => {
  run()
  expect(codes()).toEqual([code])
})

test('a tokenizer warns once, and not when verbose is off', () => {
  const tokenizer = BertTokenizer.from_vocab(words, { model_max_length: 3 })
  tokenizer('我爱中国国', { verbose: false })
  expect(codes()).toEqual([])
  for (const text of ['我爱中国国国', '我爱中国国国国']) tokenizer(text)
  expect(codes()).toEqual(['TEXT_TOO_LONG'])
})

test('max_length alone cuts', () => {
  expect(BertTokenizer.from_vocab(words)('我爱中国', { max_length: 3 }).input_ids).toEqual([2, 5, 3])
})

test('the summary is what Python prints', () => {
  const tokenizer = BertTokenizerFast.from_vocab(['[UNK]', "it's"], {
    ...{ cls_token: "it's", sep_token: '[UNK]', pad_token: null, mask_token: null, model_max_length: 9 },
    name_or_path: 'a folder',
  })
  const text =
    "BertTokenizerFast(name_or_path='a folder', vocab_size=2, model_max_length=9, is_fast=True, padding_side='right', " +
    "truncation_side='right', special_tokens={'unk_token': '[UNK]', 'sep_token': '[UNK]', 'cls_token': \"it's\"}, " +
    'clean_up_tokenization_spaces=True, added_tokens_decoder={\n' +
    '\t0: AddedToken("[UNK]", rstrip=False, lstrip=False, single_word=False, normalized=False, special=True),\n' +
    '\t1: AddedToken("it\'s", rstrip=False, lstrip=False, single_word=False, normalized=False, special=True),\n}\n)'
  expect(`${tokenizer}`).toBe(text)
  expect(inspect(tokenizer)).toBe(text)
  expect(tokenizer).toBeInstanceOf(PreTrainedTokenizer)
})

test('a token that nobody normalised follows its flag, when it is made special too', () => {
  const token = new AddedToken('<NEW>')
  expect([token.normalized, token.with({ special: true }).normalized]).toEqual([true, false])
  expect(token.with({ special: true, normalized: true }).normalized).toBe(true)
  const given = new AddedToken('<NEW>', { normalized: true })
  expect([given.with({ special: true }).normalized, given.with({ content: 'x' }).normalized]).toEqual([true, true])
})

test('what is no token has no id', () => {
  const tokenizer = gpt2()
  for (const tokens of [undefined, null, 3, [undefined], ['a', 3]]) {
    expect(() => tokenizer.convert_tokens_to_ids(tokens as never), String(tokens)).toThrow(
      expect.objectContaining({ code: 'TOKEN_TYPE' }),
    )
  }
})

test('ids are special by name, also with the arguments in one object', () => {
  const tokenizer = BertTokenizerFast.from_vocab(words)
  const ids = [2, 5, 3, 0]
  const wanted = [1, 0, 1, 1]
  expect(tokenizer.get_special_tokens_mask(ids, { already_has_special_tokens: true })).toEqual(wanted)
  expect(tokenizer.get_special_tokens_mask(ids, undefined, true)).toEqual(wanted)
  expect(tokenizer.get_special_tokens_mask([5], { token_ids_1: [6] })).toEqual([1, 0, 1, 0, 1])
  expect(() => tokenizer.get_special_tokens_mask(ids, [5], true)).toThrow(
    expect.objectContaining({ code: 'OPTION_VALUE' }),
  )
  expect(() => tokenizer.get_special_tokens_mask(ids, { already: true } as never)).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_OPTION' }),
  )
})

test('ids of 64 bits are ids', () => {
  const tokenizer = BertTokenizerFast.from_vocab(words)
  expect(tokenizer.decode([9n])).toBe('hello')
  expect(tokenizer.decode(9n)).toBe('hello')
  expect(tokenizer.decode(BigInt64Array.of(2n, 9n), { skip_special_tokens: true })).toBe('hello')
  expect(tokenizer.batch_decode([[9n], BigInt64Array.of(5n)])).toEqual(['hello', '我'])
  expect(tokenizer.convert_ids_to_tokens(BigInt64Array.of(2n, 9n))).toEqual(['[CLS]', 'hello'])
  expect(tokenizer.convert_ids_to_tokens(9n)).toBe('hello')
})

test('a fault in ids names who was called, and what would do', () => {
  const tokenizer = BertTokenizerFast.from_vocab(words)
  expect(() => tokenizer.convert_ids_to_tokens([99])).toThrow('tokenizer: 99 at place 0 is the id of none of 12 tokens')
  expect(() => tokenizer.convert_ids_to_tokens([[9]] as never)).toThrow(/^convert_ids_to_tokens: .* rows/)
  expect(() => tokenizer.convert_ids_to_tokens('9' as never)).toThrow(expect.objectContaining({ code: 'DECODE_TYPE' }))
  expect(() => tokenizer.decode([[1, 2]] as never)).toThrow(/batch_decode/)
  expect(() => tokenizer.batch_decode([9] as never)).toThrow(expect.objectContaining({ code: 'DECODE_TYPE' }))
})

test('a side is left or right, whenever it is set', () => {
  const refusal = expect.objectContaining({ code: 'OPTION_VALUE' })
  for (const side of ['padding_side', 'truncation_side'] as const) {
    expect(() => BertTokenizerFast.from_vocab(words, { [side]: 'middle' })).toThrow(refusal)
    const tokenizer = BertTokenizerFast.from_vocab(words, { [side]: 'left' })
    expect(() => {
      tokenizer[side] = 'middle' as never
    }).toThrow(refusal)
    expect(tokenizer[side]).toBe('left')
    tokenizer[side] = 'right'
    expect(tokenizer[side]).toBe('right')
  }
})

test('vocab is what get_vocab() gives; without added tokens by Python', () => {
  const [slow, fast] = [BertTokenizer.from_vocab(words), BertTokenizerFast.from_vocab(words)]
  for (const tokenizer of [slow, fast]) tokenizer.add_tokens('newtok')
  expect([slow.vocab.size, fast.vocab.size, fast.vocab.get('newtok')]).toEqual([12, 13, 12])
})

test('an encoding is read like a dictionary, and by row', () => {
  const tokenizer = BertTokenizerFast.from_vocab(words)
  const encoding = tokenizer(['我', '爱 中'], { padding: true })
  const names = ['input_ids', 'token_type_ids', 'attention_mask']
  expect([encoding.keys(), Object.keys(encoding)]).toEqual([names, names])
  expect(encoding.items()).toEqual(names.map(name => [name, Reflect.get(encoding, name)]))
  expect(encoding.values()[0]).toBe(encoding.input_ids)
  expect(encoding.data).toEqual({ ...encoding })
  expect([encoding[1]?.tokens, encoding[2]]).toEqual([['[CLS]', '爱', '中', '[SEP]'], undefined])
})

test('a text or a list of texts is known when the program runs', () => {
  const tokenizer = BertTokenizerFast.from_vocab(words)
  const lengths = (texts: string | string[]): number => tokenizer(texts).input_ids.length
  expect([lengths('我'), lengths(['我', '爱'])]).toEqual([3, 2])
})
