// Other configs, masks and labels, heads cut out, caches: what Hugging Face gives for them, on every back end.
import { afterAll, expect, test } from 'vitest'
import { DynamicCache } from '../../src/index.ts'
import { onEachBackend, tolerances } from '../backends.ts'
import { expectField, type GoldenTensor, golden, goldenPath } from '../golden.ts'
import { inputsOf, loaderOf, run } from './classes.ts'

interface Variant {
  readonly name: string
  readonly weights: string
  readonly class: string
  readonly config: Readonly<Record<string, unknown>>
  readonly prune: readonly Readonly<Record<number, readonly number[]>>[]
  readonly resize: number | null
  readonly steps: readonly {
    readonly inputs: Readonly<Record<string, unknown>>
    readonly outputs: Readonly<Record<string, GoldenTensor | readonly GoldenTensor[]>>
  }[]
}

const { cases } = golden<{ cases: readonly Variant[] }>('variants.json')

test('there are variants of every kind', () => expect(cases.length).toBe(95))

onEachBackend('variants', (backend, name) => {
  /** Hugging Face draws new rows of embeddings around the mean of the old ones, here they are the mean. */
  const toleranceOf = ({ resize }: Variant): number => (resize === null ? tolerances[name] : 1e-3)
  const { live } = backend
  afterAll(() => expect(backend.live).toBe(live))

  test.each(cases.map(item => [item.name, item] as const))('%s', async (_, item) => {
    const model = await loaderOf(item.class)(goldenPath(`weights/${item.weights}`), { backend, ...item.config })
    for (const heads of item.prune) model.prune_heads(heads)
    if (item.resize !== null) model.resize_token_embeddings(item.resize)
    using cache = new DynamicCache()
    const past = item.steps.length > 1 ? { past_key_values: cache } : {}
    backend.scope(() => {
      for (const { inputs, outputs } of item.steps) {
        const output = run(model, { ...inputsOf(inputs), ...past })
        expect(Object.keys(output).filter(key => key !== 'past_key_values')).toEqual(
          expect.arrayContaining(Object.keys(outputs)),
        )
        for (const [field, wanted] of Object.entries(outputs)) {
          expectField(output[field], wanted, toleranceOf(item), field)
        }
      }
    })
    model.dispose()
  })
})
