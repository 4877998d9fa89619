// Every processor alone and in chains gives Hugging Face's scores, and generate() applies them in Hugging Face's order.
import { expect, test } from 'vitest'
import { GenerationConfig, type GenerationValues } from '../../src/generation/config.ts'
import { buildChain } from '../../src/generation/processors/build.ts'
import type { LogitsProcessor } from '../../src/index.ts'
import * as vitrine from '../../src/index.ts'
import { type GoldenTensor, golden, numbersOf } from '../golden.ts'
import { expectScores } from './scores.ts'

interface Given {
  readonly input_ids: GoldenTensor
  readonly scores: GoldenTensor
  readonly out: GoldenTensor
}
type Kwargs = Readonly<Record<string, unknown>>
type ProcessorCase = { readonly class: string; readonly kwargs: Kwargs } & (Given | { readonly error: string })
type Chain = { readonly chain: readonly (readonly [string, Kwargs])[] } & Given

const { cases, chains } = golden<{ cases: readonly ProcessorCase[]; chains: readonly Chain[] }>(
  'generate/logits_processors.json',
)

/** How each class is made of Hugging Face's named arguments. */
function make(name: string, kwargs: Kwargs): LogitsProcessor {
  const { min_tokens_to_keep, filter_value } = kwargs
  const options = {
    ...(min_tokens_to_keep !== undefined && { min_tokens_to_keep }),
    ...(filter_value !== undefined && { filter_value }),
  }
  const named = Object.keys(kwargs).filter(key => !(key in options) && key !== 'prompt_ignore_length')
  const ignored =
    kwargs.prompt_ignore_length === undefined ? [] : [{ prompt_ignore_length: kwargs.prompt_ignore_length }]
  const values = named.map(key => argumentOf(kwargs[key]))
  const args = Object.keys(options).length > 0 ? [...values, options] : [...values, ...ignored]
  const made: unknown = Reflect.construct(Reflect.get(vitrine, name) as new () => LogitsProcessor, args)
  return made as LogitsProcessor
}

/** Ids of an encoder are a tensor, infinite numbers a text. */
function argumentOf(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'shape' in value) {
    const tensor = value as GoldenTensor
    const [rows = 1, length = 1] = tensor.shape
    const ids = numbersOf(tensor)
    return Array.from({ length: rows }, (_, row) => ids.slice(row * length, (row + 1) * length))
  }
  if (Array.isArray(value)) return value.map(argumentOf)
  return value === 'inf' ? Infinity : value === null ? undefined : value
}

function apply(processors: readonly LogitsProcessor[], { input_ids, scores }: Given): Float32Array {
  const [rows = 1, length = 1] = input_ids.shape
  const V = scores.shape[1]!
  const ids = Int32Array.from(numbersOf(input_ids))
  const out = Float32Array.from(numbersOf(scores))
  for (let row = 0; row < rows; row++) {
    for (const processor of processors) {
      const logits = out.subarray(row * V, (row + 1) * V)
      processor.process({ ids: ids.subarray(row * length, (row + 1) * length), logits, step: 0, row })
    }
  }
  return out
}

/** Cases of classes that are not here: guidance in one batch, which no text model uses. */
const others = ['ClassifierFreeGuidanceLogitsProcessor']
/** Hugging Face refuses 1 where it wants 1.0; Hamming diversity was called without its groups. */
const pythonOnly = ['(=1)', 'missing 2 required positional arguments']

const own = cases.filter(item => !others.includes(item.class))

test('there are all cases', () => {
  expect(cases).toHaveLength(82)
  expect(own).toHaveLength(80)
})

const good = own.filter((item): item is ProcessorCase & Given => 'out' in item)

test.each(good.map((item, i) => [i, item.class, JSON.stringify(item.kwargs), item] as const))(
  '%i %s %s',
  (_, name, __, item) => {
    expectScores(apply([make(name, item.kwargs)], item), numbersOf(item.out))
  },
)

const bad = own.filter(item => 'error' in item && !pythonOnly.some(part => item.error.includes(part)))

test.each(bad.map(item => [item.class, JSON.stringify(item.kwargs), item] as const))(
  '%s refuses %s',
  (name, _, item) => {
    const scores = { dtype: 'float32', shape: [1, 24], data: new Array<number>(24).fill(0) }
    const input_ids = { dtype: 'int64', shape: [1, 2], data: [1, 2] }
    expect(() => apply([make(name, item.kwargs)], { input_ids, scores, out: scores })).toThrow(
      expect.objectContaining({ code: 'GENERATION_VALUE' }),
    )
  },
)

test.each(chains.map(item => [item.chain.map(([name]) => name).join(' '), item] as const))('%s', (_, item) => {
  expectScores(
    apply(
      item.chain.map(([name, kwargs]) => make(name, kwargs)),
      item,
    ),
    numbersOf(item.out),
  )
})

interface Order {
  readonly options: Kwargs
  readonly order: readonly string[]
}

function orderOf(values: GenerationValues, eos: readonly number[]): string[] {
  const chain = buildChain({
    config: new GenerationConfig(values),
    options: {},
    eos,
    least: values.min_new_tokens ? 3 + values.min_new_tokens : (values.min_length ?? 0),
    most: 20,
    promptLength: 3,
    prompts: [Int32Array.of(7, 8, 9)],
    rowsOfPrompt: 1,
    padding: [0],
    unconditional: () => () => new Float32Array(24),
  })
  return chain.all().map(processor => processor.constructor.name)
}

test.each(golden<readonly Order[]>('generate/processor_order.json').map(item => [item.order.length, item] as const))(
  'the order of %i processors',
  (_, { options, order }) => {
    const { sequence_bias, eos_token_id, ...others } = options
    const values = { ...others, ...(sequence_bias !== undefined && { sequence_bias: [[[9], 1]] }) } as GenerationValues
    expect(orderOf(values, [eos_token_id as number])).toEqual(order)
  },
)

test('the order of all processors, with those of other versions', () => {
  const values: GenerationValues = {
    ...{ guidance_scale: 2, sequence_bias: [[[9], 1]], num_beams: 4, num_beam_groups: 2, diversity_penalty: 1 },
    ...{ encoder_repetition_penalty: 1.1, repetition_penalty: 1.1, no_repeat_ngram_size: 2 },
    ...{ encoder_no_repeat_ngram_size: 2, bad_words_ids: [[1]], min_length: 9, min_new_tokens: 3 },
    ...{ forced_bos_token_id: 1, forced_eos_token_id: 2, remove_invalid_values: true, suppress_tokens: [3] },
    ...{ exponential_decay_length_penalty: [1, 2] as const, begin_suppress_tokens: [4], renormalize_logits: true },
  }
  expect(orderOf(values, [6])).toEqual([
    ...['UnbatchedClassifierFreeGuidanceLogitsProcessor', 'SequenceBiasLogitsProcessor'],
    ...['HammingDiversityLogitsProcessor', 'EncoderRepetitionPenaltyLogitsProcessor'],
    ...['RepetitionPenaltyLogitsProcessor', 'NoRepeatNGramLogitsProcessor', 'EncoderNoRepeatNGramLogitsProcessor'],
    ...['NoBadWordsLogitsProcessor', 'MinLengthLogitsProcessor', 'MinNewTokensLengthLogitsProcessor'],
    ...['ForcedBOSTokenLogitsProcessor', 'ForcedEOSTokenLogitsProcessor', 'InfNanRemoveLogitsProcessor'],
    ...['ExponentialDecayLengthPenalty', 'SuppressTokensLogitsProcessor', 'SuppressTokensAtBeginLogitsProcessor'],
    'LogitNormalization',
  ])
  const drawn = { do_sample: true, temperature: 2, top_h: 0.5, top_k: 3, top_p: 0.5, min_p: 0.1, typical_p: 0.5 }
  expect(orderOf({ ...drawn, epsilon_cutoff: 0.1, eta_cutoff: 0.1 }, [])).toEqual([
    ...['TemperatureLogitsWarper', 'TopHLogitsWarper', 'TopKLogitsWarper', 'TopPLogitsWarper', 'MinPLogitsWarper'],
    ...['TypicalLogitsWarper', 'EpsilonLogitsWarper', 'EtaLogitsWarper'],
  ])
})

const newer = golden<{ scores: GoldenTensor; top_h: readonly { top_h: number; out: GoldenTensor }[] }>(
  'generate/newer.json',
)

test.each(newer.top_h.map(item => [item.top_h, item] as const))('TopHLogitsWarper %d', (_, { top_h, out }) => {
  const [rows = 1, V = 1] = newer.scores.shape
  const scores = Float32Array.from(numbersOf(newer.scores))
  const warper = new vitrine.TopHLogitsWarper(top_h)
  for (let row = 0; row < rows; row++) {
    warper.process({ ids: new Int32Array(1), logits: scores.subarray(row * V, (row + 1) * V), step: 0, row })
  }
  expectScores(scores, numbersOf(out))
})
