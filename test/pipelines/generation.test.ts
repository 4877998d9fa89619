// What text-generation adds to generate(): streams of text, its own defaults, what comes back beside texts.
import { expect, test } from 'vitest'
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  type GeneratedText,
  GenerationConfig,
  pipeline,
  TextGenerationPipeline,
  TextIteratorStreamer,
  TextStreamer,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const folder = goldenPath('weights/gpt2-lm')
const greedy = { do_sample: false, max_new_tokens: 6, eos_token_id: null } as const
const prompt = '今天你好 hello world'

async function read(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

test('a streamer gets the text as it comes, and the result is the same', async () => {
  const generator = await pipeline('text-generation', folder)
  const wanted = await generator(prompt, greedy)
  let text = ''
  const streamer = new TextStreamer(generator.tokenizer, {
    skip_prompt: true,
    skip_special_tokens: true,
    callback_function: piece => {
      text += piece
    },
  })
  expect(await generator(prompt, { ...greedy, streamer })).toEqual(wanted)
  expect(`${prompt} ${text}`).toBe(wanted[0]!.generated_text)
  const iterator = new TextIteratorStreamer(generator.tokenizer, { skip_prompt: true, skip_special_tokens: true })
  const [streamed] = await Promise.all([read(iterator), generator(prompt, { ...greedy, streamer: iterator })])
  expect(streamed).toBe(text)
  expect(await read(generator.stream(prompt, greedy))).toBe(` ${text}`)
})

test('stream() begins without a prompt, and gives one text whose beginning is certain', async () => {
  const generator = await pipeline('text-generation', folder, { ...greedy, add_special_tokens: false })
  const [{ generated_text }] = (await generator('')) as [GeneratedText]
  expect(await read(generator.stream(''))).toBe(generated_text)
  await expect(read(generator.stream(prompt, { num_return_sequences: 2, do_sample: true }))).rejects.toMatchObject({
    code: 'OPTION_VALUE',
  })
  await expect(read(generator.stream(prompt, { num_beams: 2 }))).rejects.toMatchObject({ code: 'STREAM_BEAMS' })
  await expect(read(generator.stream(prompt, { topk: 2 } as object))).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
})

test('a list of empty prompts', async () => {
  const generator = await pipeline('text-generation', folder, { ...greedy, add_special_tokens: false })
  const one = await generator('')
  expect(await generator(['', ''], { batch_size: 2 })).toEqual([one, one])
})

test("options of generate() may be the pipeline's, and null switches one off", async () => {
  const model = await AutoModelForCausalLM.from_pretrained(folder)
  const tokenizer = await AutoTokenizer.from_pretrained(folder)
  const generator = new TextGenerationPipeline(model, tokenizer, { ...greedy, return_full_text: false })
  expect(generator.generation_config).toEqual({ temperature: 0.7, max_length: 32, ...greedy })
  expect(generator.defaults).toEqual({ return_full_text: false })
  const textOf = async (options = {}) => (await generator(prompt, options))[0]!.generated_text.trim().split(' ').length
  expect(await textOf()).toBe(6)
  expect(await textOf({ max_new_tokens: 3 })).toBe(3)
  expect(await textOf({ max_new_tokens: null, max_length: 12 })).toBe(4)
  expect(await textOf({ generation_config: new GenerationConfig({ max_new_tokens: 2, eos_token_id: 200 }) })).toBe(2)
})

test('scores and logits for each new token, the score of each text with beams', async () => {
  const generator = await pipeline('text-generation', folder, greedy)
  const rich = { return_dict_in_generate: true, output_scores: true, output_logits: true, output_attentions: true }
  const [first, second] = (await generator([prompt, '我他'], { ...rich, batch_size: 2 })).flat() as [
    GeneratedText,
    GeneratedText,
  ]
  const [alone] = (await generator(prompt, rich)) as [GeneratedText]
  expect(Object.keys(alone)).toEqual(['generated_text', 'scores', 'logits'])
  expect([alone.scores!.length, alone.scores![0]!.length, alone.logits!.length]).toEqual([6, 228, 6])
  expect([first.scores!.length, second.logits![0]!.length]).toEqual([6, 228])
  const beams = await generator(prompt, { ...rich, num_beams: 2, num_return_sequences: 2 })
  expect(beams.map(({ sequences_scores }) => typeof sequences_scores)).toEqual(['number', 'number'])
  expect(beams[0]!.sequences_scores!).toBeGreaterThan(beams[1]!.sequences_scores!)
})

test('nothing is left in memory', async () => {
  const generator = await pipeline('text-generation', folder, greedy)
  const { backend } = generator.model
  await generator(prompt)
  const before = backend.live
  const rich = {
    return_dict_in_generate: true,
    output_scores: true,
    output_hidden_states: true,
    output_attentions: true,
  }
  await generator(prompt, rich)
  await generator([prompt, '我'], { ...rich, batch_size: 2, num_beams: 2 })
  await read(generator.stream(prompt))
  expect(backend.live).toBe(before)
})

test('stop_strings use the tokenizer of the pipeline', async () => {
  const generator = await pipeline('text-generation', folder, { ...greedy, max_new_tokens: 20 })
  const [{ generated_text }] = (await generator(prompt, { stop_strings: '进' })) as [GeneratedText]
  expect(generated_text).toBe(`${prompt} d 到 进`)
})
