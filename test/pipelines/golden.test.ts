// Pipelines give Hugging Face's results on every recorded call that uses what is here.
import { expect, test } from 'vitest'
import {
  AutoModelForCausalLM,
  AutoModelForSequenceClassification,
  BertTokenizer,
  pipeline,
  type Task,
} from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'
import { golden, goldenPath } from '../golden.ts'

interface Case {
  readonly task: string
  readonly model: string
  readonly inputs: never
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly outputs: unknown
}

const { cases } = golden<{ cases: readonly Case[] }>('pipelines/pipelines.json')

/** Options that generation refuses by name for now, and what a left-out row needs. */
const later = ['num_beams', 'no_repeat_ngram_size', 'bad_words_ids', 'min_new_tokens', 'handle_long_generation']
const models = ['weights/bert-seqcls', 'weights/bert-seqcls5', 'weights/gpt2-lm']

const runnable = cases.filter(
  ({ task, model, kwargs }) =>
    ['text-classification', 'text-generation'].includes(task) &&
    models.includes(model) &&
    !later.some(name => name in kwargs),
)

/** Compares labels and texts exactly, scores to the precision of the recording. */
function expectSame(actual: unknown, wanted: unknown, what: string): void {
  if (typeof wanted === 'number' && typeof actual === 'number' && !Number.isInteger(wanted)) {
    expect(Math.abs(actual - wanted), `${what}: ${wanted}, got ${actual}`).toBeLessThanOrEqual(1e-5)
  } else if (Array.isArray(wanted)) {
    expect(Array.isArray(actual) && actual.length, what).toBe(wanted.length)
    for (const [i, item] of wanted.entries()) expectSame((actual as unknown[])[i], item, `${what}[${i}]`)
  } else if (typeof wanted === 'object' && wanted !== null) {
    expect(Object.keys(actual as object), what).toEqual(Object.keys(wanted))
    for (const [key, value] of Object.entries(wanted))
      expectSame(Reflect.get(actual as object, key), value, `${what}.${key}`)
  } else expect(actual, what).toBe(wanted)
}

test('there are enough cases', () => expect(runnable.length).toBeGreaterThanOrEqual(31))

onEachBackend('pipelines', backend => {
  test.each(
    runnable.map((item, i) => [`${item.task} ${i} ${item.model} ${JSON.stringify(item.kwargs)}`, item] as const),
  )('%s', async (_, item) => {
    const folder = goldenPath(item.model)
    const tokenizer = await BertTokenizer.from_pretrained(folder)
    const load = item.task === 'text-generation' ? AutoModelForCausalLM : AutoModelForSequenceClassification
    const model = await load.from_pretrained(folder, { backend })
    const run = (await pipeline(item.task as Task, model, tokenizer)) as (
      inputs: never,
      options: object,
    ) => Promise<unknown>
    const output = run(item.inputs, item.kwargs)
    if (typeof item.outputs === 'object' && item.outputs !== null && 'error' in item.outputs) {
      // Hugging Face fails half-way where the model has no more places; here generation ends there.
      const [{ generated_text }] = (await output) as [{ generated_text: string }]
      expect(generated_text.startsWith(item.inputs)).toBe(true)
    } else expectSame(await output, item.outputs, item.task)
    model.dispose()
  })
})
