// POST /models/NAME gives Hugging Face's results for every recorded call that can come over HTTP, in the inference API's forms.
import { expect, test } from 'vitest'
import type { Task } from '../../src/index.ts'
import { golden } from '../golden.ts'
import { expectSame } from '../pipelines/same.ts'
import { critic, guesser, poet, post, ready, shipped, tiny } from './serving.ts'

interface Case {
  readonly task: Task
  readonly model: string
  readonly tokenizer: string
  readonly inputs: unknown
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly outputs: unknown
}

/** What a request cannot say: other files, and options of the pipeline rather than of the call. */
const unsaid = [
  'config',
  'options',
  'tokenizer_options',
  'pooling',
  'generation_config',
  'seed',
  'aggregation_strategy',
]
/** Tasks whose results depend on which of the tokenizers it is; a server has the fast one. */
const ofTokenizers: readonly string[] = ['token-classification', 'ner', 'question-answering']

const cases = ['pipelines', 'options']
  .flatMap(name => golden<{ cases: readonly Case[] }>(`pipelines/${name}.json`).cases)
  .filter(item => unsaid.every(name => !(name in item)))
  .filter(({ task, tokenizer }) => tokenizer === 'BertTokenizerFast' || !ofTokenizers.includes(task))
  .filter(({ kwargs }) => ['generation_config', 'return_dict_in_generate'].every(name => !(name in kwargs)))

const folders = [...new Set(cases.map(({ model }) => model.replace('weights/', '')))]
const server = await ready([...folders.map(tiny), shipped(poet), shipped(critic), shipped(guesser)])

/** The recorded result in the form that the inference API gives it. */
function formOf({ task, inputs, kwargs, outputs }: Case, actual: unknown): [actual: unknown, wanted: unknown] {
  const isList = Array.isArray(inputs)
  if (task === 'text-classification' && !('top_k' in kwargs)) {
    // The inference API gives all labels; without top_k the recording has the first one of each text.
    if (kwargs.return_all_scores) return [null, null]
    return [(actual as unknown[][]).map(labels => labels[0]), [outputs].flat()]
  }
  if (task === 'text-classification') return [actual, isList ? outputs : [outputs]]
  if (task === 'fill-mask' && isList && inputs.length === 1) return [actual, [outputs]]
  if (task !== 'feature-extraction' || !('batch_size' in kwargs)) return [actual, outputs]
  // Vectors of padding are left out.
  const lengths = (actual as unknown[][][]).map(([tokens]) => tokens!.length)
  return [actual, (outputs as unknown[][][]).map(([tokens], i) => [tokens!.slice(0, lengths[i])])]
}

test('there are cases of all seven tasks', () => {
  const tasks = new Set(cases.map(({ task }) => task))
  expect(tasks.size).toBeGreaterThanOrEqual(7)
  expect(cases.length).toBeGreaterThan(150)
})

test.each([...new Set(cases.map(({ task }) => task))])('%s', async task => {
  for (const item of cases.filter(item => item.task === task)) {
    const { model, inputs, kwargs, outputs } = item
    const what = JSON.stringify({ model, inputs, kwargs })
    const path = `/models/${model.replace('weights/', '')}/pipeline/${task === 'ner' ? 'token-classification' : task}`
    const parameters = task === 'token-classification' ? { aggregation_strategy: 'none', ...kwargs } : kwargs
    const { status, body } = await post(server, path, { inputs, parameters })
    if (typeof (outputs as { error?: unknown }).error === 'string') {
      expect(status, what).toBe(400)
      expect(typeof body.error, what).toBe('string')
    } else {
      expect(status, `${what}: ${JSON.stringify(body).slice(0, 200)}`).toBe(200)
      const [actual, wanted] = formOf(item, body)
      expectSame(actual, wanted, what)
    }
  }
})

test("the usual task is that of the model's class, and candidate_labels ask for zero-shot", async () => {
  const ask = async (name: string, inputs: unknown, parameters = {}) =>
    (await post(server, `/models/${name}`, { inputs, parameters })).body
  expect(await ask(critic, '这家酒店非常好，下次还来。')).toEqual([
    [
      { label: 'POSITIVE', score: expect.closeTo(0.942225, 5) },
      { label: 'NEGATIVE', score: expect.closeTo(0.057775, 5) },
    ],
  ])
  expect(await ask(critic, ['好', '差'])).toHaveLength(2)
  const [filled] = await ask(guesser, '酒店的服[MASK]态度很好。')
  expect(filled).toEqual({
    ...{ score: expect.closeTo(0.9961, 3), token: 448, token_str: '务' },
    sequence: '酒 店 的 服 务 态 度 很 好 。',
  })
  const poem = { do_sample: false, max_new_tokens: 64, prefix: '[CLS]', add_special_tokens: false, compact: true }
  expect(await ask(poet, '春眠不觉晓，', poem)).toEqual([
    { generated_text: '春眠不觉晓，日日正迟迟。花落人家少，莺啼马上迟。' },
  ])
  const zeroShot = await ask('bert-seqcls5', '今天你好', { candidate_labels: ['科技', '体育'] })
  expect(Object.keys(zeroShot)).toEqual(['sequence', 'labels', 'scores'])
  const [entity] = await ask('bert-tokcls', 'hello world')
  expect(Object.keys(entity)).toEqual(['entity_group', 'score', 'word', 'start', 'end'])
  const answer = await ask('bert-qa', { question: '什么？', context: 'the world of text' })
  expect(Object.keys(answer)).toEqual(['score', 'start', 'end', 'answer'])
  const vectors = await ask('bert-model', '你好')
  expect([vectors.length, vectors[0].length, vectors[0][0].length]).toEqual([1, 4, 32])
})

test('vectors come from any model, under the old path too, with parameters beside the inputs', async () => {
  const plain = await post(server, `/models/${critic}/pipeline/feature-extraction`, { inputs: '好' })
  const old = await post(server, `/pipeline/feature-extraction/${critic}`, { inputs: '好' })
  const routed = await post(server, `/hf-inference/models/${critic}/pipeline/feature-extraction`, { inputs: '好' })
  expect([old.body, routed.body]).toEqual([plain.body, plain.body])
  const unit = await post(server, `/models/${critic}/pipeline/feature-extraction`, {
    ...{ inputs: '好', normalize: true, truncate: true, pooling: 'mean', prompt_name: null },
  })
  expect(Math.hypot(...unit.body[0])).toBeCloseTo(1, 5)
})

test("names of Hugging Face's client that ask for nothing are taken, a seed and stop texts count", async () => {
  const nothing = { best_of: null, decoder_input_details: false, details: false, watermark: false, grammar: null }
  const settings = { prefix: '[CLS]', add_special_tokens: false, compact: true, max_new_tokens: 30 }
  const ask = async (parameters: object) =>
    (await post(server, `/models/${poet}`, { inputs: '秋夜：', parameters: { ...settings, ...parameters } })).body
  const drawn = { ...nothing, do_sample: true, seed: 7, stop: [] }
  expect(await ask(drawn)).toEqual(await ask(drawn))
  const [{ generated_text }] = await ask({ do_sample: false, stop: ['。'] })
  expect(generated_text).toMatch(/^秋夜：[^。]+。$/)
})

test('details say how a text ended, and how likely each token was', async () => {
  const parameters = { do_sample: false, prefix: '[CLS]', add_special_tokens: false, compact: true, details: true }
  const ask = async (more: object) =>
    (await post(server, `/models/${poet}`, { inputs: '春眠不觉晓，', parameters: { ...parameters, ...more } })).body[0]
  const { generated_text, details } = await ask({ max_new_tokens: 64, return_full_text: false, seed: 1 })
  expect(generated_text).toBe('日日正迟迟。花落人家少，莺啼马上迟。')
  expect(details).toMatchObject({ finish_reason: 'eos_token', generated_tokens: 19, seed: 1, prefill: [] })
  expect(details.tokens.at(-1)).toEqual({ id: 3, text: '[SEP]', logprob: expect.any(Number), special: true })
  expect(details.tokens.map(({ text }: { text: string }) => text).join('')).toBe(`${generated_text}[SEP]`)
  const short = await ask({ max_new_tokens: 2, top_n_tokens: 3 })
  expect(short.details.finish_reason).toBe('length')
  expect(short.details.top_tokens[0]).toHaveLength(3)
  expect(short.details.top_tokens[0][0]).toEqual(short.details.tokens[0])
  expect((await ask({ stop: ['迟'] })).details.finish_reason).toBe('stop_sequence')
})
