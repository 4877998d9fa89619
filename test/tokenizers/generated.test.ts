// Python's tokenizers: the ids that transformers' slow classes give, on thousands of texts made of everything Unicode has.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { AddedToken, type AddedTokenFlags, BertTokenizer, GPT2Tokenizer } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'
import { visible } from './texts.ts'

interface Setting {
  readonly class?: 'BertTokenizer' | 'GPT2Tokenizer'
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly added?: readonly (readonly [content: string, flags: AddedTokenFlags])[]
  readonly items: readonly (readonly [text: string, ids: number[]])[]
}

const read = (name: string) => readFileSync(goldenPath(`tokenizers/${name}`), 'utf8')
const vocabulary = read('bert-base-chinese.txt')
const bytes = [read('bpe-tokenizer/vocab.json'), read('bpe-tokenizer/merges.txt')] as const
const settings = ['generated.json', 'generated-slow.json'].flatMap(
  name => golden<{ settings: readonly Setting[] }>(`tokenizers/${name}`).settings,
)

test('all settings are there', () => {
  expect(settings.map(({ items }) => items.length)).toEqual([1000, 1000, 1000, 1000, 900, 300, 500, 500, 300])
})

const cases = settings.map(item => {
  const { class: name = 'BertTokenizer', kwargs, added = [] } = item
  return [`${name} ${JSON.stringify(kwargs)}${added.length > 0 ? ', added tokens' : ''}`, item] as const
})

test.each(cases)('%s', (_, { class: name, kwargs, added = [], items }) => {
  const tokenizer =
    name === 'GPT2Tokenizer' ? GPT2Tokenizer.from_vocab(...bytes, kwargs) : BertTokenizer.from_vocab(vocabulary, kwargs)
  tokenizer.add_tokens(added.map(([content, flags]) => new AddedToken(content, flags)))
  const different = items.filter(([text, ids]) => JSON.stringify(tokenizer(text).input_ids) !== JSON.stringify(ids))
  const shown = different
    .slice(0, 3)
    .map(([text, ids]) => `${visible(text)}\n  own  ${tokenizer(text).input_ids}\n  slow ${ids}`)
  expect(shown.join('\n'), `${different.length} differ`).toBe('')
})
