// The options of generate(): values out of range and names that do not exist are refused before the first step.
import { expect, test } from 'vitest'
import { type GenerationOptions, resolveConfig } from '../../src/generation/config.ts'

const resolve = (options: object, fromModel: GenerationOptions = {}) => resolveConfig(options, fromModel, 3)

test("Hugging Face's defaults", () => {
  expect(resolve({})).toMatchObject({
    maxLength: 20,
    do_sample: false,
    temperature: 1,
    top_k: 50,
    top_p: 1,
    repetition_penalty: 1,
    num_return_sequences: 1,
    use_cache: true,
    pad: undefined,
    seed: undefined,
  })
  expect(resolve({}).eos).toEqual(new Set())
})

test('options come before generation_config.json', () => {
  expect(resolve({ top_k: 3 }, { top_k: 7, temperature: 0.5 })).toMatchObject({ top_k: 3, temperature: 0.5 })
  expect(resolve({}, { eos_token_id: 4 })).toMatchObject({ pad: 4 })
  expect(resolve({ pad_token_id: 1 }, { eos_token_id: 4 })).toMatchObject({ pad: 1 })
})

test.each([
  ['max_new_tokens', 0],
  ['max_new_tokens', -1],
  ['max_new_tokens', 1.5],
  ['max_length', 0],
  ['temperature', 0],
  ['temperature', -1],
  ['temperature', Number.NaN],
  ['temperature', Infinity],
  ['top_k', -1],
  ['top_k', 2.5],
  ['top_p', 1.5],
  ['top_p', -0.1],
  ['top_p', Number.NaN],
  ['repetition_penalty', 0],
  ['repetition_penalty', -1],
  ['num_return_sequences', 0],
  ['num_return_sequences', 3],
  ['seed', -1],
  ['seed', 0.5],
  ['eos_token_id', -1],
  ['eos_token_id', [2, 'x']],
  ['pad_token_id', 1.5],
])('%s = %s is refused', (name, value) => {
  expect(() => resolve({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'GENERATION_VALUE', fields: { option: name } }),
  )
})

test('the temperature error says what to do instead', () => {
  expect(() => resolve({ temperature: 0 })).toThrow('do_sample: false')
})

test.each([
  ['top_k', 0],
  ['top_k', 1e9],
  ['top_p', 0],
  ['top_p', 1],
  ['seed', 0],
])('%s = %s is taken', (name, value) => {
  expect(() => resolve({ [name]: value })).not.toThrow()
})

test('num_return_sequences is fine with sampling', () => {
  expect(resolve({ num_return_sequences: 3, do_sample: true }).num_return_sequences).toBe(3)
})

test('a slip in a name is an error that knows the right one', () => {
  expect(() => resolve({ max_new_token: 3 })).toThrow('did you mean max_new_tokens?')
  expect(() => resolve({ zzz: 3 })).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
})

test.each([
  'num_beams',
  'min_p',
  'no_repeat_ngram_size',
  'bad_words_ids',
  'stop_strings',
  'output_scores',
  'streamer',
  'constructor',
])('%s is refused by name, not ignored', name => {
  const value = name === 'bad_words_ids' ? [[1]] : name === 'output_scores' ? true : 3
  const code = name === 'constructor' ? 'UNKNOWN_OPTION' : 'UNSUPPORTED_OPTION'
  expect(() => resolve({ [name]: value })).toThrow(expect.objectContaining({ code }))
  expect(() => resolve({ [name]: value })).toThrow(name)
})

test('options that are off change nothing and are taken', () => {
  const off = {
    num_beams: 1,
    min_length: 0,
    no_repeat_ngram_size: 0,
    bad_words_ids: null,
    typical_p: 1,
    stop_strings: undefined,
  }
  expect(() => resolve(off)).not.toThrow()
})

test('a prompt as long as max_length leaves no room', () => {
  expect(() => resolve({ max_length: 3 })).toThrow(expect.objectContaining({ code: 'TOO_LONG' }))
  expect(() => resolve({ max_length: 4 })).not.toThrow()
})
