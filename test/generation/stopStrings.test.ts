// Stop strings end a text where Hugging Face ends it, however tokens cut them.
import fc from 'fast-check'
import { beforeAll, expect, test, vi } from 'vitest'
import type { TokenTexts } from '../../src/generation/stopping/stopString.ts'
import { BertTokenizer, StopStringCriteria } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'

type Kind = 'bert' | 'bpe'
interface Ends {
  readonly tokenizer: Kind
  readonly stop_strings: readonly string[]
  readonly rows: readonly (readonly number[])[]
  readonly ends: readonly boolean[]
}
interface Fault {
  readonly tokenizer: Kind
  readonly stop_strings: readonly string[]
  readonly error: string
}
interface Tokens {
  readonly tokenizer: Kind
  readonly tokens: Readonly<Record<string, string>>
}

const { cases } = golden<{ cases: readonly (Ends | Fault | Tokens)[] }>('generate/stop_strings.json')
const bytes = cases.find((item): item is Tokens => 'tokens' in item && item.tokenizer === 'bpe')!.tokens

/** A tokenizer whose tokens are their own text. */
function plain(texts: ReadonlyMap<number, string>): TokenTexts {
  return {
    encode: text => Array.from(text, character => [...texts].find(([, other]) => other === character)?.[0] ?? -1),
    convert_ids_to_tokens: ids => ids.map(id => texts.get(id) ?? '?'),
    convert_tokens_to_string: tokens => tokens.join(''),
    get_vocab: () => new Map(Array.from(texts, ([id, text]) => [text, id])),
  }
}

/** The recorded tokens, and the single characters of ASCII, of which the tokenizer has all. */
const recorded = Object.entries(bytes).map(([id, text]) => [Number(id), text] as const)
const ascii = Array.from({ length: 95 }, (_, i) => [1000 + i, String.fromCharCode(32 + i)] as const)
const known = new Set(recorded.map(([, text]) => text))
const byteLevel = plain(new Map([...recorded, ...ascii.filter(([, text]) => !known.has(text))]))

let tokenizers: Record<Kind, TokenTexts>
beforeAll(async () => {
  const bert = await BertTokenizer.from_pretrained(goldenPath('weights/gpt2-lm'))
  tokenizers = { bert, bpe: byteLevel }
})

const ends = cases.filter((item): item is Ends => 'ends' in item)
const faults = cases.filter((item): item is Fault => 'error' in item)

test('both tokenizers have cases', () => {
  expect(new Set(ends.map(({ tokenizer }) => tokenizer)).size).toBe(2)
  expect(ends.reduce((sum, item) => sum + item.ends.filter(isEnd => isEnd).length, 0)).toBeGreaterThan(50)
})

test.each(ends.map(item => [item.tokenizer, JSON.stringify(item.stop_strings), item] as const))(
  '%s %s',
  (_, __, item) => {
    const criterion = new StopStringCriteria(tokenizers[item.tokenizer], item.stop_strings)
    const found = item.rows.map(row => criterion.stop({ ids: [Int32Array.from(row)], step: 1 })[0])
    expect(found).toEqual(item.ends)
  },
)

test.each(faults.map(item => [item.tokenizer, JSON.stringify(item.stop_strings), item] as const))(
  '%s cannot end at %s',
  (_, __, item) => {
    expect(() => new StopStringCriteria(tokenizers[item.tokenizer], item.stop_strings)).toThrow(
      expect.objectContaining({ code: 'STOP_STRING' }),
    )
  },
)

test('a string that the tokenizer writes with spaces is told of', () => {
  expect(() => new StopStringCriteria(tokenizers.bert, '人有')).toThrow("it writes '人 有'")
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  try {
    new StopStringCriteria(tokenizers.bert, ['。', '人有'])
    expect(warn.mock.calls[0]![0]).toContain("writes '人有' as '人 有'")
  } finally {
    warn.mockRestore()
  }
})

test.each([[''], [[]], [[3]], [['a', '']]])('%j is no stop string', value => {
  expect(() => new StopStringCriteria(byteLevel, value as string[])).toThrow(
    expect.objectContaining({ code: 'GENERATION_VALUE' }),
  )
})

test('it ends where the text of the tokens first holds the string, and not before', () => {
  const texts = ['a', 'b', 'ab', 'ba', 'aab', 'c', 'ca', 'bc']
  const tokenizer = plain(new Map(texts.map((text, id) => [id, text])))
  const ids = fc.array(fc.integer({ min: 0, max: texts.length - 1 }), { minLength: 1, maxLength: 12 })
  const strings = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(ids, strings, (row, string) => {
      const criterion = new StopStringCriteria(tokenizer, string)
      const textOf = (length: number) =>
        row
          .slice(0, length)
          .map(id => texts[id]!)
          .join('')
      for (let length = 1; length <= row.length; length++) {
        const isEnd = criterion.stop({ ids: [Int32Array.from(row.slice(0, length))], step: length })[0]
        const before = textOf(length - 1)
        const isNew = textOf(length).indexOf(string, Math.max(before.length - string.length + 1, 0)) >= 0
        expect(isEnd).toBe(isNew)
      }
    }),
    { seed: 20261124, numRuns: 300 },
  )
})
