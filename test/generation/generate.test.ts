// The generation loop on scripted scores: limits, ends, padding, masks, streaming, stopping.
import { expect, test, vi } from 'vitest'
import { GenerationConfig } from '../../src/generation/config.ts'
import { generateSteps } from '../../src/generation/generate.ts'
import type { GenerationOptions } from '../../src/generation/options.ts'
import { InterruptableStoppingCriteria, MaxLengthCriteria, RepetitionPenaltyLogitsProcessor } from '../../src/index.ts'
import { favour, promptOf, run, runAll, ScriptedModel } from './scripted.ts'

const three = () => new ScriptedModel([favour(3)])

test('max_new_tokens counts the answer, max_length all of it, and the first one wins', async () => {
  expect((await run(three(), [[1, 2]], { max_new_tokens: 3 })).rows).toEqual([[1, 2, 3, 3, 3]])
  expect((await run(three(), [[1, 2]], { max_length: 3 })).rows).toEqual([[1, 2, 3]])
  expect((await run(three(), [[1, 2]], { max_length: 9, max_new_tokens: 1 })).rows).toEqual([[1, 2, 3]])
})

test('without a length there are 20 new tokens; max_length: 20 of the call itself counts all of them', async () => {
  expect((await run(three(), [[1, 2]])).rows[0]).toHaveLength(22)
  expect((await run(three(), [[1, 2]], { max_length: 20 })).rows[0]).toHaveLength(20)
  expect((await run(new ScriptedModel([favour(3)], 10), [[1, 2]])).rows[0]).toHaveLength(10)
})

test('one step reads the prompt, every later one the new token alone', async () => {
  const model = new ScriptedModel([favour(3), favour(4), favour(5)])
  await run(model, [[1, 2]], { max_new_tokens: 3 })
  expect(model.asked.map(({ input_ids }) => [...input_ids])).toEqual([[1, 2], [3], [4]])
  expect(model.asked.map(({ position_ids }) => [...position_ids])).toEqual([[0, 1], [2], [3]])
  expect(model.asked.map(({ attention_mask }) => attention_mask.length)).toEqual([2, 3, 4])
  expect(model.disposed).toBe(1)
})

test('without a cache every step reads everything', async () => {
  const model = new ScriptedModel([favour(3), favour(4)])
  await run(model, [[1, 2]], { max_new_tokens: 2, use_cache: false })
  expect(model.asked.map(({ input_ids }) => [...input_ids])).toEqual([
    [1, 2],
    [1, 2, 3],
  ])
  expect(model.made).toBe(0)
})

test('prefill_chunk_size reads the prompt in pieces, all but its last token', async () => {
  const model = new ScriptedModel([favour(3)])
  await run(model, [[1, 2, 4, 5, 1]], { max_new_tokens: 2, prefill_chunk_size: 3 })
  expect(model.asked.map(({ input_ids }) => [...input_ids])).toEqual([[1, 2, 4], [5], [1], [3]])
  expect(model.asked.map(({ position_ids }) => [...position_ids])).toEqual([[0, 1, 2], [3], [4], [5]])
  await expect(run(three(), [[1]], { prefill_chunk_size: 3, use_cache: false })).rejects.toMatchObject({ code: 'MODE' })
})

test('eos ends a row; several, and those of the model', async () => {
  const { rows, steps } = await run(new ScriptedModel([favour(5)]), [[1]], { max_new_tokens: 4, eos_token_id: 5 })
  expect(rows).toEqual([[1, 5]])
  expect(steps.map(({ ended }) => ended)).toEqual([[true]])
  const four = () => new ScriptedModel([favour(4)])
  expect((await run(four(), [[1]], { max_new_tokens: 4, eos_token_id: [3, 4] })).rows).toEqual([[1, 4]])
  expect((await run(four(), [[1]], { max_new_tokens: 2 }, { eos_token_id: 4 })).rows).toEqual([[1, 4]])
  const none = { max_new_tokens: 2, eos_token_id: null }
  expect((await run(four(), [[1]], none, { eos_token_id: 4 })).rows).toEqual([[1, 4, 4]])
})

test('rows that ended are padded until the last one has', async () => {
  const script = (ids: readonly number[]) => favour(ids[0] === 1 || ids.length > 2 ? 5 : 3)
  const options = { max_new_tokens: 9, eos_token_id: 5 }
  const { rows, steps } = await run(new ScriptedModel(script), [[1], [2]], { ...options, pad_token_id: 0 })
  expect(rows).toEqual([
    [1, 5, 0, 0],
    [2, 3, 3, 5],
  ])
  expect(steps.map(({ ended }) => ended)).toEqual([
    [true, false],
    [true, false],
    [true, true],
  ])
  expect((await run(new ScriptedModel(script), [[1], [2]], options)).rows[0]).toEqual([1, 5, 5, 5])
})

test('without a token that ends texts, rows that a criterion ended go on until all have', async () => {
  const stopping_criteria = ({ ids }: { ids: readonly Int32Array[] }) => ids.map(row => row[0] === 1 || row.length >= 4)
  const { rows, steps } = await run(three(), [[1], [2]], { max_new_tokens: 9, stopping_criteria, eos_token_id: null })
  expect(rows).toEqual([
    [1, 3, 3, 3],
    [2, 3, 3, 3],
  ])
  expect(steps[0]!.ended).toEqual([true, false])
})

test('padding in front counts neither as a token nor as a place', async () => {
  const model = three()
  await run(model, promptOf([[0, 0, 1, 2]], [[0, 0, 1, 1]]), { max_new_tokens: 2 })
  expect([...model.asked[0]!.position_ids]).toEqual([1, 1, 0, 1])
  expect([...model.asked[0]!.attention_mask]).toEqual([0, 0, 1, 1])
  expect([...model.asked[1]!.position_ids]).toEqual([2])
  expect([...model.asked[1]!.attention_mask]).toEqual([0, 0, 1, 1, 1])
})

test('a prompt without a mask hides its padding tokens, unless they also end texts', async () => {
  const hidden = three()
  await run(hidden, [[0, 1]], { max_new_tokens: 1, pad_token_id: 0, eos_token_id: 5 })
  expect([...hidden.asked[0]!.attention_mask]).toEqual([0, 1])
  const seen = three()
  await run(seen, [[0, 1]], { max_new_tokens: 1, pad_token_id: 0, eos_token_id: 0 })
  expect([...seen.asked[0]!.attention_mask]).toEqual([1, 1])
})

test('token types go on with the last one', async () => {
  const model = three()
  await run(model, { ...promptOf([[1, 2]]), types: Int32Array.from([0, 1]) }, { max_new_tokens: 3 })
  expect(model.asked.map(({ token_type_ids }) => [...token_type_ids!])).toEqual([[0, 1], [1], [1]])
})

test('a text may have one token more than the model has places, and stops there', async () => {
  const model = new ScriptedModel([favour(3)], 4)
  const { rows } = await run(model, [[1, 2]], { max_new_tokens: 50 })
  expect(rows).toEqual([[1, 2, 3, 3, 3]])
  expect(Math.max(...model.asked.flatMap(({ position_ids }) => [...position_ids]))).toBe(3)
})

test('steps come one by one, and leaving early frees the cache', async () => {
  const model = three()
  for await (const { step, tokens } of generateSteps(
    model,
    { prompt: promptOf([[1]]) },
    { max_new_tokens: 9 },
    new GenerationConfig(),
  )) {
    expect(tokens).toEqual([3])
    if (step === 2) break
  }
  expect(model.asked).toHaveLength(3)
  expect(model.disposed).toBe(1)
})

test.each(['greedy', 'sampling', 'beams', 'assisted'])(
  'an abort signal stops %s, frees the cache, and the model goes on',
  async mode => {
    const controller = new AbortController()
    const script = (ids: readonly number[]) => {
      if (ids.length > 20) controller.abort(new Error('enough'))
      return favour(1 + (ids.length % 5))
    }
    const model = new ScriptedModel(script, 100_000)
    const options: GenerationOptions = {
      ...{ max_new_tokens: 90_000, signal: controller.signal },
      ...(mode === 'sampling' && { do_sample: true }),
      ...(mode === 'beams' && { num_beams: 3 }),
      ...(mode === 'assisted' && { prompt_lookup_num_tokens: 2 }),
    }
    await expect(runAll(model, [[1]], options)).rejects.toThrow('enough')
    expect(model.asked.length).toBeGreaterThan(0)
    expect(model.disposed).toBe(model.made)
    expect((await run(model, [[1]], { max_new_tokens: 1 })).rows[0]).toHaveLength(2)
  },
)

test('a signal that was there before stops before the first step', async () => {
  const model = three()
  await expect(run(model, [[1]], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  expect(model.asked).toHaveLength(0)
})

test('max_time ends all rows after the step in which it is over', async () => {
  const { rows } = await run(three(), [[1], [2]], { max_time: 1e-9, max_new_tokens: 9 })
  expect(rows.map(row => row.length)).toEqual([2, 2])
  const clock = vi.spyOn(performance, 'now')
  let now = 0
  clock.mockImplementation(() => (now += 100))
  try {
    expect((await run(three(), [[1]], { max_time: 0.25, max_new_tokens: 9 })).rows[0]).toHaveLength(4)
  } finally {
    clock.mockRestore()
  }
})

test('own criteria: functions, objects, one or several, for all rows or each', async () => {
  const length = async (stopping_criteria: NonNullable<GenerationOptions['stopping_criteria']>) =>
    (await run(three(), [[1]], { max_new_tokens: 9, stopping_criteria })).rows[0]!.length
  expect(await length(({ ids }) => ids[0]!.length >= 4)).toBe(4)
  expect(await length([({ step }) => step >= 2, () => false])).toBe(3)
  expect(await length({ stop: ({ ids }) => ids.map(row => row.length >= 5) })).toBe(5)
  expect(await length(new MaxLengthCriteria(6))).toBe(6)
  const interruptable = new InterruptableStoppingCriteria()
  interruptable.interrupt()
  expect(await length(interruptable)).toBe(2)
  interruptable.reset()
  expect(await length(interruptable)).toBe(10)
  await expect(length((() => undefined) as () => never)).rejects.toMatchObject({ code: 'STOPPING' })
  await expect(length(() => [true, false])).rejects.toMatchObject({ code: 'STOPPING' })
})

test('criteria get the scores of each step when they are recorded', async () => {
  const seen: (number | undefined)[] = []
  const options = { max_new_tokens: 2, return_dict_in_generate: true, output_scores: true }
  const stopping_criteria: GenerationOptions['stopping_criteria'] = ({ scores }) => {
    seen.push(scores?.length)
    return false
  }
  await run(three(), [[1]], { ...options, stopping_criteria })
  expect(seen).toEqual([1, 2])
})

test('own processors: functions and objects, before temperature, with ids, step, row and outputs', async () => {
  const seen: unknown[] = []
  const noThree: GenerationOptions['logits_processor'] = ({ ids, logits, step, row, outputs }) => {
    seen.push([[...ids], step, row, outputs!.logits.length])
    logits[3] = -Infinity
  }
  const { rows } = await run(three(), [[1], [2]], { max_new_tokens: 2, logits_processor: noThree })
  expect(rows).toEqual([
    [1, 5, 5],
    [2, 5, 5],
  ])
  expect(seen).toEqual([
    [[1], 0, 0, 12],
    [[2], 0, 1, 12],
    [[1, 5], 1, 0, 12],
    [[2, 5], 1, 1, 12],
  ])
  const scale = { process: ({ logits }: { logits: Float32Array }) => logits.fill(1) && undefined }
  const options = {
    max_new_tokens: 1,
    do_sample: true,
    temperature: 0.5,
    return_dict_in_generate: true,
    output_scores: true,
  }
  const { found } = await run(three(), [[1]], { ...options, logits_processor: [scale] })
  expect([...found.scores![0]!]).toEqual(new Array(6).fill(2))
})

test('an own processor of the class that an option makes takes its place', async () => {
  const own = new RepetitionPenaltyLogitsProcessor(1)
  const scores = [0, 0, 0, 4, 3.9, -1]
  const model = () => new ScriptedModel([scores])
  expect((await run(model(), [[3]], { max_new_tokens: 2, repetition_penalty: 2 })).rows).toEqual([[3, 4, 3]])
  const options = { max_new_tokens: 2, repetition_penalty: 2, logits_processor: [own] }
  expect((await run(model(), [[3]], options)).rows).toEqual([[3, 3, 3]])
})

test('scores that are NaN are an error, greedy, sampled or with beams, unless they are to be removed', async () => {
  const broken = [0, Number.NaN, 0, 0, 0, 0]
  for (const options of [{}, { do_sample: true }, { num_beams: 2 }]) {
    await expect(runAll(new ScriptedModel([broken]), [[1]], options)).rejects.toMatchObject({ code: 'NAN_LOGITS' })
  }
  const { rows } = await run(new ScriptedModel([broken]), [[1]], { remove_invalid_values: true, max_new_tokens: 1 })
  expect(rows).toEqual([[1, 0]])
})

test('when every token is forbidden there is an error, not token 0', async () => {
  const all = { suppress_tokens: [0, 1, 2, 3, 4, 5] }
  for (const options of [{}, { do_sample: true }, { num_beams: 2 }, { prompt_lookup_num_tokens: 2 }]) {
    await expect(runAll(three(), [[1]], { ...all, ...options })).rejects.toMatchObject({ code: 'NOTHING_ALLOWED' })
  }
  await expect(run(three(), [[1]], { prefix_allowed_tokens_fn: () => [] })).rejects.toMatchObject({
    code: 'NOTHING_ALLOWED',
  })
})

test('prefix_allowed_tokens_fn is asked with the number of the prompt and its tokens', async () => {
  const seen: unknown[] = []
  const allowed = (batch: number, ids: number[]) => {
    seen.push([batch, ids])
    return [1, 2]
  }
  const { rows } = await runAll(three(), [[4], [5]], {
    prefix_allowed_tokens_fn: allowed,
    max_new_tokens: 1,
    num_beams: 2,
  })
  expect(rows).toEqual([
    [4, 2],
    [5, 2],
  ])
  expect(seen).toEqual([
    [0, [4]],
    [0, [4]],
    [1, [5]],
    [1, [5]],
  ])
})

test('a prompt that several rows go on from is read once', async () => {
  for (const options of [{ num_beams: 3 }, { do_sample: true, num_return_sequences: 3 }]) {
    const model = three()
    const { rows } = await runAll(
      model,
      [
        [1, 2, 4],
        [2, 1, 4],
      ],
      { ...options, max_new_tokens: 2 },
    )
    expect(model.asked.map(({ rows: count, input_ids }) => [count, ...input_ids]).slice(0, 2)).toEqual([
      [2, 1, 2, 2, 1],
      [6, 4, 4, 4, 4, 4, 4],
    ])
    expect(rows[0]).toHaveLength(5)
  }
})
