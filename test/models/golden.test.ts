// Every tiny model gives Hugging Face's numbers: all outputs of all cases, on every back end.
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DynamicCache, GPT2LMHeadModel } from '../../src/index.ts'
import { onEachBackend, tolerances } from '../backends.ts'
import { expectClose, expectField, type GoldenTensor, golden, goldenPath, nestedOf, numbersOf } from '../golden.ts'
import { inputsOf, type LoadModel, loaderOf, run } from './classes.ts'

interface Case {
  readonly name: string
  readonly inputs: Readonly<Record<string, GoldenTensor>>
  readonly outputs: Readonly<Record<string, GoldenTensor | readonly GoldenTensor[]>>
}

interface Golden {
  readonly class: string
  readonly cases: readonly Case[]
  readonly weight_files: { readonly input_ids: GoldenTensor } & Readonly<Record<string, unknown>>
}

/** How to load each tiny model: by the class that Hugging Face ran. */
const models: Readonly<Record<string, LoadModel>> = Object.fromEntries(
  readdirSync(goldenPath('models')).map(file => {
    const { class: name } = golden<Golden>(`models/${file}`)
    return [file.replace('.json', ''), loaderOf(name)]
  }),
)

test('there are 15 tiny models', () => expect(Object.keys(models)).toHaveLength(15))

onEachBackend('tiny models', (backend, name) => {
  const tolerance = tolerances[name]
  for (const [folder, load] of Object.entries(models)) {
    const file = golden<Golden>(`models/${folder}.json`)
    test.each(file.cases.map(item => [item.name, item] as const))(`${folder}: %s`, async (_, { inputs, outputs }) => {
      const model = await load(goldenPath(`weights/${folder}`), { backend })
      const flags = {
        output_hidden_states: 'hidden_states' in outputs,
        output_attentions: 'attentions' in outputs,
      }
      const output = run(model, { ...inputsOf(inputs), ...flags })
      for (const [field, wanted] of Object.entries(outputs)) expectField(output[field], wanted, tolerance, field)
      model.dispose()
    })
  }
})

interface HalfFile {
  readonly computed_in_f32_from_the_rounded_weights: Readonly<Record<string, GoldenTensor>>
}

onEachBackend('files of other types and names', (backend, name) => {
  const variants = [
    ['bert-seqcls', 'f16'],
    ['bert-seqcls', 'bf16'],
    ['gpt2-lm', 'f16'],
    ['gpt2-lm', 'bf16'],
  ] as const

  test.each(variants)('%s in %s', async (folder, variant) => {
    const { weight_files } = golden<Golden>(`models/${folder}.json`)
    const file = weight_files[variant] as HalfFile
    const model = await models[folder]!(goldenPath(`weights/${folder}/${variant}`), { backend })
    const { logits } = run(model, inputsOf({ input_ids: weight_files.input_ids }))
    expectField(logits, file.computed_in_f32_from_the_rounded_weights.logits!, tolerances[name], 'logits')
  })

  test.each(['gpt2-lm', 'bert-seqcls'].flatMap(folder => ['bin', 'sharded'].map(form => [folder, form] as const)))(
    '%s as %s',
    async (folder, form) => {
      const { weight_files } = golden<Golden>(`models/${folder}.json`)
      const main = weight_files.main as Readonly<Record<string, GoldenTensor>>
      const model = await models[folder]!(goldenPath(`weights/${folder}/${form}`), { backend })
      const { logits } = run(model, inputsOf({ input_ids: weight_files.input_ids }))
      expectField(logits, main.logits!, tolerances[name], 'logits')
      model.dispose()
    },
  )

  test('gamma and beta are the old names of LayerNorm weights', async () => {
    const { weight_files } = golden<Golden>('models/bert-seqcls.json')
    const main = weight_files.main as Readonly<Record<string, GoldenTensor>>
    const model = await models['bert-seqcls']!(goldenPath('weights/bert-seqcls/legacy'), { backend })
    const { logits } = run(model, inputsOf({ input_ids: weight_files.input_ids }))
    expectField(logits, main.logits!, tolerances[name], 'logits')
  })
})

interface PastCase {
  readonly name: string
  readonly input_ids: GoldenTensor
  readonly chunks?: readonly number[]
  readonly logits_full?: GoldenTensor
  readonly past_key_values?: readonly (readonly [GoldenTensor, GoldenTensor])[]
  readonly attention_mask?: GoldenTensor
  readonly next_tokens?: GoldenTensor
  readonly last_logits_per_step?: GoldenTensor
}

onEachBackend('the cache of gpt2-lm', (backend, name) => {
  const tolerance = tolerances[name]
  const { past } = golden<{ past: readonly PastCase[] }>('models/gpt2-lm.json')
  const load = () => GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })

  test.each(past.filter(({ chunks }) => chunks).map(item => [item.name, item] as const))('%s', async (_, item) => {
    const model = await load()
    const ids = backend.tensor(numbersOf(item.input_ids), { shape: item.input_ids.shape, dtype: 'int32' })
    using cache = new DynamicCache()
    const parts: number[][][][] = []
    let start = 0
    for (const size of item.chunks!) {
      const { logits } = model.forward({ input_ids: ids.slice(1, start, start + size), past_key_values: cache })
      parts.push(logits.tolist() as number[][][])
      start += size
    }
    const rows = parts[0]!.map((_, row) => parts.flatMap(part => part[row]!))
    expectClose(backend.tensor(rows), item.logits_full!, tolerance, 'logits')
    for (const [layer, [keys, values]] of (item.past_key_values ?? []).entries()) {
      expectClose(cache.layers[layer]!.keys, keys, tolerance, `keys of layer ${layer}`)
      expectClose(cache.layers[layer]!.values, values, tolerance, `values of layer ${layer}`)
    }
  })

  test('greedy decoding of a left-padded batch', async () => {
    const item = past.find(({ next_tokens }) => next_tokens)!
    const model = await load()
    const ids = nestedOf(item.input_ids) as number[][]
    const attention_mask = nestedOf(item.attention_mask!) as number[][]
    const wanted = nestedOf(item.next_tokens!) as number[][]
    const steps = wanted[0]!.length
    const output = await model.generate(
      { input_ids: ids, attention_mask },
      { max_new_tokens: steps, eos_token_id: null, pad_token_id: 0 },
    )
    expect((output.tolist() as number[][]).map(row => row.slice(-steps))).toEqual(wanted)
  })
})
