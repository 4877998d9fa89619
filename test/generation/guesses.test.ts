// Guessed tokens on scripted scores: whoever guesses, the text stays what the model says.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GenerationOptions } from '../../src/index.ts'
import { arbitrary, favour, run, ScriptedModel } from './scripted.ts'

const settings: GenerationOptions[] = [
  {},
  { eos_token_id: 3 },
  { repetition_penalty: 1.5, no_repeat_ngram_size: 2 },
  { min_new_tokens: 6, eos_token_id: 3, bad_words_ids: [[4, 1]] },
]
const record = { return_dict_in_generate: true, output_scores: true, output_logits: true }

test('they change nothing: text, scores and logits are those of greedy search', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(999),
      fc.nat(999),
      fc.nat(3),
      fc.integer({ min: 1, max: 5 }),
      async (seed, other, setting, count) => {
        const options = { max_new_tokens: 12, ...settings[setting], ...record }
        const prompt = [[1, 2, 1, 2, 5, 1]]
        const greedy = await run(new ScriptedModel(arbitrary(seed)), prompt, options)
        const ahead: GenerationOptions[] = [
          { assistant_model: new ScriptedModel(arbitrary(seed)), num_assistant_tokens: count },
          {
            assistant_model: new ScriptedModel(arbitrary(other)),
            num_assistant_tokens: count,
            assistant_confidence_threshold: 0,
          },
          {
            assistant_model: new ScriptedModel(arbitrary(seed)),
            num_assistant_tokens_schedule: 'heuristic_transient',
          },
          { prompt_lookup_num_tokens: count },
          { prompt_lookup_num_tokens: count, max_matching_ngram_size: 4 },
        ]
        for (const own of ahead) {
          const guessed = await run(new ScriptedModel(arbitrary(seed)), prompt, { ...options, ...own })
          expect(guessed.rows).toEqual(greedy.rows)
          expect(guessed.steps).toEqual(greedy.steps)
          expect(guessed.found.scores).toEqual(greedy.found.scores)
          expect(guessed.found.logits).toEqual(greedy.found.logits)
        }
      },
    ),
    { seed: 20261124, numRuns: 25 },
  )
})

test('right guesses save passes of the model', async () => {
  const model = new ScriptedModel([favour(3)])
  const assistant_model = new ScriptedModel([favour(3)])
  await run(model, [[1]], { max_new_tokens: 12, assistant_model, num_assistant_tokens: 5 })
  expect(model.asked.length).toBe(2)
  expect(assistant_model.disposed).toBe(assistant_model.made)
  const looked = new ScriptedModel([favour(3)])
  await run(looked, [[3, 3]], { max_new_tokens: 12, prompt_lookup_num_tokens: 5 })
  expect(looked.asked.length).toBeLessThan(12)
})

test('own criteria stop inside of a guess', async () => {
  const options = {
    max_new_tokens: 12,
    stopping_criteria: ({ ids }: { ids: readonly Int32Array[] }) => ids[0]!.length >= 4,
  }
  const assistant_model = new ScriptedModel([favour(3)])
  expect((await run(new ScriptedModel([favour(3)]), [[1]], { ...options, assistant_model })).rows).toEqual([
    [1, 3, 3, 3],
  ])
})

test.each(['an assistant', 'looking up'])('with %s tokens are drawn as often as their probabilities say', async way => {
  const shares = [0.5, 0.25, 0.15, 0.1]
  const scores = [...shares.map(share => Math.log(share)), -50, -50]
  const wrong = [0.1, 0.2, 0.3, 0.4].map(share => Math.log(share))
  const own: GenerationOptions =
    way === 'looking up'
      ? { prompt_lookup_num_tokens: 3 }
      : {
          assistant_model: new ScriptedModel([[...wrong, -50, -50]], 5000),
          num_assistant_tokens: 3,
          assistant_confidence_threshold: 0,
        }
  const options = { max_new_tokens: 4000, do_sample: true, top_k: 0, seed: 5, ...own }
  const { rows } = await run(new ScriptedModel([scores], 5000), [[5]], options)
  const count = new Array<number>(6).fill(0)
  for (const token of rows[0]!.slice(1)) count[token]!++
  for (const [token, share] of shares.entries()) expect(Math.abs(count[token]! / 4000 - share)).toBeLessThan(0.03)
  expect(count[4]! + count[5]!).toBe(0)
})

test('an assistant with other tokens is refused', async () => {
  const assistant_model = new ScriptedModel([favour(3, 7)])
  const running = run(new ScriptedModel([favour(3)]), [[1]], { assistant_model })
  await expect(running).rejects.toMatchObject({ code: 'ASSISTANT_VOCABULARY' })
})

test("with the schedule 'heuristic' an assistant remembers how many guesses were good", async () => {
  const assistant_model = new ScriptedModel([favour(3)])
  const options = {
    max_new_tokens: 30,
    assistant_model,
    num_assistant_tokens: 2,
    num_assistant_tokens_schedule: 'heuristic' as const,
  }
  const passes = async () => {
    const model = new ScriptedModel([favour(3)])
    await run(model, [[1]], options)
    return model.asked.length
  }
  expect(await passes()).toBeGreaterThan(await passes())
})
