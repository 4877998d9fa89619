// The Auto classes: which class they choose, what they refuse, and which models are theirs.
import { expect, test } from 'vitest'
import { modelClasses } from '../../models/auto.ts'
import * as vitrine from '../../src/index.ts'
import {
  AutoModel,
  AutoModelForCausalLM,
  AutoModelForMaskedLM,
  AutoModelForMultipleChoice,
  AutoModelForNextSentencePrediction,
  AutoModelForPreTraining,
  AutoModelForQuestionAnswering,
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
  BertConfig,
  BertLMHeadModel,
  BertModel,
  GPT2Config,
  GPT2DoubleHeadsModel,
  type PreTrainedModel,
} from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { goldenPath } from '../golden.ts'

/** By transformers/models/auto/modeling_auto.py. */
const chosen = [
  [AutoModel, 'BertModel', 'GPT2Model'],
  [AutoModelForPreTraining, 'BertForPreTraining', 'GPT2LMHeadModel'],
  [AutoModelForCausalLM, 'BertLMHeadModel', 'GPT2LMHeadModel'],
  [AutoModelForMaskedLM, 'BertForMaskedLM', undefined],
  [AutoModelForSequenceClassification, 'BertForSequenceClassification', 'GPT2ForSequenceClassification'],
  [AutoModelForTokenClassification, 'BertForTokenClassification', 'GPT2ForTokenClassification'],
  [AutoModelForQuestionAnswering, 'BertForQuestionAnswering', 'GPT2ForQuestionAnswering'],
  [AutoModelForMultipleChoice, 'BertForMultipleChoice', undefined],
  [AutoModelForNextSentencePrediction, 'BertForNextSentencePrediction', undefined],
] as const

const sizes = {
  bert: { hidden_size: 4, num_hidden_layers: 1, num_attention_heads: 1, intermediate_size: 4, is_decoder: true },
  gpt2: { n_embd: 4, n_layer: 1, n_head: 1, n_positions: 8 },
}
const config = (model_type: 'bert' | 'gpt2') => ({ model_type, vocab_size: 9, ...sizes[model_type] })

/** One model of each class, without weights. */
const models = new Map<string, PreTrainedModel>([
  ...modelClasses.bert.map(Class => [Class.name, new Class(new BertConfig(config('bert')))] as const),
  ...modelClasses.gpt2.map(Class => [Class.name, new Class(new GPT2Config(config('gpt2')))] as const),
])

test.each(chosen)('%o', (auto, forBert, forGpt2) => {
  for (const [type, name] of [
    ['bert', forBert],
    ['gpt2', forGpt2],
  ] as const) {
    if (name) expect(auto.from_config(config(type)).constructor.name).toBe(name)
    else expect(() => auto.from_config(config(type))).toThrow(expect.objectContaining({ code: 'NO_SUCH_HEAD' }))
  }
  const covered = [...models].filter(([, model]) => auto.covers(model)).map(([name]) => name)
  expect(new Set(covered)).toEqual(new Set([forBert, forGpt2].filter(name => name !== undefined)))
  class Studied extends BertModel {}
  expect(AutoModel.covers(new Studied(new BertConfig(config('bert'))))).toBe(true)
})

test('BERT continues texts as a decoder only', async () => {
  const folder = goldenPath('weights/bert-decoder')
  expect(await AutoModelForCausalLM.from_pretrained(folder)).toBeInstanceOf(BertLMHeadModel)
  const encoder = AutoModelForCausalLM.from_pretrained(folder, { is_decoder: false })
  await expect(encoder).rejects.toMatchObject({ code: 'NO_SUCH_HEAD', message: expect.stringContaining('is_decoder') })
  const plain = { ...config('bert'), is_decoder: false }
  expect(() => AutoModelForCausalLM.from_config(plain)).toThrow('unless is_decoder is true')
  expect(() => AutoModelForCausalLM.from_config(new BertConfig(plain))).toThrow('unless is_decoder is true')
  expect(AutoModelForCausalLM.from_config(new BertConfig(config('bert')))).toBeInstanceOf(BertLMHeadModel)
  expect(() => BertModel.from_config(new GPT2Config(config('gpt2')))).toThrow('this is a config of model_type')
})

test('every class is public', () => {
  const names = [...models.keys(), ...chosen.map(([auto]) => auto.name)]
  expect(names.filter(name => !(name in vitrine))).toEqual([])
  expect(names).toHaveLength(15 + 9)
})

onPlainBackends('texts continued', backend => {
  test.each([
    ['weights/bert-decoder', (folder: string) => BertLMHeadModel.from_pretrained(folder, { backend })],
    ['weights/gpt2-double', (folder: string) => GPT2DoubleHeadsModel.from_pretrained(folder, { backend })],
  ])('%s: with a cache or without, alone or in a padded batch', async (folder, load) => {
    const model = await load(goldenPath(folder))
    const options = { max_new_tokens: 5, eos_token_id: null, pad_token_id: 0 }
    const alone = (await model.generate([7, 8, 9], options)).tolist() as number[][]
    expect((await model.generate([7, 8, 9], { ...options, use_cache: false })).tolist()).toEqual(alone)
    const input_ids = [
      [0, 0, 7, 8, 9],
      [11, 12, 13, 14, 15],
    ]
    const attention_mask = input_ids.map(row => row.map(id => (id === 0 ? 0 : 1)))
    const batch = (await model.generate({ input_ids, attention_mask }, options)).tolist() as number[][]
    expect(batch[0]!.slice(2)).toEqual(alone[0])
  })
})
