// GPT2Tokenizer and GPT2TokenizerFast give what Hugging Face's two classes of these names give, on every recorded text.
import { expect, test } from 'vitest'
import { GPT2Tokenizer, GPT2TokenizerFast, type GPT2TokenizerOptions } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'

interface Item {
  readonly text: string
  readonly tokens: string[]
  readonly ids: number[]
  readonly decoded: string
  readonly fast_ids?: number[]
  readonly fast_offsets?: [number, number][]
}

interface Fields {
  readonly [name: string]: unknown
}

interface Recorded {
  readonly sections: readonly { kwargs: GPT2TokenizerOptions; n_fast_differs: number; items: readonly Item[] }[]
  readonly decode_random_ids: readonly {
    readonly ids: number[]
    readonly decoded: string
    readonly skip: string
    readonly clean: string
    readonly tokens: string[]
    readonly token_by_token: string[]
  }[]
  readonly batch: readonly { texts: string[]; kwargs: Fields; out: Fields }[]
  readonly pairs: readonly { a: string; b: string; kwargs: Fields; out: Fields }[]
  readonly repr: string
  readonly vocab_size: number
}

const recorded = golden<Recorded>('tokenizers/gpt2.json')
const folder = goldenPath('tokenizers/bpe-tokenizer')
const sections = recorded.sections.map(section => [JSON.stringify(section.kwargs), section] as const)

test('all sections are there', () => {
  expect(recorded.sections.map(({ items }) => items.length)).toEqual([368, 92, 92])
})

test.each(sections)('slow: %s', async (_, { kwargs, items }) => {
  const tokenizer = await GPT2Tokenizer.from_pretrained(folder, kwargs)
  for (const { text, tokens, ids, decoded } of items) {
    expect(tokenizer.tokenize(text), text).toEqual(tokens)
    expect(tokenizer(text).input_ids, text).toEqual(ids)
    expect(tokenizer.decode(ids), text).toBe(decoded)
  }
})

test.each(sections)('fast: %s', async (_, { kwargs, n_fast_differs, items }) => {
  const tokenizer = await GPT2TokenizerFast.from_pretrained(folder, kwargs)
  for (const { text, ids, fast_ids, fast_offsets } of items) {
    const encoding = tokenizer(text, { return_offsets_mapping: true })
    expect(encoding.input_ids, text).toEqual(fast_ids ?? ids)
    if (fast_offsets) expect(encoding.offset_mapping, text).toEqual(fast_offsets)
  }
  expect(items.filter(({ fast_ids }) => fast_ids).length).toBe(n_fast_differs)
})

test('decode() of any ids, also those whose bytes are no text', async () => {
  const slow = await GPT2Tokenizer.from_pretrained(folder)
  const fast = await GPT2TokenizerFast.from_pretrained(folder)
  expect(recorded.decode_random_ids.length).toBe(60)
  for (const { ids, decoded, skip, clean, tokens, token_by_token } of recorded.decode_random_ids) {
    for (const tokenizer of [slow, fast]) {
      expect(tokenizer.decode(ids)).toBe(decoded)
      expect(tokenizer.decode(ids, { skip_special_tokens: true })).toBe(skip)
      expect(tokenizer.decode(ids, { clean_up_tokenization_spaces: true })).toBe(clean)
      expect(tokenizer.convert_ids_to_tokens(ids)).toEqual(tokens)
      expect(ids.map(id => tokenizer.decode([id]))).toEqual(token_by_token)
    }
  }
})

test('lists and pairs, padded and truncated; padding with the end of text', async () => {
  const tokenizer = await GPT2Tokenizer.from_pretrained(folder)
  expect(() => tokenizer(['a'], { padding: true })).toThrow(expect.objectContaining({ code: 'NO_SPECIAL_TOKEN' }))
  tokenizer.pad_token = tokenizer.eos_token
  for (const { texts, kwargs, out } of recorded.batch) expect({ ...tokenizer(texts, kwargs) }).toEqual(out)
  for (const { a, b, kwargs, out } of recorded.pairs)
    expect({ ...tokenizer(a, { text_pair: b, ...kwargs }) }).toEqual(out)
})

test('the printed summary', async () => {
  const tokenizer = await GPT2Tokenizer.from_pretrained(folder, { name_or_path: 'weights/bpe-tokenizer' })
  expect(`${tokenizer}`).toBe(recorded.repr)
  expect(tokenizer.vocab_size).toBe(recorded.vocab_size)
})
