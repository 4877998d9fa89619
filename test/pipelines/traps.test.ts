// Where a course example goes wrong silently in Hugging Face: the same numbers here, and one plain warning.
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import type { PipelineTokenizer, pipeline } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'

interface Case {
  readonly task: string
  readonly model: string
  readonly inputs: string
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly outputs: { readonly generated_text: string }[] & { readonly label: string; readonly score: number }[]
}

const shipped = (name: string) => fileURLToPath(new URL(`../../checkpoints/${name}`, import.meta.url))

let emitted: MockInstance<typeof process.emitWarning>
beforeEach(() => {
  // Each text is said once in a process: a new copy of the library has said nothing yet.
  vi.resetModules()
  emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()
})
afterEach(() => emitted.mockRestore())

const warnings = (code: string): string[] =>
  emitted.mock.calls
    .filter(([, options]) => Reflect.get(Object(options), 'code') === code)
    .map(([message]) => String(message))

const freshPipeline = async (): Promise<typeof pipeline> => (await import('../../src/index.ts')).pipeline

test('token_type_ids handed to a GPT-2 shift its numbers, as in Hugging Face', async () => {
  const { cases } = golden<{ cases: readonly Case[] }>('pipelines/pipelines.json')
  const wanted = cases.find(({ model }) => model === 'weights/gpt2-seqcls')!
  const classifier = await (await freshPipeline())('text-classification', goldenPath(wanted.model))
  for (let i = 0; i < 2; i++) {
    const [first] = await classifier(wanted.inputs)
    expect(first).toEqual({ label: wanted.outputs[0]!.label, score: expect.closeTo(wanted.outputs[0]!.score, 5) })
  }
  expect(warnings('GPT2_TOKEN_TYPES')).toEqual([expect.stringContaining('return_token_type_ids: false')])
  const more = golden<{ cases: readonly Case[] }>('pipelines/options.json').cases
  const without = more.find(({ model, kwargs }) => model === wanted.model && kwargs.return_token_type_ids === false)!
  const [second] = await classifier(without.inputs, { return_token_type_ids: false })
  expect(second).toEqual({ label: without.outputs[0]!.label, score: expect.closeTo(without.outputs[0]!.score, 5) })
  expect(emitted).toHaveBeenCalledTimes(1)
})

test('[SEP] behind a prompt stays, as in Hugging Face', async () => {
  const { cases } = golden<{ cases: readonly Case[] }>('pipelines/shipped.json')
  const wanted = cases.find(({ task, kwargs }) => task === 'text-generation' && !('add_special_tokens' in kwargs))!
  const generator = await (await freshPipeline())('text-generation', shipped('gpt2-tang-poetry'))
  for (let i = 0; i < 2; i++) expect(await generator(wanted.inputs, wanted.kwargs)).toEqual(wanted.outputs)
  expect(warnings('PROMPT_ENDS')).toEqual([expect.stringContaining('{ add_special_tokens: false }')])
  await generator(wanted.inputs, { ...wanted.kwargs, add_special_tokens: true })
  expect(emitted).toHaveBeenCalledTimes(1)
})

test('special tokens that were asked for, or not put in, are no trap', async () => {
  const generator = await (await freshPipeline())('text-generation', shipped('gpt2-tang-poetry'))
  const short = { do_sample: false, max_new_tokens: 2 }
  await generator('秋夜：', { ...short, add_special_tokens: true })
  await generator('秋夜：', { ...short, add_special_tokens: false })
  await generator('秋夜：', { ...short, tokenizer_encode_kwargs: { add_special_tokens: true } })
  expect(emitted).not.toHaveBeenCalled()
})

test('a classifier that the folder does not have is fresh, and says so once', async () => {
  const open = await freshPipeline()
  const folder = shipped('bert-tiny-mlm-zh')
  const scores = []
  for (let i = 0; i < 2; i++) {
    const classifier = await open('text-classification', folder, { seed: 5 })
    scores.push(await classifier('这家酒店非常好', { top_k: null }))
  }
  expect(scores[1]).toEqual(scores[0])
  expect(warnings('LOAD_REPORT')).toEqual([
    expect.stringMatching(/classifier\.weight +\| MISSING\n[\s\S]*classifier is new:.*Train it before you trust/),
  ])
})

test('a model without an entailment label is no model for zero-shot-classification', async () => {
  const chooser = await (await freshPipeline())('zero-shot-classification', shipped('bert-tiny-sentiment-zh'))
  for (let i = 0; i < 2; i++) await chooser('这家酒店非常好', ['酒店', '电脑'])
  expect(warnings('NO_ENTAILMENT')).toHaveLength(1)
})

test('a target of several tokens counts as its first', async () => {
  const filler = await (await freshPipeline())('fill-mask', shipped('bert-tiny-mlm-zh'))
  for (let i = 0; i < 2; i++) await filler('早餐太[MASK]了', { targets: ['丰富', '差'] })
  expect(warnings('FILL_MASK_TARGET')).toEqual([expect.stringContaining("'丰' stands for it")])
})

test('a tokenizer that does not mark pieces of words: spaces tell where words begin', async () => {
  const open = await freshPipeline()
  const ids = [5, 176, 177, 6]
  const tokenizer: PipelineTokenizer = Object.assign(
    () => ({
      input_ids: ids,
      special_tokens_mask: [1, 0, 0, 1],
      offset_mapping: [
        [0, 0],
        [0, 2],
        [2, 4],
        [0, 0],
      ],
      word_ids: () => [null, 0, 0, null],
    }),
    {
      decode: () => '',
      padding_side: 'right',
      pad_token_id: 0,
      sep_token_id: 6,
      is_fast: true,
      convert_ids_to_tokens: (id: number) => (id === 176 ? 'he' : 'lo'),
      convert_tokens_to_string: (tokens: readonly string[]) => tokens.join(''),
    },
  )
  const ner = await open('ner', goldenPath('weights/bert-tokcls'), tokenizer, { ignore_labels: [] })
  const found = await ner('helo', { aggregation_strategy: 'first' })
  expect(found.map(({ word, start, end }) => [word, start, end])).toEqual([['helo', 0, 4]])
  await ner('helo', { aggregation_strategy: 'max' })
  expect(warnings('NO_WORDS')).toHaveLength(1)
})
