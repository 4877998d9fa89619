// Losses: which one it is, and what labels are refused. Hugging Face's numbers for them: variants.test.ts and
// golden.test.ts.
import { expect, test } from 'vitest'
import {
  BertForQuestionAnswering,
  BertForSequenceClassification,
  GPT2LMHeadModel,
  type LabelsLike,
  openBackend,
  type ProblemType,
} from '../../src/index.ts'

const backend = await openBackend('reference')
const config = { model_type: 'bert', vocab_size: 9, hidden_size: 4, num_hidden_layers: 1, num_attention_heads: 1 }
const small = { ...config, intermediate_size: 4, max_position_embeddings: 9, num_labels: 3, initializer_range: 0.5 }
const model = BertForSequenceClassification.from_config(small, { seed: 2, backend })
const input_ids = [
  [3, 4],
  [5, 6],
]
const rows = model.forward({ input_ids }).logits.tolist() as number[][]
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** -log of the softmax at one place. */
const surprise = (row: readonly number[], label: number): number =>
  Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[label]!
/** -log of the sigmoid of what is true, for one label. */
const doubt = (x: number, y: number): number =>
  -y * Math.log(1 / (1 + Math.exp(-x))) - (1 - y) * Math.log(1 - 1 / (1 + Math.exp(-x)))

const classes = mean([surprise(rows[0]!, 2), surprise(rows[1]!, 0)])
const flags = [
  [1, 0, 1],
  [0, 0, 1],
]
const several = mean(rows.flatMap((row, i) => row.map((x, j) => doubt(x, flags[i]![j]!))))
const squared = mean(rows.flatMap((row, i) => row.map((x, j) => (x - flags[i]![j]!) ** 2)))

test.each([
  ['a list of classes', [2, 0], undefined, classes],
  ['a column of classes', [[2], [0]], undefined, classes],
  ['BigInts', [2n, 0n], undefined, classes],
  ['an Int32Array', Int32Array.from([2, 0]), undefined, classes],
  ['a tensor of int32', backend.tensor([2, 0], { dtype: 'int32' }), undefined, classes],
  ['a tensor of float32', backend.tensor([2, 0]), undefined, classes],
  ['a text that does not count', [2, -100], undefined, surprise(rows[0]!, 2)],
  ['zeros and ones for each label', flags, undefined, several],
  ['a tensor of them', backend.tensor(flags), undefined, several],
  ['truth values', flags.map(row => row.map(Boolean)), undefined, several],
  ['numbers, for regression', flags, 'regression', squared],
  ['classes, said so', [2, 0], 'single_label_classification', classes],
] satisfies [string, LabelsLike, ProblemType | undefined, number][])('%s', (_, labels, problem_type, wanted) => {
  model.config.problem_type = problem_type
  const { loss } = model.forward({ input_ids, labels })
  expect(loss!.shape).toEqual([])
  expect(loss!.item()).toBeCloseTo(wanted, 5)
  model.config.problem_type = undefined
})

test('the loss of no label that counts is NaN, as in torch', () => {
  expect(model.forward({ input_ids, labels: [-100, -100] }).loss!.item()).toBeNaN()
})

test.each([
  ['LABEL_SHAPE', [1]],
  ['LABEL_SHAPE', [1, 1, 1]],
  [
    'LABEL_SHAPE',
    [
      [1, 2],
      [1, 2],
    ],
  ],
  ['LABEL_RANGE', [1, 3]],
  ['LABEL_RANGE', [1, -1]],
  ['ID_TYPE', [1, 0.5]],
  ['NUMBER_TYPE', ['1', '2']],
  [
    'NUMBER_TYPE',
    [
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ],
  ],
  ['EMPTY_INPUT', []],
  ['RAGGED', [[1], [1, 2]]],
])('labels are refused with %s: %j', (code, labels) => {
  const { live } = backend
  expect(() => model.forward({ input_ids, labels: labels as number[] })).toThrow(
    expect.objectContaining({ name: 'InputError', code }),
  )
  expect(backend.live).toBe(live)
})

test('what the errors say', () => {
  expect(() => model.forward({ input_ids, labels: [1, 3] })).toThrow(
    'labels: 3 is neither in 0..2 nor -100 (does not count)',
  )
  expect(() => model.forward({ input_ids, labels: [1] })).toThrow('labels: expected the shape (2,), got (1,)')
  model.config.problem_type = 'multi_label_classification'
  expect(() => model.forward({ input_ids, labels: [1, 0] })).toThrow('labels: expected the shape (2, 3), got (2,)')
  model.config.problem_type = undefined
  const spans = BertForQuestionAnswering.from_config({ ...small, num_labels: 2 }, { seed: 2, backend })
  const places = { start_positions: [0, 1], end_positions: [1] }
  expect(() => spans.forward({ input_ids, ...places })).toThrow('end_positions: expected the shape (2,), got (1,)')
})

test('answers have two ends', () => {
  const spans = BertForQuestionAnswering.from_config(small, { seed: 2, backend })
  expect(String(spans.qa_outputs)).toBe('Linear(in_features=4, out_features=3, bias=True)')
  expect(() => spans.forward({ input_ids })).toThrow(expect.objectContaining({ code: 'CONFIG_VALUE' }))
})

test('the next token is the label: the loss of a text against itself', () => {
  const poet = GPT2LMHeadModel.from_config(
    { model_type: 'gpt2', vocab_size: 9, n_embd: 4, n_layer: 1, n_head: 1, n_positions: 9 },
    { seed: 2, backend },
  )
  const text = [3, 4, 5, 6]
  const { loss, logits } = poet.forward({ input_ids: text, labels: text })
  const [scores] = logits.tolist() as number[][][]
  expect(loss!.item()).toBeCloseTo(mean([0, 1, 2].map(t => surprise(scores![t]!, text[t + 1]!))), 5)
  const masked = poet.forward({ input_ids: text, labels: [3, -100, 5, -100] })
  expect(masked.loss!.item()).toBeCloseTo(surprise(scores![1]!, 5), 5)
})
