// from_config: fresh parameters follow Hugging Face's rules, and a seed repeats them.
import { expect, test } from 'vitest'
import { BertForMaskedLM, BertForSequenceClassification, GPT2LMHeadModel, type Module } from '../../src/index.ts'
import { golden } from '../golden.ts'

interface Recorded {
  readonly class: string
  readonly config: Readonly<Record<string, unknown>>
  readonly initializer_range: number
  readonly parameters: readonly {
    readonly name: string
    readonly shape: readonly number[]
    readonly mean: number
    readonly std: number
    readonly zero_rows?: readonly number[]
  }[]
}

const classes = ['BertForSequenceClassification', 'BertForMaskedLM', 'GPT2LMHeadModel']
const models = golden<{ models: readonly Recorded[] }>('init.json').models.filter(item => classes.includes(item.class))
const options = { seed: 7, backend: 'reference' } as const
const build = (name: string, config: Readonly<Record<string, unknown>>, seed = 7): Module => {
  if (name === 'GPT2LMHeadModel') return GPT2LMHeadModel.from_config(config, { ...options, seed })
  if (name === 'BertForMaskedLM') return BertForMaskedLM.from_config(config, { ...options, seed })
  return BertForSequenceClassification.from_config(config, { ...options, seed })
}

test('three classes are recorded', () =>
  expect(models.map(item => item.class)).toEqual(expect.arrayContaining(classes)))

test.each(models.map(item => [item.class, item] as const))(
  '%s starts as in Hugging Face',
  (name, { config, parameters }) => {
    const own = new Map(build(name, config).named_weights())
    for (const { name: path, shape, mean, std, zero_rows = [] } of parameters) {
      const parameter = own.get(path)
      expect(parameter?.shape, path).toEqual(shape)
      const values = Float32Array.from(parameter!.value.data)
      const size = values.length
      const ownMean = values.reduce((sum, value) => sum + value, 0) / size
      const ownStd = Math.sqrt(values.reduce((sum, value) => sum + (value - ownMean) ** 2, 0) / Math.max(size - 1, 1))
      // Five deviations of what two random samples of this size may differ by.
      expect(Math.abs(ownMean - mean), `${path}: mean`).toBeLessThanOrEqual(
        (5 * std * Math.SQRT2) / Math.sqrt(size) + 1e-9,
      )
      expect(Math.abs(ownStd - std), `${path}: std`).toBeLessThanOrEqual((5 * std) / Math.sqrt(size) + 1e-9)
      const width = shape.at(-1)!
      for (const row of zero_rows)
        expect(values.subarray(row * width, (row + 1) * width).every(value => value === 0)).toBe(true)
    }
  },
)

test('the same seed gives the same weights, another one others', () => {
  const { class: name, config } = models[0]!
  const weights = (seed: number) =>
    [...build(name, config, seed).parameters()].map(parameter => Array.from(parameter.value.data))
  expect(weights(1)).toEqual(weights(1))
  expect(weights(1)).not.toEqual(weights(2))
})

test('a model without weights can be printed and counted, and says what it lacks when it is run', () => {
  const { config } = models.find(item => item.class === 'GPT2LMHeadModel')!
  const model = GPT2LMHeadModel.from_config(config, options)
  const bare = new GPT2LMHeadModel(model.config)
  expect(String(bare)).toBe(String(model))
  expect(bare.num_parameters()).toBe(model.num_parameters())
  expect(() => bare.forward({ input_ids: [[1]] })).toThrow(expect.objectContaining({ code: 'NOT_LOADED' }))
  expect(() => bare.state_dict()).toThrow('from_pretrained')
})
