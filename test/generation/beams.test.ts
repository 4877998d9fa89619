// Beam searches, group by group and under constraints, on scripted scores: what they find, and what it is worth.
import { describe, expect, test } from 'vitest'
import { ConstraintProgressList } from '../../src/generation/constraints/progress.ts'
import { DisjunctiveConstraint, type GenerationOptions, GPT2LMHeadModel, PhrasalConstraint } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'
import { arbitrary, runAll, type Script, ScriptedModel } from './scripted.ts'

const logSoftmax = (scores: readonly number[]) => {
  const sum = Math.log(scores.reduce((total, score) => total + Math.exp(score), 0))
  return scores.map(score => score - sum)
}

describe('beams', () => {
  test('with as many beams as there are texts, the likeliest text of all is found', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const script = arbitrary(seed, 3)
      const scored = (ids: number[], depth: number): { ids: number[]; score: number }[] =>
        depth === 0
          ? [{ ids, score: 0 }]
          : logSoftmax(script(ids, 0)).flatMap((log, token) =>
              scored([...ids, token], depth - 1).map(text => ({ ids: text.ids, score: text.score + log })),
            )
      const texts = scored([1], 3).sort((a, b) => b.score - a.score)
      const options = {
        num_beams: 27,
        num_return_sequences: 4,
        max_new_tokens: 3,
        return_dict_in_generate: true,
        output_scores: true,
      }
      const { rows, found } = await runAll(new ScriptedModel(script), [[1]], options)
      expect(rows).toEqual(texts.slice(0, 4).map(({ ids }) => ids))
      texts.slice(0, 4).forEach(({ score }, i) => {
        expect(found.sequences_scores![i]).toBeCloseTo(score / 3, 5)
      })
    }
  })

  test('one beam is greedy search, and a batch is its rows one by one', async () => {
    const script = arbitrary(7)
    const options = { num_beams: 3, max_new_tokens: 6, eos_token_id: 2, pad_token_id: 0, num_return_sequences: 2 }
    const one = await Promise.all([[1], [4]].map(prompt => runAll(new ScriptedModel(script), [prompt], options)))
    const { rows } = await runAll(new ScriptedModel(script), [[1], [4]], options)
    const trimmed = (row: readonly number[]) => row.join().replace(/(,2)+$/, ',2')
    expect(rows.map(trimmed)).toEqual(one.flatMap(({ rows: own }) => own.map(trimmed)))
  })

  test('length_penalty decides between a short text and a long one', async () => {
    // 5 ends a text at once with probability 0.6; going on costs 0.4 once and is certain from then on.
    const sure = (token: number) => Array.from({ length: 6 }, (_, i) => (i === token ? 0 : -50))
    const script: Script = ids => {
      if (ids.length > 1) return ids.length < 4 ? sure(3) : sure(5)
      return [-50, -50, -50, Math.log(0.4), -50, Math.log(0.6)]
    }
    const options = { num_beams: 2, max_new_tokens: 6, eos_token_id: 5, pad_token_id: 0 }
    expect((await runAll(new ScriptedModel(script), [[1]], { ...options, length_penalty: 0 })).rows).toEqual([[1, 5]])
    expect((await runAll(new ScriptedModel(script), [[1]], { ...options, length_penalty: 2 })).rows).toEqual([
      [1, 3, 3, 3, 5],
    ])
  })

  test('the cache follows the beams', async () => {
    for (const seed of [1, 2, 3]) {
      for (const mode of [{}, { num_beam_groups: 2, diversity_penalty: 1 }, { force_words_ids: [[5, 6]] }]) {
        const options = {
          num_beams: 4,
          max_new_tokens: 6,
          eos_token_id: 2,
          pad_token_id: 0,
          num_return_sequences: 3,
          ...mode,
        }
        const cached = await runAll(new ScriptedModel(arbitrary(seed)), [[1], [3]], options)
        const plain = await runAll(new ScriptedModel(arbitrary(seed)), [[1], [3]], { ...options, use_cache: false })
        expect(cached.rows).toEqual(plain.rows)
      }
    }
  })

  test('beam sampling is repeated by a seed and draws likely texts more often', async () => {
    const script: Script = () => [-50, Math.log(0.7), Math.log(0.2), Math.log(0.1)]
    const options = { num_beams: 2, num_return_sequences: 2, do_sample: true, top_k: 0, max_new_tokens: 1 }
    const tokens = async (seed: number) =>
      (await runAll(new ScriptedModel(script), [[1]], { ...options, seed })).rows.map(row => row[1]!)
    expect(await tokens(3)).toEqual(await tokens(3))
    const count = [0, 0, 0, 0]
    for (let seed = 0; seed < 300; seed++) for (const token of await tokens(seed)) count[token]!++
    expect(count[0]).toBe(0)
    expect(count[1]).toBeGreaterThan(count[2]!)
    expect(count[2]).toBeGreaterThan(count[3]!)
    expect(count[3]).toBeGreaterThan(0)
  })

  test('groups keep away from each other', async () => {
    const scores = [0, 5, 4, 3]
    const options = { num_beams: 3, num_beam_groups: 3, max_new_tokens: 1, num_return_sequences: 3 }
    const firsts = async (diversity_penalty: number) =>
      (await runAll(new ScriptedModel([scores]), [[0]], { ...options, diversity_penalty })).rows.map(row => row[1])
    expect(await firsts(0.1)).toEqual([1, 1, 1])
    expect(new Set(await firsts(10))).toEqual(new Set([1, 2, 3]))
  })

  test("the scores of the beams' tokens sum to the score of the text, also in groups", async () => {
    using model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'))
    const options = { num_beams: 4, max_new_tokens: 5, eos_token_id: null, num_return_sequences: 4 }
    for (const mode of [{}, { num_beam_groups: 2, diversity_penalty: 0.8 }]) {
      const found = await model.generate([[37, 36, 183]], {
        ...{ ...options, ...mode, length_penalty: 0.5 },
        ...{ return_dict_in_generate: true, output_scores: true },
      })
      const taken = model.compute_transition_scores(found.sequences, found.scores!, {
        beam_indices: found.beam_indices,
      })
      const sums = (taken.tolist() as number[][]).map(row => row.reduce((a, b) => a + b, 0) / 5 ** 0.5)
      ;(found.sequences_scores!.tolist() as number[]).forEach((score, i) => {
        expect(sums[i]).toBeCloseTo(score, 4)
      })
    }
  })
})

describe('constraints', () => {
  test('a forced run and one of several are in the answer', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const options: GenerationOptions = {
        ...{ num_beams: 4, max_new_tokens: 9 },
        force_words_ids: [
          [5, 6],
          [
            [4, 4],
            [3, 1],
          ],
        ],
      }
      const { rows } = await runAll(new ScriptedModel(arbitrary(seed)), [[0]], options)
      for (const row of rows) expect(row.join()).toMatch(/5,6.*(4,4|3,1)|(4,4|3,1).*5,6/)
    }
  })

  test('constraints of the caller work as those of force_words_ids', async () => {
    const options = { num_beams: 3, max_new_tokens: 6 }
    const runs = [[5, 6], [4]]
    const words = await runAll(new ScriptedModel(arbitrary(5)), [[0]], { ...options, force_words_ids: runs })
    const constraints = runs.map(run => new PhrasalConstraint(run))
    const objects = await runAll(new ScriptedModel(arbitrary(5)), [[0]], { ...options, constraints })
    expect(objects.rows).toEqual(words.rows)
  })

  test('progress: a broken run begins anew, and banks rise with it', () => {
    const progress = new ConstraintProgressList([
      new PhrasalConstraint([1, 2]),
      new DisjunctiveConstraint([[3], [4, 5]]),
    ])
    expect(progress.advance()).toEqual([1, 3, 4])
    const banks = [1, 3, 1, 2].map(token => {
      progress.add(token)
      return progress.bank()
    })
    expect(banks).toEqual([1, 0, 1, 2])
    expect(progress.advance()).toEqual([3, 4])
    expect(progress.completed).toBe(false)
    progress.add(3)
    expect(progress.completed).toBe(true)
  })

  test.each([[[]], [[1, -1]], [[0.5]]])('%j is no run', run => {
    expect(() => new PhrasalConstraint(run)).toThrow(expect.objectContaining({ code: 'GENERATION_VALUE' }))
  })

  test('runs of which one begins with another are no choice', () => {
    expect(() => new DisjunctiveConstraint([[1], [1, 2]])).toThrow(
      expect.objectContaining({ code: 'GENERATION_VALUE' }),
    )
    expect(() => new DisjunctiveConstraint([])).toThrow(expect.objectContaining({ code: 'GENERATION_VALUE' }))
  })

  test('a constraint goes back to its beginning when a token does not fit', () => {
    for (const constraint of [new PhrasalConstraint([1, 2, 3]), new DisjunctiveConstraint([[1, 2, 3]])]) {
      expect(constraint.update(1)).toEqual({ stepped: true, completed: false, reset: false })
      expect([constraint.remaining(), constraint.copy(true).remaining(), constraint.copy().remaining()]).toEqual([
        2, 2, 3,
      ])
      expect(constraint.update(3)).toEqual({ stepped: false, completed: false, reset: true })
      expect(constraint.remaining()).toBe(3)
      for (const token of [1, 2, 3]) constraint.update(token)
      expect([constraint.completed, constraint.advance()]).toEqual([true, []])
    }
  })
})
