// A seed gives the fresh weights that transformers gives: those of a whole model, and those of a head on a loaded body.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as vitrine from '../../src/index.ts'
import { default_generator, set_seed, type Tensor } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'
import { digest } from './digest.ts'

type Fields = Readonly<Record<string, unknown>>
/** A parameter: all its numbers, or a digest and the first three. */
type Values = readonly number[] | { readonly sha256: string; readonly first: readonly number[] }

interface Made {
  readonly class: string
  readonly config?: Fields
  readonly folder?: string
  readonly seed: number
  readonly parameters: Readonly<Record<string, Values>>
  /** The float32 number that the generator gives next. */
  readonly next: number
}

interface Headed {
  readonly class: string
  readonly folder: string
  readonly config: Fields
  readonly seed: number
  readonly fresh: Readonly<Record<string, Values>>
  readonly next: number
  readonly text?: string
  readonly scores?: readonly number[]
}

interface ModelClass {
  from_config(config: Fields, options?: Fields): vitrine.Module
  from_pretrained(folder: string, options?: Fields): Promise<vitrine.Module>
}

const { made, headed } = golden<{ made: readonly Made[]; headed: readonly Headed[] }>('random/weights.json')
const classes = vitrine as Fields
const classOf = (name: string) => classes[name] as ModelClass
const place = (folder: string) => goldenPath(folder.startsWith('checkpoints') ? `../../${folder}` : folder)
const backend = 'reference'
const next = () => default_generator.uniform(new Float32Array(1))[0]

function expectValues(value: Tensor | undefined, wanted: Values, name: string): void {
  const found = Float32Array.from(value!.data)
  if ('sha256' in wanted) {
    expect(Array.from(found.subarray(0, 3)), name).toEqual(wanted.first)
    expect(digest(found), name).toBe(wanted.sha256)
  } else expect(Array.from(found), name).toEqual(wanted)
}

beforeEach(() => void vi.spyOn(process, 'emitWarning').mockReturnValue())
afterEach(() => void vi.restoreAllMocks())

describe('from_config', () => {
  test.each(made.map(item => [item.class, item.seed, item.folder ?? JSON.stringify(item.config), item] as const))(
    '%s, seed %i, %s',
    (name, seed, _, { config, folder, parameters, next: wanted }) => {
      set_seed(seed)
      const json = config ?? golden<Fields>(`../../${folder}/config.json`)
      const weights = classOf(name).from_config(json, { backend }).state_dict()
      for (const [path, values] of Object.entries(parameters)) expectValues(weights.get(path), values, path)
      expect(next()).toBe(wanted)
    },
  )
})

describe('a head that the file lacks', () => {
  test.each(headed.map(item => [item.class, item.seed, item.folder, item] as const))(
    '%s, seed %i, %s',
    async (name, seed, folder, { config, fresh, next: wanted }) => {
      set_seed(seed)
      const weights = (await classOf(name).from_pretrained(place(folder), { backend, ...config })).state_dict()
      expect(Object.keys(fresh).length).toBeGreaterThan(0)
      for (const [path, values] of Object.entries(fresh)) expectValues(weights.get(path), values, path)
      expect(next()).toBe(wanted)
    },
  )

  const guesses = headed.flatMap(({ text, scores, ...item }) => (text && scores ? [{ ...item, text, scores }] : []))
  test.each(guesses)('guesses as in PyTorch, seed $seed', async ({ folder, config, seed, text, scores }) => {
    const model = await vitrine.BertForSequenceClassification.from_pretrained(place(folder), { seed, ...config })
    const tokenizer = await vitrine.BertTokenizer.from_pretrained(place(folder))
    const probabilities = model.forward(tokenizer(text, { return_tensors: 'pt' })).logits.softmax(-1).data
    for (const [i, score] of scores.entries()) expect(probabilities[i]).toBeCloseTo(score, 4)
  })
})

test('a seed of its own gives the same as set_seed and leaves the shared generator as it is', () => {
  const { class: name, config, parameters } = made[0]!
  set_seed(7)
  const before = next()
  set_seed(7)
  const weights = classOf(name).from_config(config!, { backend, seed: made[0]!.seed }).state_dict()
  for (const [path, values] of Object.entries(parameters)) expectValues(weights.get(path), values, path)
  expect(next()).toBe(before)
})
