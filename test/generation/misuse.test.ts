// What generate() says to options and prompts that cannot be what was meant.
import { beforeAll, expect, test, vi } from 'vitest'
import {
  BertTokenizer,
  type Constraint,
  type GenerationOptions,
  GPT2LMHeadModel,
  TextIteratorStreamer,
  TextStreamer,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'
import { runAll, ScriptedModel } from './scripted.ts'

const folder = goldenPath('weights/gpt2-lm')
let model: GPT2LMHeadModel
let tokenizer: BertTokenizer
beforeAll(async () => {
  model = await GPT2LMHeadModel.from_pretrained(folder)
  tokenizer = await BertTokenizer.from_pretrained(folder)
  return () => model.dispose()
})

test.each<[string, object, string]>([
  ['temperature', { temperature: '1', do_sample: true }, "must be a finite number, got '1'"],
  ['temperature', { temperature: Infinity, do_sample: true }, 'must be a finite number, got Infinity'],
  ['temperature', { temperature: -1, do_sample: true }, 'must be a number above 0'],
  ['assistant_model', { assistant_model: 'x' }, "must be a model that predicts the next token, got 'x'"],
  ['constraints', { constraints: [5], num_beams: 2 }, 'must be a list, not empty, of constraints'],
  ['constraints', { constraints: [] as Constraint[], num_beams: 2 }, 'must be a list, not empty, of constraints'],
  ['top_k', { top_k: 5n, do_sample: true }, 'got 5'],
  ['suppress_tokens', { suppress_tokens: [5n] }, 'got 5'],
])('%s: %s', async (option, options, message) => {
  const failing = model.generate([[5, 6]], options as GenerationOptions)
  await expect(failing).rejects.toMatchObject({ code: 'GENERATION_VALUE', fields: { option } })
  await expect(failing).rejects.toThrow(message)
})

test('prompts that are no ids', async () => {
  for (const [prompts, hint] of [
    ['你好', 'the tokenizer'],
    [5, '{ input_ids }'],
    [null, '{ input_ids }'],
  ] as const) {
    const failing = model.generate(prompts as never)
    await expect(failing).rejects.toMatchObject({ code: 'INPUT_CHOICE' })
    await expect(failing).rejects.toThrow(hint)
  }
})

test('position_ids and head_mask that do not fit', async () => {
  const wrong: [string, object][] = [
    ['SHAPE', { position_ids: [[1]] }],
    ['ID_RANGE', { position_ids: [[1, 96]] }],
    ['SHAPE', { head_mask: [1, 1, 1] }],
    ['SHAPE', { head_mask: [[[[[1, 0]]]], [[[[1, 0]]]]] }],
  ]
  for (const [code, inputs] of wrong) {
    await expect(model.generate({ input_ids: [[5, 6]], ...inputs })).rejects.toMatchObject({ code })
  }
  using one = await model.generate(
    [
      [5, 6],
      [7, 8],
    ],
    { position_ids: [[3, 9]], max_new_tokens: 3, eos_token_id: null },
  )
  const both = {
    position_ids: [
      [3, 9],
      [3, 9],
    ],
  }
  using two = await model.generate(
    [
      [5, 6],
      [7, 8],
    ],
    { ...both, max_new_tokens: 3, eos_token_id: null },
  )
  expect(one.tolist()).toEqual(two.tolist())
})

test('two generations cannot share a cache at the same time; one after the other they can', async () => {
  using cache = model.forward({ input_ids: [[93]], use_cache: true }).past_key_values!
  const prompt = { input_ids: [[93, 21]], past_key_values: cache }
  const first = model.generate(prompt, { max_new_tokens: 2 })
  await expect(model.generate(prompt, { max_new_tokens: 2 })).rejects.toMatchObject({ code: 'CACHE_BUSY' })
  using found = await first
  cache.crop(1)
  using again = await model.generate(prompt, { max_new_tokens: 2 })
  expect(again.tolist()).toEqual(found.tolist())
})

test('what an option forbids another does not allow again: an end that comes too early stays forbidden', async () => {
  const script = [0, 1, 2, 3, 4, 5]
  const decay = { exponential_decay_length_penalty: [0, 2], eos_token_id: 5 } as const
  for (const options of [{ min_new_tokens: 3 }, { forced_eos_token_id: 2 }]) {
    for (const do_sample of [false, true]) {
      const all = { ...decay, ...options, do_sample, top_k: 1, max_new_tokens: 3 }
      const { rows } = await runAll(new ScriptedModel([script]), [[1]], all)
      expect(rows[0]!.at(-1)).toBe('forced_eos_token_id' in options ? 5 : 4)
    }
  }
})

test('max_length beside max_new_tokens has no effect, and a warning says so', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  using found = await model.generate([[5, 6]], { max_length: 4, max_new_tokens: 3, eos_token_id: null })
  expect(found.shape).toEqual([1, 5])
  const said = warn.mock.calls.map(([text]) => String(text))
  expect(said.filter(text => text.includes('max_new_tokens (3) and max_length (4)'))).toHaveLength(1)
  warn.mockRestore()
})

test('who reads a TextIteratorStreamer hears of options and prompts that are refused', async () => {
  const read = async (streamer: TextIteratorStreamer) => {
    for await (const _ of streamer) expect.unreachable()
  }
  const refused: [unknown, object, string][] = [
    [[[5, 6]], { max_new_tokens: -1 }, 'GENERATION_VALUE'],
    [[[5, 6]], { max_new_token: 1 }, 'UNKNOWN_OPTION'],
    [[[5, 600]], {}, 'ID_RANGE'],
    ['text', {}, 'INPUT_CHOICE'],
    [[[5, 6]], { num_beams: 2 }, 'STREAM_BEAMS'],
  ]
  for (const [prompts, options, code] of refused) {
    const streamer = new TextIteratorStreamer(tokenizer)
    const reading = read(streamer)
    await expect(model.generate(prompts as never, { ...options, streamer })).rejects.toMatchObject({ code })
    await expect(reading).rejects.toMatchObject({ code })
  }
})

test('streamers refuse what is no tokenizer and options that they do not have', () => {
  for (const make of [TextStreamer, TextIteratorStreamer]) {
    expect(() => new make(undefined as never)).toThrow(expect.objectContaining({ code: 'STREAMER_TOKENIZER' }))
    const typo = () => new make(tokenizer, { skip_promt: true } as object)
    expect(typo).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
    expect(typo).toThrow('did you mean skip_prompt?')
  }
})

test('a single prompt with a padding token that also ends texts is warned of without a mask', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const options = { pad_token_id: 77, eos_token_id: 77, max_new_tokens: 1 }
  for (const prompt of [[[5, 6]], [[77, 6]]]) (await model.generate(prompt, options)).dispose()
  const said = warn.mock.calls.map(([text]) => String(text))
  expect(said).toEqual([
    'generate: without attention_mask nobody knows whether 77 is padding or the end of a text: hand it in.',
  ])
  warn.mockRestore()
})
