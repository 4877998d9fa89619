// The options of from_pretrained about files and names, and what the load report says.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { TensorData } from '../../src/checkpoint/safetensorsWriter.ts'
import {
  AutoModel,
  AutoModelForSequenceClassification,
  type Backend,
  BertForSequenceClassification,
  BertModel,
  GPT2ForSequenceClassification,
  GPT2LMHeadModel,
  GPT2Model,
  openBackend,
  pipeline,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'
import { changedFolder } from './changedFolder.ts'

let folder: string
let backend: Backend
const emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-names-'))
  backend = await openBackend('reference')
  emitted.mockClear()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Entry = [name: string, tensor: TensorData]

/** The test's folder as a golden one with its tensors changed. */
const changed = (name: string, change: (entries: Entry[]) => Entry[]) => changedFolder(folder, name, change)

const renamed = (change: (name: string) => string) => (entries: Entry[]) =>
  entries.map(([name, tensor]): Entry => [change(name), tensor])
const zeros = (shape: readonly number[]): TensorData => {
  const length = shape.reduce((product, dim) => product * dim, 1)
  return { dtype: 'F32', shape, data: new Float32Array(length) }
}
const logits = (model: GPT2LMHeadModel): number[] => Array.from(model.forward({ input_ids: [[1, 2, 3]] }).logits.data)
const reports = (): string[] => emitted.mock.calls.map(([text]) => String(text))

describe('names', () => {
  test('key_mapping renames by patterns, the first that matches, before the prefix is looked at', async () => {
    const wanted = logits(await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend }))
    changed(
      'gpt2-lm',
      renamed(name => name.replace('transformer.h.', 'decoder.layers.').replace('transformer.', 'decoder.')),
    )
    const key_mapping = {
      '^decoder\\.layers\\.(\\d+)': 'transformer.h.$1',
      '^decoder\\.': 'transformer.',
      '^transformer': 'never',
    }
    const model = await GPT2LMHeadModel.from_pretrained(folder, { backend, key_mapping })
    expect(logits(model)).toEqual(wanted)
    expect(reports()).toEqual([])
    const bare = await GPT2LMHeadModel.from_pretrained(folder, {
      backend,
      key_mapping: { '^decoder\\.layers\\.': 'h.', '^decoder\\.': '' },
    })
    expect(logits(bare)).toEqual(wanted)
  })

  test('a pattern that is none, and mappings that are none, are refused', async () => {
    const load = (key_mapping: unknown) =>
      GPT2Model.from_pretrained(goldenPath('weights/gpt2-lm'), {
        backend,
        key_mapping: key_mapping as Record<string, string>,
      })
    await expect(load({ '(': 'x' })).rejects.toMatchObject({
      code: 'OPTION_VALUE',
      message: expect.stringContaining("'('"),
    })
    for (const wrong of ['x', 5, [], { a: 5 }])
      await expect(load(wrong)).rejects.toMatchObject({ code: 'OPTION_VALUE' })
  })

  test('two names that become one are told', async () => {
    changed('bert-seqcls', entries => [...entries, ['bert.embeddings.LayerNorm.gamma', zeros([32])]])
    await expect(BertModel.from_pretrained(folder, { backend })).rejects.toMatchObject({
      name: 'LoadError',
      code: 'NAME_CLASH',
      fields: {
        names: expect.arrayContaining(['bert.embeddings.LayerNorm.gamma', 'bert.embeddings.LayerNorm.weight']),
      },
    })
  })

  test('stored buffers are no weights: positions of BERT, masks of GPT-2', async () => {
    changed('bert-seqcls', entries => [
      ...entries,
      ['bert.embeddings.position_ids', { dtype: 'I64', shape: [1, 4], data: new BigInt64Array(4) }],
      ['bert.embeddings.token_type_ids', { dtype: 'I64', shape: [1, 4], data: new BigInt64Array(4) }],
    ])
    await BertForSequenceClassification.from_pretrained(folder, { backend })
    changed('gpt2-model', entries => [
      ...entries,
      ['h.0.attn.bias', { dtype: 'BOOL', shape: [1, 1, 2, 2], data: new Uint8Array(4) }],
      ['h.1.attn.masked_bias', zeros([])],
    ])
    await GPT2LMHeadModel.from_pretrained(folder, { backend })
    expect(reports()).toEqual([])
  })

  test('a head’s own weights in front of a bare body are not taken for it', async () => {
    changed('bert-seqcls', entries => [...entries, ['pooler.dense.weight', zeros([32, 32])]])
    const [, info] = await BertModel.from_pretrained(folder, { backend, output_loading_info: true })
    expect(info.unexpected_keys).toEqual(['classifier.bias', 'classifier.weight', 'pooler.dense.weight'])
  })

  test.each([
    ['F16', 2],
    ['BF16', 2],
    ['F64', 8],
    ['I64', 8],
    ['I32', 4],
    ['I16', 2],
    ['I8', 1],
    ['U8', 1],
    ['BOOL', 1],
  ] as const)('weights of type %s are read', async (dtype, width) => {
    changed('gpt2-lm', entries =>
      entries.map(([name, { shape }]): Entry => {
        const length = shape.reduce((product, dim) => product * dim, 1)
        return [
          name,
          { dtype, shape, data: name.endsWith('ln_f.bias') ? ones(dtype, length) : new Uint8Array(length * width) },
        ]
      }),
    )
    const model = await GPT2Model.from_pretrained(folder, { backend })
    expect(Array.from(model.ln_f.bias.value.data)).toEqual(new Array(32).fill(1))
    expect(Array.from(model.ln_f.weight.value.data)).toEqual(new Array(32).fill(0))
  })
})

function ones(dtype: string, length: number): ArrayBufferView {
  if (dtype === 'F16') return new Uint16Array(length).fill(0x3c00)
  if (dtype === 'BF16') return new Uint16Array(length).fill(0x3f80)
  if (dtype === 'F64') return new Float64Array(length).fill(1)
  if (dtype === 'I64') return new BigInt64Array(length).fill(1n)
  const Integers = { I32: Int32Array, I16: Int16Array, I8: Int8Array, U8: Uint8Array, BOOL: Uint8Array }[dtype]
  return new Integers!(length).fill(1)
}

describe('files', () => {
  test('pytorch_model.bin is read unless allow_pickle is false', async () => {
    const path = goldenPath('weights/gpt2-lm/bin')
    const wanted = logits(await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend }))
    expect(logits(await GPT2LMHeadModel.from_pretrained(path, { backend }))).toEqual(wanted)
    const refused = AutoModel.from_pretrained(path, { backend, allow_pickle: false })
    await expect(refused).rejects.toMatchObject({ name: 'FileError', code: 'PICKLE_NOT_ALLOWED' })
    await expect(AutoModel.from_pretrained(path, { backend, use_safetensors: true })).rejects.toMatchObject({
      code: 'WEIGHTS_MISSING',
    })
  })

  test('a variant is read by its name', async () => {
    changed('gpt2-lm', entries => entries)
    copyFileSync(join(folder, 'model.safetensors'), join(folder, 'model.mine.safetensors'))
    rmSync(join(folder, 'model.safetensors'))
    const model = await GPT2LMHeadModel.from_pretrained(folder, { backend, variant: 'mine' })
    expect(model.backend).toBe(backend)
    await expect(GPT2LMHeadModel.from_pretrained(folder, { backend })).rejects.toMatchObject({
      code: 'WEIGHTS_MISSING',
    })
  })

  test.each([
    ['allow_pickle', 'no'],
    ['use_safetensors', 1],
    ['variant', 5],
    ['ignore_mismatched_sizes', 'yes'],
  ])('%s may not be %j', async (option, value) => {
    const load = GPT2Model.from_pretrained(goldenPath('weights/gpt2-lm'), { backend, [option]: value })
    await expect(load).rejects.toMatchObject({ code: 'OPTION_VALUE', message: expect.stringContaining(option) })
  })

  test('a slip in one of them has a near name', async () => {
    const load = GPT2Model.from_pretrained(goldenPath('weights/gpt2-lm'), { backend, allow_pickel: false })
    await expect(load).rejects.toMatchObject({
      code: 'UNKNOWN_OPTION',
      message: expect.stringContaining("'allow_pickle'"),
    })
  })

  test('a pipeline takes them, but for output_loading_info', async () => {
    const options = { backend, model_kwargs: { allow_pickle: false } }
    await expect(pipeline('text-classification', goldenPath('weights/bert-seqcls/bin'), options)).rejects.toMatchObject(
      {
        code: 'PICKLE_NOT_ALLOWED',
      },
    )
    for (const own of [{ output_loading_info: true }, { model_kwargs: { output_loading_info: true } }]) {
      await expect(
        pipeline('text-classification', goldenPath('weights/bert-seqcls'), { backend, ...own } as object),
      ).rejects.toMatchObject({
        code: 'UNSUPPORTED_OPTION',
      })
    }
  })
})

describe('the load report', () => {
  const path = (name: string): string => goldenPath(`weights/${name}/model.safetensors`)

  test('names what belongs to another head', async () => {
    await AutoModel.from_pretrained(goldenPath('weights/bert-pretraining'), { backend })
    expect(reports()).toEqual([
      `BertModel LOAD REPORT from: ${path('bert-pretraining')}
Key                                        | Status
-------------------------------------------+-----------
cls.predictions.bias                       | UNEXPECTED
cls.predictions.transform.LayerNorm.bias   | UNEXPECTED
cls.predictions.transform.LayerNorm.weight | UNEXPECTED
cls.predictions.transform.dense.bias       | UNEXPECTED
cls.predictions.transform.dense.weight     | UNEXPECTED
cls.seq_relationship.bias                  | UNEXPECTED
cls.seq_relationship.weight                | UNEXPECTED

- cls.* belongs to the pre-training head, which BertModel does not have.`,
    ])
  })

  test('names what started afresh, and what has another shape, which is an error unless it is asked for', async () => {
    const load = (options: object) =>
      AutoModelForSequenceClassification.from_pretrained(goldenPath('weights/bert-seqcls'), {
        backend,
        seed: 1,
        num_labels: 7,
        ...options,
      })
    await expect(load({})).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      fields: {
        mismatched: [{ name: 'classifier.weight', file: [2, 32], model: [7, 32] }, { name: 'classifier.bias' }],
      },
    })
    const model = await load({ ignore_mismatched_sizes: true })
    expect(model.forward({ input_ids: [[1, 2]] }).logits.shape).toEqual([1, 7])
    expect(reports()).toEqual([
      `BertForSequenceClassification LOAD REPORT from: ${path('bert-seqcls')}
Key               | Status   | Details
------------------+----------+----------------------------
classifier.weight | MISMATCH | file (2, 32), model (7, 32)
classifier.bias   | MISMATCH | file (2,), model (7,)

- classifier has another shape in the file, so it started with random numbers (seed 1). Train it before you trust its scores.`,
    ])
    const again = await load({ ignore_mismatched_sizes: true })
    expect(again.state_dict().get('classifier.weight')!.data).toEqual(model.state_dict().get('classifier.weight')!.data)
  })

  test('folds layers, and says when the file has more of them', async () => {
    const more = Array.from({ length: 12 }, (_, i): Entry => [`transformer.h.${i + 2}.ln_1.weight`, zeros([32])])
    changed('gpt2-lm', entries => [
      ...entries,
      ...more,
      ['transformer.h.5.ln_1.bias', zeros([32])],
      ['transformer.h.7.ln_1.bias', zeros([32])],
    ])
    await GPT2LMHeadModel.from_pretrained(folder, { backend })
    const [report] = reports()
    expect(report!.split('\n').slice(3)).toEqual([
      'transformer.h.{2...13}.ln_1.weight | UNEXPECTED',
      'transformer.h.{5, 7}.ln_1.bias     | UNEXPECTED',
      '',
      '- GPT2LMHeadModel has fewer layers than the file: is config.json that of these weights?',
    ])
  })

  test('says what it cannot explain', async () => {
    changed('gpt2-seqcls', entries => [...entries, ['adapters.3.down', zeros([2])]])
    await GPT2ForSequenceClassification.from_pretrained(folder, { backend })
    expect(reports()[0]).toContain('has no place for adapters.*.down: fine if you know what it is')
  })

  test('is not written when nothing differs', async () => {
    const [, info] = await GPT2LMHeadModel.fromPretrained(goldenPath('weights/gpt2-lm'), {
      backend,
      output_loading_info: true,
    })
    expect(info).toEqual({ missing_keys: [], unexpected_keys: [], mismatched_keys: [], error_msgs: [] })
    expect(reports()).toEqual([])
  })

  test('output_loading_info works for Auto classes too, and false is as nothing', async () => {
    const [model, info] = await AutoModel.from_pretrained(goldenPath('weights/bert-seqcls'), {
      backend,
      output_loading_info: true,
    })
    expect(model).toBeInstanceOf(BertModel)
    expect(info.unexpected_keys).toEqual(['classifier.bias', 'classifier.weight'])
    const plain = await AutoModel.from_pretrained(goldenPath('weights/bert-seqcls'), {
      backend,
      output_loading_info: false,
    })
    expect(plain).toBeInstanceOf(BertModel)
  })
})
