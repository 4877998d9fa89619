// stream: true at /models/NAME: the events of text-generation-inference.
import { expect, test } from 'vitest'
import type { TextGenerationStreamOutput } from '../../src/index.ts'
import { AnswerText } from '../../src/serve/engine/answerText.ts'
import { eventsOf } from './events.ts'
import { poet, post, ready, shipped } from './serving.ts'

const server = await ready([shipped(poet)])
const path = `/models/${poet}`
const poem = { do_sample: false, max_new_tokens: 64, prefix: '[CLS]', add_special_tokens: false, compact: true }

test('an event for each token, the text and the reason in the last one', async () => {
  const body = { inputs: '春眠不觉晓，', parameters: poem, stream: true }
  const { status, type, events } = await eventsOf<TextGenerationStreamOutput>(server, path, body)
  expect([status, type]).toEqual([200, 'text/event-stream; charset=utf-8'])
  const [whole] = (await post(server, path, { ...body, stream: false })).body
  const last = events.at(-1)!
  expect(last.generated_text).toBe(whole.generated_text)
  expect(last.details).toEqual({ finish_reason: 'eos_token', generated_tokens: 19, input_length: 7, seed: null })
  expect(events.map(({ index }) => index)).toEqual(events.map((_, i) => i + 1))
  expect(events.slice(0, -1).every(event => event.generated_text === null && event.details === null)).toBe(true)
  const text = events.filter(({ token }) => !token.special).map(({ token }) => token.text)
  expect(`春眠不觉晓，${text.join('')}`).toBe(whole.generated_text)
  expect(Object.keys(events[0]!)).toEqual(['index', 'token', 'generated_text', 'details'])
  expect(Object.keys(events[0]!.token)).toEqual(['id', 'text', 'logprob', 'special'])
  expect(events[0]!.token.logprob).toBeLessThan(0)
})

test('return_full_text, a seed, stop texts and likely tokens', async () => {
  const parameters = { ...poem, do_sample: true, seed: 3, return_full_text: false, stop: ['。'], top_n_tokens: 2 }
  const body = { inputs: '秋夜：', parameters, stream: true }
  const { events } = await eventsOf<TextGenerationStreamOutput>(server, path, body)
  const last = events.at(-1)!
  expect(last.generated_text).toBe(events.map(({ token }) => token.text).join(''))
  expect(last.generated_text!.endsWith('。')).toBe(true)
  expect(last.details).toMatchObject({ finish_reason: 'stop_sequence', seed: 3 })
  for (const { top_tokens } of events) expect(top_tokens!.map(({ logprob }) => logprob)[0]).toBeLessThanOrEqual(0)
  expect((await eventsOf<TextGenerationStreamOutput>(server, path, body)).events).toEqual(events)
})

test('an error before the first token has its status', async () => {
  const { status, body } = await post(server, path, { inputs: '好', parameters: { max_new_tokens: -1 }, stream: true })
  expect([status, body.code, body.error_type]).toEqual([400, 'GENERATION_VALUE', 'validation'])
})

const letters = (stops: string[] = []) =>
  new AnswerText({ decode: ids => ids.map(id => String.fromCodePoint(id)).join(''), prompt: [62], stops })
const put = (text: AnswerText, letter: string) => {
  text.put(letter.codePointAt(0)!)
  return text.take()
}

test('what may become a stop text waits, and a stop text is no part of the answer', () => {
  const text = letters(['END', '--'])
  expect([...'aEN'].map(letter => put(text, letter))).toEqual(['a', '', ''])
  expect(put(text, 'x')).toBe('ENx')
  expect([...'-b-'].map(letter => put(text, letter))).toEqual(['', '-b', ''])
  expect([put(text, '-'), text.isStopped, text.text]).toEqual(['', true, 'aENx-b'])
})

test('half a character waits for the other half', () => {
  const bytes = [0xe5, 0xba, 0x8a]
  const decode = (ids: readonly number[]) => new TextDecoder().decode(Uint8Array.from(ids))
  const text = new AnswerText({ decode, prompt: [] })
  const pieces = bytes.map(byte => {
    text.put(byte)
    return text.take()
  })
  expect(pieces).toEqual(['', '', '床'])
  text.put(0xe5)
  expect([text.take(), text.take(true)]).toEqual(['', '\uFFFD'])
})
