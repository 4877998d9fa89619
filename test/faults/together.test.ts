// Several calls at once on one model: each gives what it gives alone, none waits for all others, and a fault of one is its own.
import { expect, test } from 'vitest'
import {
  AutoModelForCausalLM,
  BertForMaskedLM,
  type GenerationOptions,
  GPT2LMHeadModel,
  pipeline,
} from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { goldenPath } from '../golden.ts'

const folder = goldenPath('weights/gpt2-lm')
const long = { max_new_tokens: 12, eos_token_id: null } as const

/** The ids and no more. */
const plain = { return_dict_in_generate: false } as const

/** Eight calls that differ in prompt and search. */
const calls: readonly (readonly [ids: number[][], options: GenerationOptions])[] = [
  [[[75, 8]], long],
  [[[37, 36, 183]], { ...long, do_sample: true, seed: 1 }],
  [[[75]], { ...long, num_beams: 3 }],
  [[[9, 10, 11]], { ...long, do_sample: true, seed: 2, num_return_sequences: 3 }],
  [
    [
      [75, 8],
      [37, 36],
    ],
    long,
  ],
  [[[75]], { ...long, penalty_alpha: 0.6, top_k: 4 }],
  [[[75, 8, 75, 8]], { ...long, prompt_lookup_num_tokens: 2 }],
  [[[20]], { ...long, repetition_penalty: 1.3, do_sample: true, seed: 3, num_beams: 2 }],
]

onPlainBackends('at once', backend => {
  const idsOf = async (model: GPT2LMHeadModel, [ids, options]: (typeof calls)[number], more = {}) => {
    const tensor = await model.generate(ids, { ...options, ...more, ...plain })
    const rows = tensor.tolist()
    tensor.dispose()
    return rows
  }

  test('eight generations give what they give one after another', async () => {
    using model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
    const { live, bytes } = backend
    const alone: unknown[] = []
    for (const call of calls) alone.push(await idsOf(model, call))
    expect(await Promise.all(calls.map(call => idsOf(model, call)))).toEqual(alone)
    expect([backend.live, backend.bytes]).toEqual([live, bytes])
  })

  test('scores are the same to the last bit', async () => {
    using model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
    const rich = { ...long, return_dict_in_generate: true, output_logits: true } as const
    const logits = async (prompt: number[]) => {
      const output = await model.generate([prompt], rich)
      const steps = output.logits!.map(step => step.tolist())
      for (const tensor of [output.sequences, ...output.logits!]) tensor.dispose()
      output.past_key_values?.dispose()
      return steps
    }
    const prompts = [[75, 8], [37], [9, 10, 11], [20, 21]]
    const alone: unknown[] = []
    for (const prompt of prompts) alone.push(await logits(prompt))
    expect(await Promise.all(prompts.map(logits))).toEqual(alone)
  })

  test('turns are fair: a short one need not wait for a long one', async () => {
    using model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
    const order: string[] = []
    const run = async (name: string, max_new_tokens: number) => {
      await idsOf(model, [[[75]], { ...long, max_new_tokens }])
      order.push(name)
    }
    await Promise.all([run('long', 60), run('middle', 20), run('short', 2)])
    expect(order).toEqual(['short', 'middle', 'long'])
  })

  test('one that is stopped and one that fails leave the six others', async () => {
    using model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
    const { live } = backend
    const alone: unknown[] = []
    for (const call of calls) alone.push(await idsOf(model, call))
    const controller = new AbortController()
    const outcomes = await Promise.allSettled(
      calls.map((call, i) => {
        const stop = (): boolean => {
          controller.abort(new Error('enough'))
          return false
        }
        const fail = (): never => {
          throw new Error('no')
        }
        if (i === 1) return idsOf(model, call, { signal: controller.signal, stopping_criteria: stop })
        return idsOf(model, call, i === 4 ? { logits_processor: fail } : {})
      }),
    )
    for (const [i, outcome] of outcomes.entries()) {
      if (i === 1) expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
      else if (i === 4) expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'no' } })
      else expect(outcome).toEqual({ status: 'fulfilled', value: alone[i] })
    }
    expect(backend.live).toBe(live)
  })

  test('two models at once, and one folder loaded twice at once', async () => {
    const [first, second, other] = await Promise.all([
      AutoModelForCausalLM.from_pretrained(folder, { backend }),
      AutoModelForCausalLM.from_pretrained(folder, { backend }),
      BertForMaskedLM.from_pretrained(goldenPath('weights/bert-mlm'), { backend }),
    ])
    const run = (model: typeof first) => model.generate([[75, 8]], long)
    const alone = (await run(first)).tolist()
    const filler = await pipeline('fill-mask', goldenPath('weights/bert-mlm'), { backend })
    const filled = await filler('今天[MASK]好')
    const [a, b, c] = await Promise.all([run(first), run(second), filler(['今天[MASK]好', '今天[MASK]好'])])
    expect([a.tolist(), b.tolist()]).toEqual([alone, alone])
    expect(c).toEqual([filled, filled])
    first.dispose()
    expect((await run(second)).tolist()).toEqual(alone)
    for (const model of [second, other, filler]) model.dispose()
  })

  test('a model that is disposed of in the middle rejects with DISPOSED, and others go on', async () => {
    const model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
    using other = await GPT2LMHeadModel.from_pretrained(folder, { backend })
    const untouched = backend.live - [...model.parameters()].length
    const alone = await idsOf(other, calls[0]!)
    let steps = 0
    const stopping_criteria = (): boolean => {
      if (++steps === 3) model.dispose()
      return false
    }
    const doomed = model.generate([[75]], { ...long, stopping_criteria })
    const going = idsOf(other, calls[0]!)
    await expect(doomed).rejects.toMatchObject({ code: 'DISPOSED' })
    expect(await going).toEqual(alone)
    expect(backend.live).toBe(untouched)
  })
})
