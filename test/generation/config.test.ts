// Options and GenerationConfig: defaults, merging, files, and what is refused before the first step.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { GenerationConfig, type GenerationValues } from '../../src/generation/config.ts'
import { mergeParameters } from '../../src/generation/merge.ts'
import type { GenerationOptions } from '../../src/generation/options.ts'
import { defaultParameters, parameterNames } from '../../src/generation/parameters.ts'
import { PhrasalConstraint } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'
import { favour, run, runAll, ScriptedModel } from './scripted.ts'

interface ConfigCase {
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly json?: string
  readonly mode?: string
  /** Parameters of which Hugging Face says that they have no effect. */
  readonly issues?: readonly string[]
  readonly error?: string
}

interface MergeCase {
  readonly model: GenerationValues
  readonly generation_config: GenerationValues | null
  readonly kwargs: GenerationOptions
  readonly values: Readonly<Record<string, unknown>>
}

const { configs, merges } = golden<{ configs: readonly ConfigCase[]; merges: readonly MergeCase[] }>(
  'generate/configs.json',
)

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-'))
  folders.push(folder)
  return folder
}

/** What validate() finds to be without effect. */
function issuesOf(config: GenerationConfig): unknown {
  try {
    config.validate({ strict: true })
    return []
  } catch (error) {
    expect(error).toMatchObject({ code: 'GENERATION_FLAGS' })
    return (error as { fields: { options: unknown } }).fields.options
  }
}

describe("Hugging Face's GenerationConfig", () => {
  const good = configs.filter(item => item.error === undefined)
  // Here top_k counts in a contrastive search, of which transformers 4.57 does not know any more.
  const contrastive = (issues: readonly string[], mode?: string) => (mode === 'contrastive_search' ? [] : issues)

  test.each(good.map(item => [JSON.stringify(item.kwargs), item] as const))(
    '%s',
    (_, { kwargs, json, mode, issues }) => {
      const config = GenerationConfig.from_dict(kwargs)
      expect(config.to_json_string()).toBe(json)
      expect(config.get_generation_mode()).toBe(mode)
      expect(issuesOf(config)).toEqual(contrastive(issues!, mode))
    },
  )

  const bad = configs.filter(item => item.error !== undefined)
  test.each(bad.map(item => [JSON.stringify(item.kwargs), item] as const))('%s is refused', (_, { kwargs }) => {
    expect(() => new GenerationConfig(kwargs)).toThrow(expect.objectContaining({ name: 'ConfigError' }))
  })

  test.each(merges.map(item => [JSON.stringify([item.model, item.generation_config, item.kwargs]), item] as const))(
    'merged: %s',
    (_, { model, generation_config, kwargs, values }) => {
      const given = generation_config && new GenerationConfig(generation_config)
      const merged = mergeParameters(
        { ...kwargs, ...(given && { generation_config: given }) },
        new GenerationConfig(model),
      )
      const { transformers_version: __, ...own } = merged.to_diff_dict()
      expect(own).toEqual(values)
    },
  )
})

test('a config is written and read again, with fields that nobody knows', async () => {
  const folder = temporary()
  const values = {
    do_sample: true,
    temperature: 2,
    top_k: 5,
    stop_strings: ['。'],
    sequence_bias: [[[3, 4], 1]] as const,
  }
  const config = GenerationConfig.from_dict({ ...values, my_own: [1] })
  await config.save_pretrained(join(folder, 'new'))
  const text = readFileSync(join(folder, 'new', 'generation_config.json'), 'utf8')
  expect(text).toContain('"temperature": 2.0,')
  expect(text).toContain('"stop_strings": [\n    "\\u3002"\n  ]')
  expect(JSON.parse(text)).toEqual({ ...values, my_own: [1], transformers_version: '4.57.1' })
  const again = await GenerationConfig.from_pretrained(join(folder, 'new'))
  expect(again.to_json_string()).toBe(text)
  expect((await GenerationConfig.from_pretrained(join(folder, 'new'), { top_k: 9 })).top_k).toBe(9)
  expect(String(config)).toContain('GenerationConfig {\n  "do_sample": true,')
})

test('a config in another file, none, and what cannot be saved', async () => {
  const folder = temporary()
  await new GenerationConfig({ max_new_tokens: 3 }).save_pretrained(folder, { config_file_name: 'short.json' })
  expect((await GenerationConfig.from_pretrained(folder, { config_file_name: 'short.json' })).max_new_tokens).toBe(3)
  await expect(GenerationConfig.from_pretrained(folder)).rejects.toMatchObject({ code: 'FILE_MISSING' })
  await expect(GenerationConfig.from_pretrained(join(folder, 'none'))).rejects.toMatchObject({ code: 'FOLDER_MISSING' })
  await expect(new GenerationConfig({ top_p: 0.5 }).save_pretrained(folder)).rejects.toMatchObject({
    code: 'GENERATION_FLAGS',
  })
  const constrained = new GenerationConfig({ num_beams: 2, constraints: [new PhrasalConstraint([1])] })
  await expect(constrained.save_pretrained(folder)).rejects.toMatchObject({ code: 'UNSAVABLE' })
  writeFileSync(join(folder, 'generation_config.json'), '{"top_k": "many"}')
  await expect(GenerationConfig.from_pretrained(folder)).rejects.toMatchObject({ code: 'GENERATION_VALUE' })
})

test("a model's config gives special tokens and what old versions wrote into it", () => {
  const config = GenerationConfig.from_model_config({ eos_token_id: 4, bos_token_id: null, max_length: 50, n_layer: 2 })
  expect(config.to_diff_dict()).toEqual({ eos_token_id: 4, max_length: 50, transformers_version: '4.57.1' })
  expect(GenerationConfig.from_model_config({ output_attentions: true }).return_dict_in_generate).toBe(true)
})

test('null is no value where a parameter must have one, and off elsewhere', () => {
  const config = GenerationConfig.from_dict({ do_sample: null, num_beams: null, top_k: null, temperature: null })
  expect([config.do_sample, config.num_beams, config.top_k, config.temperature]).toEqual([false, 1, null, null])
})

test('update sets what it knows and gives back the rest; nothing but known names are taken by the constructor', () => {
  const config = new GenerationConfig()
  expect(config.update({ max_new_tokens: 4, other: 1 })).toEqual({ other: 1 })
  expect(config.max_new_tokens).toBe(4)
  expect(() => config.update({ max_new_tokens: 0 })).toThrow(expect.objectContaining({ code: 'GENERATION_VALUE' }))
  expect(() => new GenerationConfig({ max_new_token: 3 } as GenerationValues)).toThrow('did you mean max_new_tokens?')
  expect(() => new GenerationConfig({ streamer: null } as GenerationValues)).toThrow('give it to generate()')
})

const merge = (options: object, ofModel: GenerationValues = {}) =>
  mergeParameters(options, new GenerationConfig(ofModel))

test.each([
  ['max_new_tokens', 0],
  ['max_new_tokens', -1],
  ['max_new_tokens', 1.5],
  ['max_length', 0],
  ['min_length', -1],
  ['min_new_tokens', 0.5],
  ['temperature', -1],
  ['temperature', Number.NaN],
  ['temperature', Infinity],
  ['top_k', -1],
  ['top_k', 2.5],
  ['top_p', 1.5],
  ['top_p', -0.1],
  ['top_p', Number.NaN],
  ['top_p', '0.5'],
  ['min_p', 2],
  ['top_h', -1],
  ['typical_p', 0],
  ['epsilon_cutoff', 1.5],
  ['eta_cutoff', -1],
  ['repetition_penalty', 0],
  ['repetition_penalty', -1],
  ['encoder_repetition_penalty', 0],
  ['diversity_penalty', -1],
  ['length_penalty', Number.NaN],
  ['guidance_scale', 'x'],
  ['no_repeat_ngram_size', -1],
  ['num_beams', 0],
  ['num_beams', 1.5],
  ['num_beam_groups', 0],
  ['num_return_sequences', 0],
  ['num_return_sequences', 3],
  ['eos_token_id', -1],
  ['eos_token_id', [2, 'x']],
  ['pad_token_id', 1.5],
  ['forced_eos_token_id', 0.5],
  ['suppress_tokens', [-1]],
  ['max_time', -1],
  ['do_sample', 'yes'],
  ['output_scores', 1],
  ['dola_layers', 'middle'],
  ['dola_layers', []],
  ['num_assistant_tokens', 0],
  ['num_assistant_tokens_schedule', 'often'],
  ['prompt_lookup_num_tokens', 0],
  ['prefill_chunk_size', 0],
])('%s = %s is refused', (name, value) => {
  expect(() => merge({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'GENERATION_VALUE', fields: { option: name } }),
  )
})

test.each([
  [{ temperature: 0, do_sample: true }, 'do_sample: false'],
  [{ min_new_tokens: 5, max_new_tokens: 4 }, 'at most max_new_tokens, 4'],
  [{ num_beams: 2, num_return_sequences: 3 }, 'at most num_beams, 2'],
  [{ num_beams: 4, num_beam_groups: 3, diversity_penalty: 1 }, 'a divisor of num_beams, 4'],
  [{ num_beams: 4, num_beam_groups: 2 }, 'diversity_penalty'],
  [{ num_beams: 4, num_beam_groups: 2, diversity_penalty: 1, do_sample: true }, 'do not go together'],
  [{ force_words_ids: [[1]] }, 'needs num_beams above 1'],
  [{ force_words_ids: [[1]], num_beams: 2, do_sample: true }, 'do not go together'],
  [{ force_words_ids: [[1]], num_beams: 2, num_beam_groups: 2 }, 'do not go together'],
  [{ suppress_tokens: [4, 5], forced_eos_token_id: 4 }, 'suppress_tokens does not forbid'],
  [{ generation_config: { top_k: 3 } }, 'must be a GenerationConfig'],
])('%j is refused', (options, text) => {
  expect(() => merge(options)).toThrow(text)
  expect(() => merge(options)).toThrow(expect.objectContaining({ code: 'GENERATION_VALUE' }))
})

test.each([
  ['top_k', 0],
  ['top_k', 1e9],
  ['top_p', 0],
  ['top_p', 1],
  ['temperature', 0],
  ['pad_token_id', -1],
])('%s = %s is taken', (name, value) => {
  expect(() => merge({ [name]: value })).not.toThrow()
})

test('a slip in a name is an error that knows the right one', () => {
  expect(() => merge({ max_new_token: 3 })).toThrow('did you mean max_new_tokens?')
  expect(() => merge({ stopping_criterion: [] })).toThrow('did you mean stopping_criteria?')
  expect(() => merge({ zzz: 3 })).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
  expect(() => merge({ signal: {} })).toThrow(expect.objectContaining({ code: 'GENERATION_VALUE' }))
  expect(() => merge({ constructor: 3 })).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
})

test.each([
  ['decoder_start_token_id', 3, 'encoder and a decoder'],
  ['encoder_outputs', {}, 'encoder and a decoder'],
  ['custom_generate', 'somebody/something', 'never run'],
  ['trust_remote_code', true, 'never run'],
  ['compile_config', {}, 'nothing is compiled'],
  ['synced_gpus', true, 'one processor'],
  ['watermarking_config', {}, 'not part of this library'],
  ['token_healing', true, 'not part of this library'],
  ['low_memory', true, 'together'],
  ['assistant_tokenizer', {}, 'same vocabulary'],
  ['logits_to_keep', 1, 'output_logits'],
])('%s is refused by name, with the reason', (name, value, why) => {
  expect(() => merge({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED_OPTION', fields: { option: name } }),
  )
  expect(() => merge({ [name]: value })).toThrow(why)
  expect(() => merge({ [name]: null })).not.toThrow()
})

test('what is off changes nothing and is taken', () => {
  const off = {
    trust_remote_code: false,
    disable_compile: true,
    low_memory: false,
    token_healing: false,
    stop_strings: undefined,
  }
  expect(merge(off).to_diff_dict()).toEqual({ transformers_version: '4.57.1' })
})

test('a parameter without effect that the call sets is one warning; one of the model is none', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  try {
    merge({ do_sample: false }, { do_sample: true, temperature: 0.7 })
    expect(warn).not.toHaveBeenCalled()
    merge({ temperature: 0.71, top_p: 0.91 })
    merge({ temperature: 0.71, top_p: 0.91 })
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]![0]).toBe('generate: temperature, top_p have no effect without do_sample: true.')
  } finally {
    warn.mockRestore()
  }
})

test('a prompt that leaves no room, and lengths that cannot be reached', async () => {
  const model = () => new ScriptedModel([favour(3)], 8)
  const prompt = [[1, 2, 3]]
  await expect(run(model(), prompt, { max_length: 3 })).rejects.toMatchObject({ code: 'TOO_LONG' })
  await expect(run(model(), [[1, 1, 1, 1, 1, 1, 1, 1, 1]], {})).rejects.toMatchObject({ code: 'TOO_LONG' })
  await expect(run(model(), prompt, { min_length: 9, max_length: 5 })).rejects.toMatchObject({
    code: 'GENERATION_VALUE',
  })
  await expect(run(model(), prompt, { min_new_tokens: 9, max_length: 5 })).rejects.toMatchObject({
    code: 'GENERATION_VALUE',
  })
  expect((await run(model(), prompt, { max_length: 4 })).rows[0]).toHaveLength(4)
})

test.each(['eos_token_id', 'pad_token_id', 'forced_bos_token_id', 'forced_eos_token_id'])(
  '%s outside of the vocabulary is refused before the first step',
  async name => {
    const model = new ScriptedModel([favour(3)])
    await expect(run(model, [[1]], { [name]: 6 })).rejects.toMatchObject({ code: 'GENERATION_VALUE' })
    expect(model.asked).toHaveLength(0)
  },
)

test('tokens outside of the vocabulary in other options are refused too', async () => {
  const model = () => new ScriptedModel([favour(3)])
  for (const options of [
    { bad_words_ids: [[6]] },
    { suppress_tokens: [6] },
    { sequence_bias: [[[1, 6], 2]] as const },
    { force_words_ids: [[6]], num_beams: 2 },
    { prefix_allowed_tokens_fn: () => [6] },
  ]) {
    await expect(runAll(model(), [[1]], options)).rejects.toMatchObject({ code: 'GENERATION_VALUE' })
  }
})

test.each([
  [{ prompt_lookup_num_tokens: 2, use_cache: false }, [[1]], 'use_cache'],
  [{ prompt_lookup_num_tokens: 2 }, [[1], [2]], 'one prompt'],
  [{ prompt_lookup_num_tokens: 2, num_return_sequences: 2, do_sample: true }, [[1]], 'one answer'],
  [{ penalty_alpha: 0.6, top_k: 4, use_cache: false }, [[1]], 'use_cache'],
  [{ guidance_scale: 2, num_beams: 2 }, [[1]], 'not with beam search'],
  [{ dola_layers: 'low' as const }, [[1]], 'inner layers'],
])('%j of prompts %j is refused', async (options, prompts, text) => {
  await expect(runAll(new ScriptedModel([favour(3)]), prompts, options)).rejects.toMatchObject({ code: 'MODE' })
  await expect(runAll(new ScriptedModel([favour(3)]), prompts, options)).rejects.toThrow(text)
})

test('a wrong kind of processor or criterion is refused', async () => {
  const model = () => new ScriptedModel([favour(3)])
  for (const options of [{ logits_processor: [{}] }, { stopping_criteria: [{}] }, { logits_processor: 3 }]) {
    await expect(run(model(), [[1]], options as object as GenerationOptions)).rejects.toMatchObject({
      code: 'GENERATION_VALUE',
    })
  }
})

test('every parameter of the fixtures is one, and every parameter has its default', () => {
  const { cases } = golden<{ cases: readonly { kwargs: object }[] }>('generate/gpt2-lm.json')
  const used = new Set(cases.flatMap(({ kwargs }) => Object.keys(kwargs)))
  used.delete('assistant')
  expect([...used].filter(name => !(parameterNames as string[]).includes(name))).toEqual([])
  expect(parameterNames.length).toBeGreaterThan(55)
  expect(new GenerationConfig()).toMatchObject({ ...defaultParameters })
})

test('a file that transformers wrote is read', async () => {
  const config = await GenerationConfig.from_pretrained(goldenPath('weights/gpt2-lm'))
  expect([config.bos_token_id, config.eos_token_id, config.transformers_version]).toEqual([5, 6, '4.57.1'])
})
