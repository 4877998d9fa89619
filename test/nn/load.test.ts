// Loading compares names and shapes once, tells all faults together, and changes nothing when it refuses.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { NamedTensors } from '../../src/checkpoint/safetensorsWriter.ts'
import {
  AutoModel,
  AutoModelForCausalLM,
  AutoModelForMaskedLM,
  AutoModelForSequenceClassification,
  type Backend,
  BertForMaskedLM,
  BertForSequenceClassification,
  BertModel,
  GPT2LMHeadModel,
  GPT2Model,
  openBackend,
  set_seed,
  type Tensor,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'
import { changedFolder, type FileEntry } from './changedFolder.ts'

let folder: string
let backend: Backend

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-load-'))
  backend = await openBackend('reference')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The test's folder as a golden one with its tensors changed. */
const modelWith = (name: string, change: (entries: FileEntry[]) => NamedTensors) => changedFolder(folder, name, change)

const input_ids = [[5, 17, 42, 99]]
const numbers = (tensor: Tensor) => Array.from(tensor.data)

test('all faults are told at once, and nothing stays in memory', async () => {
  modelWith('gpt2-lm', entries => [
    ...entries
      .filter(([name]) => name !== 'transformer.h.0.ln_1.weight')
      .map(
        ([name, tensor]): FileEntry =>
          name === 'transformer.h.1.mlp.c_fc.weight' ? [name, { ...tensor, shape: [128, 32] }] : [name, tensor],
      ),
    ['transformer.h.2.ln_1.weight', { dtype: 'F32', shape: [32], data: new Uint8Array(128) }],
  ])
  await expect(GPT2LMHeadModel.from_pretrained(folder, { backend })).rejects.toMatchObject({
    code: 'CHECKPOINT_MISMATCH',
    message: `GPT2LMHeadModel and model.safetensors differ in 3 places:
  missing     transformer.h.0.ln_1.weight (32,)
  wrong shape transformer.h.1.mlp.c_fc.weight: model (32, 128), file (128, 32)
  unexpected  transformer.h.2.ln_1.weight (32,)`,
  })
  expect(backend.live).toBe(0)
})

test('a prefix in front of the names may be there or not, in both directions', async () => {
  const head = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
  const wanted = numbers(head.forward({ input_ids }).logits)
  modelWith('gpt2-lm', entries =>
    entries.map(([name, tensor]): FileEntry => [name.replace(/^transformer\./, ''), tensor]),
  )
  const bare = await GPT2LMHeadModel.from_pretrained(folder, { backend })
  expect(numbers(bare.forward({ input_ids }).logits)).toEqual(wanted)
  const body = await GPT2Model.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
  const { last_hidden_state } = head.transformer.forward({ input_ids })
  expect(numbers(body.forward({ input_ids }).last_hidden_state)).toEqual(numbers(last_hidden_state))
  const bert = await BertModel.from_pretrained(goldenPath('weights/bert-seqcls'), { backend })
  const classifier = await BertForSequenceClassification.from_pretrained(goldenPath('weights/bert-seqcls'), { backend })
  expect(numbers(bert.forward({ input_ids }).pooler_output!)).toEqual(
    numbers(classifier.bert.forward({ input_ids }).pooler_output!),
  )
})

test('masks that old checkpoints store are no weights', async () => {
  modelWith('gpt2-lm', entries => [
    ...entries,
    ['transformer.h.0.attn.bias', { dtype: 'F32', shape: [1, 1, 2, 2], data: new Uint8Array(16) }],
    ['transformer.h.0.attn.masked_bias', { dtype: 'F32', shape: [1], data: new Uint8Array(4) }],
  ])
  const model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
  expect(model.forward({ input_ids }).logits.shape).toEqual([1, 4, 228])
})

test('tied weights are one parameter, whether the file has the second name or not', async () => {
  const model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
  expect(model.lm_head.weight).toBe(model.transformer.wte.weight)
  modelWith('gpt2-lm', entries => [
    ...entries,
    ['lm_head.weight', entries.find(([name]) => name.endsWith('wte.weight'))![1]],
  ])
  await expect(GPT2LMHeadModel.from_pretrained(folder, { backend })).resolves.toBeInstanceOf(GPT2LMHeadModel)
  const masked = await BertForMaskedLM.from_pretrained(goldenPath('weights/bert-mlm'), { backend })
  expect(masked.cls.predictions.decoder.weight).toBe(masked.bert.embeddings.word_embeddings.weight)
  expect(masked.cls.predictions.decoder.bias).toBe(masked.cls.predictions.bias)
})

test('weights may be stored as float64', async () => {
  const plain = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
  modelWith('gpt2-lm', entries =>
    entries.map(([name, { shape, data }]) => {
      const wide = Float64Array.from(new Float32Array(data.buffer))
      return [name, { dtype: 'F64', shape, data: new Uint8Array(wide.buffer) }]
    }),
  )
  const double = await GPT2LMHeadModel.from_pretrained(folder, { backend })
  expect(numbers(double.forward({ input_ids }).logits)).toEqual(numbers(plain.forward({ input_ids }).logits))
})

test('an untied head needs weights of its own', async () => {
  modelWith('gpt2-lm', entries => entries)
  const config = { ...JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')), tie_word_embeddings: false }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  await expect(GPT2LMHeadModel.from_pretrained(folder, { backend })).rejects.toThrow(
    'missing     lm_head.weight (228, 32)',
  )
})

test('a classifier that the file lacks starts afresh from the seed, and says so in one sentence', async () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()
  try {
    const load = (seed: number) =>
      BertForSequenceClassification.from_pretrained(goldenPath('weights/bert-model'), { backend, seed })
    const [one, same, other] = [await load(101), await load(101), await load(102)]
    const logits = (model: BertForSequenceClassification) => numbers(model.forward({ input_ids }).logits)
    expect(logits(one)).toEqual(logits(same))
    expect(logits(one)).not.toEqual(logits(other))
    expect(logits(one)).toHaveLength(2)
    const messages = emitted.mock.calls.map(([message]) => message)
    const report = (
      seed: number,
    ) => `BertForSequenceClassification LOAD REPORT from: ${goldenPath('weights/bert-model/model.safetensors')}
Key               | Status
------------------+--------
classifier.bias   | MISSING
classifier.weight | MISSING

- classifier is new: it started with random numbers (seed ${seed}). Train it before you trust its scores.`
    expect(messages).toEqual([report(101), report(102)])
    expect(Array.from(one.classifier.bias!.value.data)).toEqual([0, 0])
    const plain = goldenPath('weights/bert-model')
    const lastMessage = () => String(emitted.mock.lastCall?.[0])
    const unseeded = await BertForSequenceClassification.from_pretrained(plain, { backend })
    const repeated = await load(Number(/\(seed (\d+)\)/.exec(lastMessage())?.[1]))
    expect(logits(repeated)).toEqual(logits(unseeded))
    set_seed(101)
    const seeded = await BertForSequenceClassification.from_pretrained(plain, { backend })
    expect(logits(seeded)).toEqual(logits(one))
    expect(lastMessage()).toContain('started with random numbers (set_seed(101)). Train')
  } finally {
    emitted.mockRestore()
  }
})

test('num_labels and other config fields may be given on loading', async () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()
  try {
    const three = await AutoModelForSequenceClassification.from_pretrained(goldenPath('weights/bert-model'), {
      backend,
      num_labels: 3,
      seed: 1,
    })
    expect(three.forward({ input_ids }).logits.shape).toEqual([1, 3])
    expect(three.config.id2label).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2'])
    const named = await AutoModelForSequenceClassification.from_pretrained(goldenPath('weights/bert-model'), {
      backend,
      id2label: { 0: '差', 1: '好' },
      seed: 1,
    })
    expect(named.config.id2label).toEqual(['差', '好'])
  } finally {
    emitted.mockRestore()
  }
  const wrong = AutoModelForSequenceClassification.from_pretrained(goldenPath('weights/bert-seqcls'), {
    backend,
    num_labels: 3,
  })
  await expect(wrong).rejects.toThrow('wrong shape classifier.weight: model (3, 32), file (2, 32)')
})

test('a slip in an option of from_pretrained is an error', async () => {
  const slip = GPT2Model.from_pretrained(goldenPath('weights/gpt2-model'), { bakend: 'reference' })
  await expect(slip).rejects.toMatchObject({
    code: 'UNKNOWN_OPTION',
    message: expect.stringContaining("did you mean 'backend'?"),
  })
  const double = GPT2Model.from_pretrained(goldenPath('weights/gpt2-model'), { dtype: 'float64' as 'float32' })
  await expect(double).rejects.toMatchObject({ code: 'UNSUPPORTED_DTYPE' })
  const backendName = GPT2Model.from_pretrained(goldenPath('weights/gpt2-model'), { backend: 'wsam' as 'wasm' })
  await expect(backendName).rejects.toThrow("did you mean 'wasm'?")
})

test('the Auto classes choose by config.json', async () => {
  expect(await AutoModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })).toBeInstanceOf(GPT2Model)
  expect(await AutoModel.from_pretrained(goldenPath('weights/bert-seqcls'), { backend })).toBeInstanceOf(BertModel)
  expect(await AutoModelForCausalLM.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })).toBeInstanceOf(
    GPT2LMHeadModel,
  )
  const wrong = AutoModelForMaskedLM.from_pretrained(goldenPath('weights/gpt2-lm'))
  await expect(wrong).rejects.toMatchObject({ code: 'NO_SUCH_HEAD' })
})

test.each([
  ['FOLDER_MISSING', () => undefined],
  ['CONFIG_MISSING', () => undefined],
  ['CONFIG_JSON', () => writeFileSync(join(folder, 'config.json'), '{')],
  ['WEIGHTS_MISSING', () => writeFileSync(join(folder, 'config.json'), '{"model_type":"gpt2"}')],
  ['LFS_POINTER', () => withWeights('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n')],
  ['NOT_SAFETENSORS', () => withWeights('<!DOCTYPE html><html><body>Log in</body></html>')],
  ['HEADER_TOO_SMALL', () => withWeights('')],
])('%s is a clear error', async (code, prepare) => {
  prepare()
  const path = code === 'FOLDER_MISSING' ? join(folder, 'nowhere') : folder
  await expect(AutoModel.from_pretrained(path, { backend })).rejects.toMatchObject({ name: 'FileError', code })
  expect(backend.live).toBe(0)
})

function withWeights(text: string): void {
  writeFileSync(join(folder, 'config.json'), '{"model_type":"gpt2"}')
  writeFileSync(join(folder, 'model.safetensors'), text)
}

test('a folder that is a file, and one without weights that are read, say what to do', async () => {
  await expect(AutoModel.from_pretrained(goldenPath('weights/gpt2-lm/config.json'))).rejects.toMatchObject({
    code: 'NOT_A_FOLDER',
  })
  writeFileSync(join(folder, 'config.json'), '{"model_type":"gpt2"}')
  writeFileSync(join(folder, 'tf_model.h5'), 'x')
  await expect(AutoModel.from_pretrained(folder)).rejects.toThrow('only tf_model.h5')
})

test('weights that the model has no use for are named in one warning', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  modelWith('gpt2-lm', entries => [
    ...entries,
    ['transformer.h.2.ln_1.weight', { dtype: 'F32', shape: [32], data: new Uint8Array(128) }],
  ])
  const model = await GPT2LMHeadModel.from_pretrained(folder, { backend })
  model.dispose()
  expect(warn.mock.calls.map(([text]) => String(text))).toEqual([
    expect.stringMatching(/transformer\.h\.2\.ln_1\.weight \| UNEXPECTED[\s\S]*fewer layers than the file/),
  ])
  warn.mockRestore()
})

test.each([undefined, null, 5])('%s is no folder', async path => {
  await expect(AutoModel.from_pretrained(path as never)).rejects.toMatchObject({
    name: 'FileError',
    code: 'FOLDER_MISSING',
  })
})
