// What models compute with small weights: near what they compute with whole ones, and the same on every back end.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cosineOf } from '../../bench/accuracy/models.ts'
import { ReferenceBackend } from '../../src/backends/reference.ts'
import type { WeightDType } from '../../src/dtype.ts'
import {
  AutoModelForCausalLM,
  AutoModelForMaskedLM,
  AutoModelForSequenceClassification,
  type Backend,
  openBackend,
  Tensor,
} from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'
import { type GoldenTensor, golden, goldenPath } from '../golden.ts'
import { inputsOf, loaderOf, run } from './classes.ts'

const small = ['float16', 'bfloat16', 'int8', 'q4'] as const satisfies WeightDType[]

/** The least cosine to what whole weights give. Tiny models of random numbers lose more than trained ones. */
const leastOfTiny: Readonly<Record<WeightDType, number>> = {
  float32: 1,
  float16: 0.99999,
  bfloat16: 0.9995,
  int8: 0.999,
  q4: 0.95,
}

/** How far two back ends may be apart, as a share of the largest number: one unit of an activation may fall another way. */
const apart: Readonly<Record<WeightDType, number>> = {
  float32: 1e-5,
  float16: 1e-5,
  bfloat16: 1e-5,
  int8: 1e-3,
  q4: 5e-3,
}

interface Golden {
  readonly class: string
  readonly cases: readonly { readonly name: string; readonly inputs: Readonly<Record<string, GoldenTensor>> }[]
}

const folders = readdirSync(goldenPath('models')).map(file => file.replace('.json', ''))

/** All numbers that a tiny model gives for its first case. */
async function outputOf(folder: string, dtype: WeightDType, backend: Backend): Promise<number[]> {
  const { class: name, cases } = golden<Golden>(`models/${folder}.json`)
  using model = await loaderOf(name)(goldenPath(`weights/${folder}`), { backend, dtype })
  expect(model.dtype).toBe(dtype)
  return backend.scope(() => {
    const output = Object.values(run(model, inputsOf(cases[0]!.inputs)))
    return output.flatMap(value => (value instanceof Tensor ? Array.from(value.data) : []))
  })
}

const known = new Map<string, Promise<number[]>>()
const reference = new ReferenceBackend()

/** The same by the definitions, computed once. */
function definedOutput(folder: string, dtype: WeightDType): Promise<number[]> {
  const key = `${folder} ${dtype}`
  const found = known.get(key) ?? outputOf(folder, dtype, reference)
  known.set(key, found)
  return found
}

onEachBackend('tiny models with small weights', backend => {
  const here = small.filter(dtype => (backend.weightDTypes as readonly WeightDType[]).includes(dtype))
  const refused = small.filter(dtype => !here.includes(dtype))

  test.each(refused)('%s is refused before anything is read', async dtype => {
    const { live } = backend
    await expect(outputOf('gpt2-lm', dtype, backend)).rejects.toMatchObject({ code: 'UNSUPPORTED_DTYPE' })
    expect(backend.live).toBe(live)
  })

  describe.each(here)('%s', dtype => {
    test.each(folders)('%s', async folder => {
      const { live, bytes } = backend
      const [actual, defined, whole] = [
        await outputOf(folder, dtype, backend),
        await definedOutput(folder, dtype),
        await definedOutput(folder, 'float32'),
      ]
      expect(cosineOf(actual, whole)).toBeGreaterThan(leastOfTiny[dtype])
      const largest = Math.max(...defined.map(Math.abs))
      const worst = defined.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0)
      expect(worst / largest).toBeLessThan(apart[dtype])
      expect([backend.live, backend.bytes]).toEqual([live, bytes])
    })
  })
})

const shipped = (name: string) => fileURLToPath(new URL(`../../checkpoints/${name}`, import.meta.url))

/** The least cosine that a kind of weights must reach with the checkpoints that ship with the package. */
const leasts = [
  ['float16', 0.99999],
  ['bfloat16', 0.9999],
  ['int8', 0.999],
  ['q4', 0.99],
] as const

interface Recorded {
  readonly input_ids: number[]
}

describe.each(leasts)('shipped checkpoints in %s are as near to whole ones as %d', (dtype, least) => {
  /** Logits of all texts in one row. */
  async function logitsOf(
    classes: { from_pretrained: typeof AutoModelForCausalLM.from_pretrained } | typeof AutoModelForMaskedLM,
    folder: string,
    texts: readonly Recorded[],
    kind: WeightDType,
  ): Promise<number[]> {
    using backend = await openBackend('wasm', { threads: 1 })
    const model = await classes.from_pretrained(shipped(folder), { backend, dtype: kind })
    return backend.scope(() =>
      texts.flatMap(({ input_ids }) => Array.from(model.forward({ input_ids: [input_ids] }).logits.data)),
    )
  }

  test.each([
    ['gpt2-tang-poetry', AutoModelForCausalLM, 'gpt2-greedy'],
    ['bert-tiny-mlm-zh', AutoModelForMaskedLM, 'bert-sentiment'],
    ['bert-tiny-sentiment-zh', AutoModelForSequenceClassification, 'bert-sentiment'],
  ] as const)('%s', async (folder, classes, file) => {
    const texts = golden<readonly Recorded[]>(`checkpoints/${file}.json`)
    const load = classes as typeof AutoModelForMaskedLM
    const [actual, whole] = [await logitsOf(load, folder, texts, dtype), await logitsOf(load, folder, texts, 'float32')]
    expect(cosineOf(actual, whole)).toBeGreaterThanOrEqual(least)
  })
})

test('a poem in int8 is that of whole weights', async () => {
  const [poem] = golden<readonly { input_ids: number[]; ids: number[] }[]>('checkpoints/gpt2-greedy.json')
  const model = await AutoModelForCausalLM.from_pretrained(shipped('gpt2-tang-poetry'), { dtype: 'int8' })
  const { input_ids, ids } = poem!
  const written = await model.generate([input_ids], { max_new_tokens: ids.length - input_ids.length })
  expect(written.tolist()).toEqual([ids])
})
