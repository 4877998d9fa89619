// train_new_from_iterator() finds the tokens that the Rust library's trainers find.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { AddedToken, type AddedTokenFlags, BertTokenizerFast, GPT2TokenizerFast } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'

type Fields = Readonly<Record<string, unknown>>
type Flags = AddedTokenFlags & { readonly content: string }

interface Case {
  readonly name: string
  readonly class: 'BertTokenizerFast' | 'GPT2TokenizerFast'
  readonly kwargs: Fields
  readonly weighted: boolean
  readonly vocab_size: number
  readonly options: Fields & { readonly new_special_tokens?: readonly (string | Flags)[] }
  readonly vocab: readonly string[] | Readonly<Record<string, number>>
  readonly merges: readonly (readonly string[])[] | null
  readonly len: number
  readonly specials: Readonly<Record<string, number>>
  readonly special_tokens_map: Fields
  readonly ids?: readonly number[][]
  readonly tokens?: readonly string[][]
}

const { corpus, texts, cases } = golden<{ corpus: string[]; texts: string[]; cases: readonly Case[] }>(
  'tokenizers/training.json',
)
const times = [1, 2, 3, 5, 7, 11, 13, 17, 19, 23]
const weighted = corpus.flatMap((line, i) => new Array<string>(times[i]!).fill(line))

const read = (name: string) => readFileSync(goldenPath(`tokenizers/${name}`), 'utf8')
const classes = {
  BertTokenizerFast: (options: Fields) => BertTokenizerFast.from_vocab(read('bert-base-chinese.txt'), options),
  GPT2TokenizerFast: (options: Fields) =>
    GPT2TokenizerFast.from_vocab(read('bpe-tokenizer/vocab.json'), read('bpe-tokenizer/merges.txt'), options),
}

function trained({ class: name, kwargs, options, vocab_size, weighted: isWeighted }: Case) {
  const { new_special_tokens = [], ...others } = options
  const lines = isWeighted ? weighted : corpus
  return classes[name](kwargs).train_new_from_iterator([lines.slice(0, 4), ...lines.slice(4)], vocab_size, {
    ...others,
    new_special_tokens: new_special_tokens.map(token =>
      typeof token === 'string' ? token : new AddedToken(token.content, token),
    ),
  })
}

test('all cases are there', () => {
  expect(cases.length).toBe(11)
})

test.each(cases.map(item => [item.name, item] as const))('%s', (_, item) => {
  const tokenizer = trained(item)
  const vocabulary = tokenizer.vocabulary
  // The ids of the Rust library's pieces are those of a hash table; the tokens are the same.
  if (Array.isArray(item.vocab)) expect([...vocabulary.ids.keys()].sort()).toEqual([...item.vocab].sort())
  else expect(Object.fromEntries(vocabulary.ids)).toEqual(item.vocab)
  if (item.merges) expect(tokenizer.source.merges?.pairs).toEqual(item.merges)
  expect(tokenizer.length).toBe(item.len)
  expect(tokenizer.special_tokens_map).toEqual(item.special_tokens_map)
  const specials = tokenizer.all_special_tokens.map(token => [token, tokenizer.convert_tokens_to_ids(token)])
  expect(Object.fromEntries(specials)).toEqual(item.specials)
  if (item.ids) expect(texts.map(text => tokenizer(text).input_ids)).toEqual(item.ids)
  if (item.tokens) expect(texts.map(text => tokenizer.tokenize(text))).toEqual(item.tokens)
})

test('training gives the same numbers every time', () => {
  const train = () => trained(cases.find(({ name }) => name === 'pieces, cased, new names')!).get_vocab()
  expect([...train()]).toEqual([...train()])
})

test.each([
  ['OPTION_VALUE', () => classes.GPT2TokenizerFast({}).train_new_from_iterator(corpus, 0)],
  ['OPTION_VALUE', () => classes.GPT2TokenizerFast({}).train_new_from_iterator(corpus, 1.5)],
  [
    'UNKNOWN_OPTION',
    () => classes.GPT2TokenizerFast({}).train_new_from_iterator(corpus, 300, { min_freq: 2 } as object),
  ],
])('%s: what cannot be is refused', (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }))
})

test('texts that are still to come make a promise of the same tokenizer', async () => {
  const old = GPT2TokenizerFast.from_vocab({ a: 0 }, [], { unk_token: null, bos_token: null, eos_token: null })
  const texts = ['low lower lowest', 'new newer newest']
  async function* later() {
    for (const text of texts) yield text
  }
  const trained = await old.train_new_from_iterator(later(), 270)
  expect(trained.get_vocab()).toEqual(old.train_new_from_iterator(texts, 270).get_vocab())
  for (const wrong of [undefined, 'low', 3, [3], [['low', 3]]]) {
    expect(() => old.train_new_from_iterator(wrong as never, 270), String(wrong)).toThrow(
      expect.objectContaining({ code: 'TEXT_TYPE' }),
    )
  }
})
