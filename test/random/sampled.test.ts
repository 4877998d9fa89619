// A seed gives the text that transformers samples after set_seed with the same seed, token for token.
import { describe, expect, test } from 'vitest'
import { GPT2LMHeadModel, set_seed, type Tensor } from '../../src/index.ts'
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
