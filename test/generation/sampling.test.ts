// Sampling on scripted scores: seeds, shares, and several answers to a prompt.
import { expect, test } from 'vitest'
import type { GenerationOptions } from '../../src/index.ts'
import { favour, run, ScriptedModel } from './scripted.ts'

const even = new Array<number>(6).fill(0)
const draw = async (options: GenerationOptions) =>
  (await run(new ScriptedModel([even]), [[1]], { max_new_tokens: 40, do_sample: true, ...options })).rows[0]!

test('it is repeated by a seed and differs between seeds', async () => {
  expect(await draw({ seed: 1 })).toEqual(await draw({ seed: 1 }))
  expect(await draw({ seed: 1 })).not.toEqual(await draw({ seed: 2 }))
  expect(await draw({})).not.toEqual(await draw({}))
  expect(new Set(await draw({ seed: 3 }))).toEqual(new Set([0, 1, 2, 3, 4, 5]))
  await expect(draw({ seed: -1 })).rejects.toThrow('seed')
})

test('tokens come as often as their probabilities say', async () => {
  const scores = [Math.log(0.5), Math.log(0.25), Math.log(0.125), Math.log(0.125), -Infinity, -Infinity]
  const count = new Array<number>(6).fill(0)
  const model = new ScriptedModel([scores], 5000)
  const { rows } = await run(model, [[5]], { max_new_tokens: 4000, do_sample: true, top_k: 0, seed: 11 })
  for (const token of rows[0]!.slice(1)) count[token]!++
  for (const [token, share] of [0.5, 0.25, 0.125, 0.125, 0, 0].entries())
    expect(Math.abs(count[token]! / 4000 - share)).toBeLessThan(0.03)
})

test('num_return_sequences gives different answers to each prompt, in order', async () => {
  const options = { max_new_tokens: 12, do_sample: true, num_return_sequences: 3, seed: 5 }
  const { rows } = await run(new ScriptedModel([even]), [[1], [2]], options)
  expect(rows.map(([first]) => first)).toEqual([1, 1, 1, 2, 2, 2])
  expect(new Set(rows.map(row => row.slice(1).join())).size).toBe(6)
})

test('what a row draws does not depend on rows that have ended', async () => {
  const script = (ids: readonly number[]) => (ids[0] === 1 ? favour(5, 6, 99) : even)
  const options = { max_new_tokens: 12, do_sample: true, seed: 5, pad_token_id: 0, top_k: 0 }
  const ending = await run(new ScriptedModel(script), [[1], [2]], { ...options, eos_token_id: 5 })
  const goingOn = await run(new ScriptedModel(script), [[1], [2]], options)
  const length = ending.rows[1]!.indexOf(5) + 1 || 13
  expect(ending.rows[1]!.slice(0, length)).toEqual(goingOn.rows[1]!.slice(0, length))
})

test('scores that are recorded are those that were drawn from', async () => {
  const options = { max_new_tokens: 1, do_sample: true, top_k: 2, temperature: 0.5, renormalize_logits: true }
  const record = { return_dict_in_generate: true, output_scores: true, output_logits: true }
  const { found } = await run(new ScriptedModel([[1, 3, 2, 0, 0, 0]]), [[1]], { ...options, ...record })
  const sum = Math.log(Math.exp(6) + Math.exp(4))
  const wanted = [-Infinity, 6 - sum, 4 - sum, -Infinity, -Infinity, -Infinity]
  found.scores![0]!.forEach((score, i) => {
    if (score !== wanted[i]) expect(score).toBeCloseTo(wanted[i]!, 5)
  })
  expect([...found.logits![0]!]).toEqual([1, 3, 2, 0, 0, 0])
})
