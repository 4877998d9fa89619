// A seed gives the text that transformers samples after set_seed with the same seed, token for token.
import { describe, expect, test } from 'vitest'
import { BertTokenizer, GPT2LMHeadModel, set_seed, type Tensor } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'

interface Sampled {
  readonly folder: string
  readonly input_ids: number[][]
  readonly attention_mask: number[][]
  readonly options: Readonly<Record<string, number>>
  readonly seed: number
  readonly sequences: readonly (readonly number[])[]
  /** A second call, which goes on where the generator stood. */
  readonly again: readonly (readonly number[])[]
}

const rowsOf = (ids: Tensor) => ids.tolist()

describe.each(['2.6', '2.7'] as const)('PyTorch %s', torch => {
  const { cases } = golden<{ cases: readonly Sampled[] }>(`random/sampled-${torch}.json`)
  const folders = [...new Set(cases.map(({ folder }) => folder))]

  test.each(folders)('%s', async folder => {
    const place = goldenPath(folder.startsWith('checkpoints') ? `../../${folder}` : folder)
    using model = await GPT2LMHeadModel.from_pretrained(place)
    const known = cases.filter(item => item.folder === folder)
    expect(known.length).toBeGreaterThanOrEqual(4)
    for (const { input_ids, attention_mask, options, seed, sequences, again } of known) {
      const sample = async (own: object = {}) =>
        rowsOf(await model.generate({ input_ids, attention_mask, ...options, do_sample: true, ...own }))
      set_seed(seed, { torch })
      const what = `${JSON.stringify(options)}, ${input_ids.length} rows, seed ${seed}`
      expect(await sample(), what).toEqual(sequences)
      expect(await sample(), `${what}, second call`).toEqual(again)
      if (torch === '2.7') expect(await sample({ seed }), `${what}, own seed`).toEqual(sequences)
    }
  })
})

test('the poems of the shipped model are those that transformers draws', async () => {
  const folder = goldenPath('../../checkpoints/gpt2-tang-poetry')
  using model = await GPT2LMHeadModel.from_pretrained(folder)
  const tokenizer = await BertTokenizer.from_pretrained(folder)
  const poems = golden<readonly Record<string, string>[]>('checkpoints/gpt2-samples.json')
  expect(poems.length).toBeGreaterThan(5)
  for (const { prompt, 'top_k 20, temperature 0.9, seed 1': poem } of poems) {
    const input_ids = [tokenizer(`[CLS]${prompt}`, { add_special_tokens: false }).input_ids as number[]]
    const options = { max_new_tokens: 90, do_sample: true, top_k: 20, temperature: 0.9, seed: 1 }
    const [ids] = (await model.generate({ input_ids, ...options })).tolist() as number[][]
    expect(tokenizer.decode(ids!).replaceAll(' ', '')).toBe(poem)
  }
})
