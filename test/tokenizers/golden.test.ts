// BertTokenizer and BertTokenizerFast give what Hugging Face's two classes of these names give, on every recorded text.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BertTokenizer, BertTokenizerFast, type BertTokenizerOptions } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'

interface Item {
  readonly text: string
  readonly tokens: string[]
  readonly ids: number[]
  readonly fast_ids?: number[]
  readonly fast_tokens?: string[]
  readonly fast_offsets: [number, number][]
  readonly fast_word_ids: (number | null)[]
}

interface TextTokens {
  readonly text: string
  readonly tokens: string[]
}

interface Recorded {
  readonly sections: readonly { name: string; vocab: string; kwargs: BertTokenizerOptions; items: readonly Item[] }[]
  readonly misc: Readonly<Record<string, unknown>> & {
    readonly convert_tokens_to_ids: readonly (readonly [string | string[], number | number[]])[]
    readonly build_inputs: readonly number[][]
    readonly token_type_ids: readonly number[][]
  }
  readonly added_tokens: {
    readonly added: string[]
    readonly added_special: string[]
    readonly n: number[]
    readonly len: number
    readonly items: readonly (TextTokens & { ids: number[]; decoded: string; decoded_skip: string })[]
  }
  readonly never_split: { readonly never_split: string[]; readonly items: readonly TextTokens[] }
  readonly no_basic: { readonly items: readonly TextTokens[] }
}

const vocabularies: Readonly<Record<string, string>> = {
  'weights/bert-full/vocab.txt': 'bert-base-chinese.txt',
  'weights/all-MiniLM-L6-v2/vocab.txt': 'all-MiniLM-L6-v2.txt',
}
const vocabulary = (name: string) => readFileSync(goldenPath(`tokenizers/${vocabularies[name] ?? name}`), 'utf8')
const chinese = vocabulary('bert-base-chinese.txt')
const english = vocabulary('all-MiniLM-L6-v2.txt')

const recorded = golden<Recorded>('tokenizers/bert.json')
const sections = recorded.sections.map(section => [section.name, section] as const)

test('all sections are there', () => {
  expect(recorded.sections.map(({ items }) => items.length)).toEqual([350, 350, 350, 117, 117, 117, 117])
})

test.each(sections)('slow: %s', (_, { vocab, kwargs, items }) => {
  const tokenizer = BertTokenizer.from_vocab(vocabulary(vocab), kwargs)
  for (const { text, tokens, ids } of items) {
    expect(tokenizer.tokenize(text), text).toEqual(tokens)
    expect(tokenizer(text).input_ids, text).toEqual(ids)
  }
})

test.each(sections)('fast: %s', (_, { vocab, kwargs, items }) => {
  const tokenizer = BertTokenizerFast.from_vocab(vocabulary(vocab), kwargs)
  for (const { text, ids, fast_ids, fast_tokens, fast_offsets, fast_word_ids } of items) {
    const encoding = tokenizer(text, { return_offsets_mapping: true })
    expect(encoding.input_ids, text).toEqual(fast_ids ?? ids)
    if (fast_tokens) expect(encoding.tokens(), text).toEqual(fast_tokens)
    expect(encoding.offset_mapping, text).toEqual(fast_offsets)
    expect(encoding.word_ids(), text).toEqual(fast_word_ids)
  }
})

test('small things: conversions and counts', () => {
  const tokenizer = BertTokenizer.from_vocab(chinese)
  const { misc } = recorded
  expect(tokenizer.vocab_size).toBe(misc.vocab_size)
  expect(tokenizer.get_vocab().size).toBe(misc.len)
  expect(tokenizer.all_special_tokens).toEqual(misc.all_special_tokens)
  expect(tokenizer.all_special_ids).toEqual(misc.all_special_ids)
  expect([false, true].map(pair => tokenizer.num_special_tokens_to_add(pair))).toEqual(misc.num_special_tokens_to_add)
  for (const [tokens, ids] of misc.convert_tokens_to_ids) {
    if (typeof tokens === 'string') expect(tokenizer.convert_tokens_to_ids(tokens)).toBe(ids)
    else expect(tokenizer.convert_tokens_to_ids(tokens)).toEqual(ids)
  }
  expect(tokenizer.build_inputs_with_special_tokens([1, 2])).toEqual(misc.build_inputs[0])
  expect(tokenizer.build_inputs_with_special_tokens([1, 2], [3])).toEqual(misc.build_inputs[1])
  expect(tokenizer.create_token_type_ids_from_sequences([1, 2])).toEqual(misc.token_type_ids[0])
  expect(tokenizer.create_token_type_ids_from_sequences([1, 2], [3])).toEqual(misc.token_type_ids[1])
})

test('tokens that were added', () => {
  const { added, added_special, n, len, items } = recorded.added_tokens
  const tokenizer = BertTokenizer.from_vocab(chinese, { do_lower_case: false })
  expect([tokenizer.add_tokens(added), tokenizer.add_tokens(added_special, true)]).toEqual(n)
  expect(tokenizer.get_vocab().size).toBe(len)
  for (const { text, tokens, ids, decoded, decoded_skip } of items) {
    expect(tokenizer.tokenize(text), text).toEqual(tokens)
    expect(tokenizer(text).input_ids, text).toEqual(ids)
    expect(tokenizer.decode(ids), text).toBe(decoded)
    expect(tokenizer.decode(ids, { skip_special_tokens: true }), text).toBe(decoded_skip)
  }
})

test('words that are never split, and pieces without words', () => {
  const { never_split, items } = recorded.never_split
  const whole = BertTokenizer.from_vocab(chinese, { never_split })
  for (const { text, tokens } of items) expect(whole.tokenize(text), text).toEqual(tokens)
  const pieces = BertTokenizer.from_vocab(chinese, { do_basic_tokenize: false, do_lower_case: false })
  for (const { text, tokens } of recorded.no_basic.items) expect(pieces.tokenize(text), text).toEqual(tokens)
})

type Fields = Readonly<Record<string, unknown>>

const { pairs, batch } = golden<{
  pairs: readonly { a: string; b: string; kwargs: Fields; slow: Fields; fast?: Fields }[]
  batch: readonly { texts: string[]; kwargs: Fields; out: Fields }[]
}>('tokenizers/bert-pairs.json')
const overflows = ({ kwargs }: { kwargs: Fields }) => 'return_overflowing_tokens' in kwargs

test('pairs, truncated and padded', () => {
  const slow = BertTokenizer.from_vocab(chinese)
  const fast = BertTokenizerFast.from_vocab(chinese)
  const withoutOverflow = pairs.filter(pair => !overflows(pair))
  expect(withoutOverflow.length).toBeGreaterThan(80)
  for (const { a, b, kwargs, slow: wanted, fast: wantedFast = wanted } of withoutOverflow) {
    const what = JSON.stringify([a, b, kwargs])
    const options = { text_pair: b, ...kwargs }
    expect({ ...slow(a, options) }, what).toEqual(wanted)
    if ('error' in wantedFast)
      expect(() => fast(a, options), what).toThrow(expect.objectContaining({ code: 'TRUNCATION' }))
    else expect({ ...fast(a, options) }, what).toEqual(wantedFast)
  }
})

test('lists of texts, padded and truncated', () => {
  for (const { texts, kwargs, out } of batch.filter(item => !overflows(item))) {
    const { truncation_side, ...options } = kwargs
    const tokenizer = BertTokenizer.from_vocab(chinese, {
      do_lower_case: false,
      truncation_side: truncation_side === 'left' ? 'left' : 'right',
    })
    expect({ ...tokenizer(texts, options) }, JSON.stringify(kwargs)).toEqual(out)
  }
})

test('decode()', () => {
  const both = (vocab: string, options: BertTokenizerOptions) =>
    [BertTokenizer.from_vocab(vocab, options), BertTokenizerFast.from_vocab(vocab, options)] as const
  const tokenizers = { 'real cased': both(chinese, { do_lower_case: false }), MiniLM: both(english, {}) }
  const items =
    golden<readonly (Fields & { tokenizer: keyof typeof tokenizers; ids: number[] })[]>('tokenizers/bert-decode.json')
  expect(items.length).toBe(180)
  for (const item of items) {
    const [slow, fast] = tokenizers[item.tokenizer]
    for (const skip_special_tokens of [false, true]) {
      const name = `skip=${skip_special_tokens ? 'True' : 'False'},clean=`
      const decoded = (clean?: boolean) =>
        slow.decode(item.ids, {
          skip_special_tokens,
          ...(clean !== undefined && { clean_up_tokenization_spaces: clean }),
        })
      expect(decoded()).toBe(item[`${name}None`])
      expect(decoded(true)).toBe(item[`${name}True`])
      expect(decoded(false)).toBe(item[`${name}False`])
    }
    expect(fast.decode(item.ids, { skip_special_tokens: true })).toBe(item['fast,skip=True'])
    expect(slow.convert_tokens_to_string(slow.convert_ids_to_tokens(item.ids))).toBe(item.tokens_to_string)
  }
})
