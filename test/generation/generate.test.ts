// The generation loop on scripted scores: limits, ends, padding, masks, streaming, stopping.
import { expect, test } from 'vitest'
import type { GenerationOptions } from '../../src/generation/config.ts'
import { type GeneratedRows, type GenerationStep, generateSteps } from '../../src/generation/generate.ts'
import type { Prompt } from '../../src/generation/prompt.ts'
import { ScriptedModel } from './scripted.ts'

/** Scores in which one token of six is the best. */
const favour = (token: number, by = 5): number[] => Array.from({ length: 6 }, (_, i) => (i === token ? by : i / 100))

const prompt = (rows: number[][], mask?: number[][]): Prompt => ({
  rows: rows.length,
  length: rows[0]!.length,
  ids: Int32Array.from(rows.flat()),
  ...(mask && { mask: Int32Array.from(mask.flat()) }),
})

async function run(model: ScriptedModel, start: Prompt, options: GenerationOptions, fromModel: GenerationOptions = {}) {
  const steps: GenerationStep[] = []
  const generator = generateSteps(model, start, options, fromModel)
  let next = await generator.next()
  while (!next.done) {
    steps.push(next.value)
    next = await generator.next()
  }
  return { steps, rows: rowsOf(next.value) }
}

function rowsOf({ rows, length, ids }: GeneratedRows): number[][] {
  return Array.from({ length: rows }, (_, row) => Array.from(ids.subarray(row * length, (row + 1) * length)))
}

test('max_new_tokens counts the answer, max_length all of it, and the first one wins', async () => {
  const start = prompt([[1, 2]])
  expect((await run(new ScriptedModel([favour(3)]), start, { max_new_tokens: 3 })).rows).toEqual([[1, 2, 3, 3, 3]])
  expect((await run(new ScriptedModel([favour(3)]), start, { max_length: 3 })).rows).toEqual([[1, 2, 3]])
  expect((await run(new ScriptedModel([favour(3)]), start, { max_length: 9, max_new_tokens: 1 })).rows).toEqual([
    [1, 2, 3],
  ])
  expect((await run(new ScriptedModel([favour(3)]), start, {})).rows[0]).toHaveLength(20)
})

test('one step reads the prompt, every later one the new token alone', async () => {
  const model = new ScriptedModel([favour(3), favour(4), favour(5)])
  await run(model, prompt([[1, 2]]), { max_new_tokens: 3 })
  expect(model.asked.map(({ input_ids }) => [...input_ids])).toEqual([[1, 2], [3], [4]])
  expect(model.asked.map(({ position_ids }) => [...position_ids])).toEqual([[0, 1], [2], [3]])
  expect(model.asked.map(({ attention_mask }) => attention_mask.length)).toEqual([2, 3, 4])
  expect(model.disposed).toBe(1)
})

test('without a cache every step reads everything', async () => {
  const model = new ScriptedModel([favour(3), favour(4)])
  await run(model, prompt([[1, 2]]), { max_new_tokens: 2, use_cache: false })
  expect(model.asked.map(({ input_ids }) => [...input_ids])).toEqual([
    [1, 2],
    [1, 2, 3],
  ])
  expect(model.disposed).toBe(0)
})

test('eos ends a row; rows that ended are padded until the last one has', async () => {
  const model = new ScriptedModel([favour(5)])
  const { rows, steps } = await run(model, prompt([[1]]), { max_new_tokens: 4, eos_token_id: 5 })
  expect(rows).toEqual([[1, 5]])
  expect(steps.map(({ ended }) => ended)).toEqual([[true]])
  expect(
    (await run(new ScriptedModel([favour(4)]), prompt([[1]]), { max_new_tokens: 4, eos_token_id: [3, 4] })).rows,
  ).toEqual([[1, 4]])
  expect(
    (await run(new ScriptedModel([favour(4)]), prompt([[1]]), { max_new_tokens: 2 }, { eos_token_id: 4 })).rows,
  ).toEqual([[1, 4]])
  expect(
    (
      await run(
        new ScriptedModel([favour(4)]),
        prompt([[1]]),
        { max_new_tokens: 2, eos_token_id: null },
        { eos_token_id: 4 },
      )
    ).rows,
  ).toEqual([[1, 4, 4]])
})

test('padding in front counts neither as a token nor as a place', async () => {
  const model = new ScriptedModel([favour(3)])
  await run(model, prompt([[0, 0, 1, 2]], [[0, 0, 1, 1]]), { max_new_tokens: 2 })
  expect([...model.asked[0]!.position_ids]).toEqual([1, 1, 0, 1])
  expect([...model.asked[0]!.attention_mask]).toEqual([0, 0, 1, 1])
  expect([...model.asked[1]!.position_ids]).toEqual([2])
  expect([...model.asked[1]!.attention_mask]).toEqual([0, 0, 1, 1, 1])
})

test('a prompt without a mask hides its padding tokens, unless they also end texts', async () => {
  const hidden = new ScriptedModel([favour(3)])
  await run(hidden, prompt([[0, 1]]), { max_new_tokens: 1, pad_token_id: 0, eos_token_id: 5 })
  expect([...hidden.asked[0]!.attention_mask]).toEqual([0, 1])
  const seen = new ScriptedModel([favour(3)])
  await run(seen, prompt([[0, 1]]), { max_new_tokens: 1, pad_token_id: 0, eos_token_id: 0 })
  expect([...seen.asked[0]!.attention_mask]).toEqual([1, 1])
})

test('token types go on with the last one', async () => {
  const model = new ScriptedModel([favour(3)])
  await run(model, { ...prompt([[1, 2]]), types: Int32Array.from([0, 1]) }, { max_new_tokens: 3 })
  expect(model.asked.map(({ token_type_ids }) => [...token_type_ids!])).toEqual([[0, 1], [1], [1]])
})

test('repetition_penalty divides good scores and multiplies bad ones of tokens that are there', async () => {
  const scores = [0, 0, 0, 4, 3.9, -1]
  const model = new ScriptedModel([scores])
  expect((await run(model, prompt([[3]]), { max_new_tokens: 3, repetition_penalty: 1.1 })).rows).toEqual([[3, 4, 3, 3]])
})

test('sampling is repeated by a seed, differs between seeds, and obeys top_k', async () => {
  const even = new Array<number>(6).fill(0)
  const draw = async (options: GenerationOptions) =>
    (await run(new ScriptedModel([even]), prompt([[1]]), { max_new_tokens: 40, do_sample: true, ...options })).rows[0]!
  expect(await draw({ seed: 1 })).toEqual(await draw({ seed: 1 }))
  expect(await draw({ seed: 1 })).not.toEqual(await draw({ seed: 2 }))
  expect(new Set(await draw({ seed: 3 }))).toEqual(new Set([0, 1, 2, 3, 4, 5]))
  const twoBest = [3, 3, 0, 0, 0, 0]
  const two = await run(new ScriptedModel([twoBest]), prompt([[1]]), {
    max_new_tokens: 40,
    do_sample: true,
    top_k: 2,
    seed: 4,
  })
  expect(new Set(two.rows[0])).toEqual(new Set([0, 1]))
})

test('sampling draws tokens as often as their probabilities say', async () => {
  const scores = [Math.log(0.5), Math.log(0.25), Math.log(0.125), Math.log(0.125), -Infinity, -Infinity]
  const count = new Array<number>(6).fill(0)
  const model = new ScriptedModel([scores], 5000)
  const { rows } = await run(model, prompt([[5]]), { max_new_tokens: 4000, do_sample: true, top_k: 0, seed: 11 })
  for (const token of rows[0]!.slice(1)) count[token]!++
  const shares = count.map(n => n / 4000)
  for (const [token, share] of [0.5, 0.25, 0.125, 0.125, 0, 0].entries())
    expect(Math.abs(shares[token]! - share)).toBeLessThan(0.03)
})

test('num_return_sequences gives different answers to each prompt, in order', async () => {
  const even = new Array<number>(6).fill(0)
  const options = { max_new_tokens: 12, do_sample: true, num_return_sequences: 3, seed: 5 }
  const { rows } = await run(new ScriptedModel([even]), prompt([[1], [2]]), options)
  expect(rows.map(([first]) => first)).toEqual([1, 1, 1, 2, 2, 2])
  expect(new Set(rows.map(row => row.slice(1).join())).size).toBe(6)
})

test('generation stops where the model has no more places', async () => {
  const { rows } = await run(new ScriptedModel([favour(3)], 4), prompt([[1, 2]]), { max_new_tokens: 50 })
  expect(rows).toEqual([[1, 2, 3, 3]])
})

test('steps come one by one, and leaving early frees the cache', async () => {
  const model = new ScriptedModel([favour(3)])
  for await (const { step, tokens } of generateSteps(model, prompt([[1]]), { max_new_tokens: 9 })) {
    expect(tokens).toEqual([3])
    if (step === 2) break
  }
  expect(model.asked).toHaveLength(3)
  expect(model.disposed).toBe(1)
})

test('an abort signal stops before the next step, also while generating, and the cache is freed', async () => {
  const controller = new AbortController()
  const model = new ScriptedModel([favour(3)], 100_000)
  setTimeout(() => controller.abort(new Error('enough')), 20)
  const options = { max_new_tokens: 90_000, signal: controller.signal }
  await expect(run(model, prompt([[1]]), options)).rejects.toThrow('enough')
  expect(model.asked.length).toBeGreaterThan(0)
  expect(model.disposed).toBe(1)
  const before = new ScriptedModel([favour(3)])
  await expect(run(before, prompt([[1]]), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect(before.asked).toHaveLength(0)
})

test('scores that are NaN are an error, greedy or sampled', async () => {
  const broken = [0, Number.NaN, 0, 0, 0, 0]
  for (const do_sample of [false, true]) {
    await expect(run(new ScriptedModel([broken]), prompt([[1]]), { do_sample })).rejects.toMatchObject({
      code: 'NAN_LOGITS',
    })
  }
})
