// A signal stops work at every stage: the call rejects with its reason soon, nothing is left, and the next call works.
import { expect, test } from 'vitest'
import { type Backend, type GenerationOptions, GPT2LMHeadModel, pipeline, type Task } from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { goldenPath } from '../golden.ts'

const weights = (name: string): string => goldenPath(`weights/${name}`)
const enough = new Error('enough')

const searches: Readonly<Record<string, GenerationOptions>> = {
  'greedy search': {},
  sampling: { do_sample: true, seed: 1 },
  'beam search': { num_beams: 3 },
  'beam sampling': { num_beams: 2, do_sample: true, seed: 1 },
  'group beam search': { num_beams: 4, num_beam_groups: 2, diversity_penalty: 1 },
  'constrained beam search': { num_beams: 2, force_words_ids: [[9]] },
  'contrastive search': { penalty_alpha: 0.6, top_k: 4 },
  'prompt lookup': { prompt_lookup_num_tokens: 2 },
  DoLa: { dola_layers: 'low' },
  guidance: { guidance_scale: 2 },
}

/** Inputs of each task, so many that they take several batches. */
const calls: readonly (readonly [task: Task, folder: string, input: unknown, options: object])[] = [
  ['text-classification', 'bert-seqcls5', '今天你好', {}],
  ['token-classification', 'bert-tokcls', '今天你好', {}],
  ['fill-mask', 'bert-mlm', '今天[MASK]好', {}],
  ['feature-extraction', 'bert-model', '今天你好', {}],
  ['question-answering', 'bert-qa', { question: '什么？', context: '今天你好 hello world' }, {}],
  ['zero-shot-classification', 'bert-seqcls5', '今天你好', { candidate_labels: ['科技', '体育'] }],
  ['text-generation', 'gpt2-lm', '今天', { max_new_tokens: 4, add_special_tokens: false, do_sample: false }],
]

/** A call of a pipeline whose type is that of any task. */
type Call = (inputs: unknown, options: object) => Promise<unknown>

onPlainBackends('an abort', (backend: Backend) => {
  test.each(Object.entries(searches))('ends %s within the next token', async (_, search) => {
    using model = await GPT2LMHeadModel.from_pretrained(weights('gpt2-lm'), { backend })
    const before = backend.live
    const options = { max_new_tokens: 80, eos_token_id: null, ...search }
    let steps = 0
    const controller = new AbortController()
    let aborted = 0
    const stopping_criteria = (): boolean => {
      if (++steps === 3) {
        aborted = performance.now()
        controller.abort(enough)
      }
      return false
    }
    const running = model.generate([[75, 8]], { ...options, stopping_criteria, signal: controller.signal })
    await expect(running).rejects.toBe(enough)
    expect(performance.now() - aborted).toBeLessThan(100)
    expect(steps).toBeLessThan(10)
    expect(backend.live).toBe(before)
    const plain = { return_dict_in_generate: false } as const
    const ids = await model.generate([[75, 8]], { ...options, ...plain, max_new_tokens: 2 })
    expect(ids.shape).toEqual([1, 4])
    ids.dispose()
    expect(backend.live).toBe(before)
  })

  test('ends the reading of a long prompt between its pieces', async () => {
    using model = await GPT2LMHeadModel.from_pretrained(weights('gpt2-lm'), { backend })
    const before = backend.live
    const controller = new AbortController()
    let pieces = 0
    const hook = model.register_forward_hook(() => {
      if (++pieces === 2) controller.abort(enough)
    })
    const prompt = [Array.from({ length: 60 }, (_, i) => 5 + i)]
    const running = model.generate(prompt, { prefill_chunk_size: 4, max_new_tokens: 4, signal: controller.signal })
    await expect(running).rejects.toBe(enough)
    hook.remove()
    expect([pieces, backend.live]).toEqual([2, before])
  })

  test('ends a stream, whoever reads it', async () => {
    using model = await GPT2LMHeadModel.from_pretrained(weights('gpt2-lm'), { backend })
    const before = backend.live
    const controller = new AbortController()
    const steps = model.stream([[75]], { max_new_tokens: 50, eos_token_id: null, signal: controller.signal })
    await steps.next()
    controller.abort(enough)
    await expect(steps.next()).rejects.toBe(enough)
    expect(await steps.next()).toEqual({ done: true, value: undefined })
    expect(backend.live).toBe(before)
  })

  test.each(calls)('ends %s before the first batch and between batches', async (task, folder, input, options) => {
    using pipe = await pipeline(task, weights(folder), { backend } as { backend: Backend })
    const call: Call = (inputs, given) => Reflect.apply(pipe, undefined, [inputs, given])
    const inputs = new Array(6).fill(input)
    const wanted = await call(inputs, options)
    const before = backend.live
    await expect(call(inputs, { ...options, signal: AbortSignal.abort(enough) })).rejects.toBe(enough)
    const controller = new AbortController()
    let passes = 0
    const hook = pipe.model.register_forward_hook(() => {
      if (++passes === 2) controller.abort(enough)
    })
    await expect(call(inputs, { ...options, signal: controller.signal })).rejects.toBe(enough)
    hook.remove()
    expect(passes).toBe(2)
    expect(backend.live).toBe(before)
    expect(await call(inputs, { ...options, signal: new AbortController().signal })).toEqual(wanted)
    await expect(call(inputs, { ...options, signal: 'now' })).rejects.toMatchObject({
      code: task === 'text-generation' ? expect.stringMatching(/VALUE/) : 'OPTION_VALUE',
    })
  })

  test('ends a stream of inputs, and reads no more of them', async () => {
    using classifier = await pipeline('text-classification', weights('bert-seqcls5'), { backend })
    const controller = new AbortController()
    let read = 0
    async function* endless() {
      for (;;) {
        read++
        yield '今天'
      }
    }
    const results = classifier(endless(), { signal: controller.signal })
    await results.next()
    controller.abort(enough)
    await expect(results.next()).rejects.toBe(enough)
    expect(read).toBeLessThanOrEqual(2)
  })
})
