// generate() gives Hugging Face's tokens, and the processors its scores, wherever the options are supported.
import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/generation/config.ts'
import { processorsOf } from '../../src/generation/generate.ts'
import { GPT2LMHeadModel } from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'
import { type GoldenTensor, golden, goldenPath, nestedOf, numbersOf } from '../golden.ts'

interface GenerateCase {
  readonly name: string
  readonly input_ids: GoldenTensor
  readonly attention_mask: GoldenTensor | null
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly sequences: GoldenTensor
}

interface WarpCase {
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly input_ids: GoldenTensor
  readonly logits: GoldenTensor
  readonly scores: GoldenTensor
}

const supported = [
  ...['do_sample', 'max_length', 'max_new_tokens', 'temperature', 'top_k', 'top_p', 'repetition_penalty'],
  ...['eos_token_id', 'pad_token_id', 'use_cache', 'num_return_sequences'],
]
const isSupported = ({ kwargs }: { kwargs: object }) => Object.keys(kwargs).every(name => supported.includes(name))

const { cases, warped } = golden<{ cases: readonly GenerateCase[]; warped: readonly WarpCase[] }>(
  'generate/gpt2-lm.json',
)
const runnable = cases.filter(isSupported)

test('there are enough cases', () => expect(runnable.length).toBeGreaterThanOrEqual(13))

onEachBackend('generate()', backend => {
  test.each(runnable.map(item => [item.name, item] as const))('%s', async (_, item) => {
    const model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
    const attention_mask = item.attention_mask ? { attention_mask: nestedOf(item.attention_mask) as number[][] } : {}
    const input_ids = nestedOf(item.input_ids) as number[][]
    const output = await model.generate({ input_ids, ...attention_mask }, item.kwargs)
    expect(output.tolist()).toEqual(nestedOf(item.sequences))
    model.dispose()
  })
})

test.each(warped.filter(isSupported).map(item => [JSON.stringify(item.kwargs), item.logits.shape[0], item] as const))(
  'scores after the processors of %s on %i rows',
  (_, rows, { kwargs, input_ids, logits, scores }) => {
    const V = logits.shape[1]!
    const T = input_ids.shape[1]!
    const processors = processorsOf(resolveConfig({ do_sample: true, ...kwargs }, {}, 1))
    const ids = Int32Array.from(numbersOf(input_ids))
    const given = Float32Array.from(numbersOf(logits))
    const wanted = numbersOf(scores)
    for (let row = 0; row < rows!; row++) {
      const part = given.slice(row * V, (row + 1) * V)
      for (const processor of processors)
        processor.process({ ids: ids.subarray(row * T, (row + 1) * T), logits: part, step: 0 })
      for (const [i, value] of part.entries()) {
        const target = wanted[row * V + i]!
        if (value !== target && Math.abs(value - target) > 2e-6 * Math.max(1, Math.abs(target))) {
          expect.fail(`row ${row}, token ${i}: Hugging Face gives ${target}, got ${value}`)
        }
      }
    }
  },
)
