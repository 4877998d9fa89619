// BertTokenizer gives what transformers' slow tokenizer gives, on 4,000 texts made of everything Unicode has.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BertTokenizer, type BertTokenizerOptions } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'

const vocabulary = readFileSync(goldenPath('tokenizers/bert-base-chinese.txt'), 'utf8')
const { settings } = golden<{
  settings: readonly { kwargs: BertTokenizerOptions; items: readonly (readonly [text: string, ids: number[]])[] }[]
}>('tokenizers/generated.json')

test.each(settings.map(item => [JSON.stringify(item.kwargs), item] as const))('%s', (_, { kwargs, items }) => {
  expect(items).toHaveLength(1000)
  const tokenizer = BertTokenizer.from_vocab(vocabulary, kwargs)
  const different = items.filter(([text, ids]) => JSON.stringify(tokenizer(text).input_ids) !== JSON.stringify(ids))
  const shown = different.slice(0, 3).map(([text, ids]) => {
    const codes = Array.from(text, char => char.codePointAt(0)!.toString(16)).join(' ')
    return `${codes}\n  own  ${tokenizer(text).input_ids}\n  slow ${ids}`
  })
  expect(shown.join('\n'), `${different.length} differ`).toBe('')
})
