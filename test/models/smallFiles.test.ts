// Models that are saved small: what comes back is the very same model, and a file that is not whole is refused by name.
import fs from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { ReferenceBackend } from '../../src/backends/reference.ts'
import { WasmBackend } from '../../src/backends/wasm/wasm.ts'
import { openSafetensors } from '../../src/checkpoint/safetensors.ts'
import { type TensorData, writeSafetensors } from '../../src/checkpoint/safetensorsWriter.ts'
import type { PackedKind } from '../../src/dtype.ts'
import {
  AutoModelForCausalLM,
  AutoModelForMaskedLM,
  AutoModelForSequenceClassification,
  type Backend,
  type FromPretrainedOptions,
  GPT2LMHeadModel,
  GPT2Model,
  type PreTrainedModel,
} from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { goldenPath } from '../golden.ts'

const kinds = ['int8', 'q4'] as const satisfies readonly PackedKind[]
const weights = (name: string): string => goldenPath(`weights/${name}`)
const root = temporaryFolder()
const reference = new ReferenceBackend()
let made = 0
const newFolder = (): string => join(root, String(made++))

beforeAll(() => {
  vi.spyOn(process, 'emitWarning').mockReturnValue()
})

/** Both architectures, and sizes that no block and no panel divides. */
const models: Readonly<Record<string, (backend: Backend, dtype: PackedKind) => Promise<PreTrainedModel>>> = {
  'GPT-2': (backend, dtype) => AutoModelForCausalLM.from_pretrained(weights('gpt2-lm'), { backend, dtype }),
  'GPT-2 with a layer for scores': (backend, dtype) =>
    AutoModelForCausalLM.from_pretrained(weights('gpt2-untied'), { backend, dtype }),
  BERT: (backend, dtype) => AutoModelForMaskedLM.from_pretrained(weights('bert-mlm'), { backend, dtype }),
  'BERT with a classifier': (backend, dtype) =>
    AutoModelForSequenceClassification.from_pretrained(weights('bert-seqcls5'), { backend, dtype }),
  'GPT-2 of odd sizes': async (backend, dtype) =>
    GPT2LMHeadModel.from_config(
      { n_embd: 44, n_inner: 70, n_head: 4, n_layer: 3, n_positions: 9, vocab_size: 61, initializer_range: 0.3 },
      { backend, dtype, seed: 3 },
    ),
}

/** The scores of a few tokens, whatever the model. */
function scores(model: PreTrainedModel): number[] {
  const { backend } = model
  return backend.scope(() => {
    const input_ids = backend.tensor([[5, 9, 12, 7]], { dtype: 'int32' })
    const { logits } = Reflect.apply(model.forward, model, [{ input_ids }])
    return Array.from(logits.data)
  })
}

/** Every weight by name, as the numbers it stands for. */
function numbersOf(model: PreTrainedModel): Map<string, readonly number[]> {
  return new Map(Array.from(model.named_parameters(), ([name, { value }]) => [name, Array.from(value.data)]))
}

const kindsOf = (model: PreTrainedModel) => Array.from(model.named_parameters(), ([name, { dtype }]) => [name, dtype])

const loadAs = (model: PreTrainedModel, folder: string, options: FromPretrainedOptions) =>
  (model.constructor as typeof GPT2LMHeadModel).from_pretrained(folder, options)

onEachBackend('a small model', (backend, name) => {
  const here = name === 'tfjs' ? [] : kinds
  const cases = here.flatMap(kind => Object.keys(models).map(model => [model, kind] as const))

  test.each(cases)('%s saved as %s comes back bit for bit', async (title, kind) => {
    const { live, bytes } = backend
    const model = await models[title]!(backend, kind)
    const wanted = { scores: scores(model), numbers: numbersOf(model), kinds: kindsOf(model) }
    const folder = newFolder()
    const paths = await model.save_pretrained(folder)
    expect(paths).toContain(join(folder, 'model.safetensors'))
    for (const dtype of [undefined, 'auto', kind] as const) {
      using again = await loadAs(model, folder, { backend, dtype })
      expect(again.dtype).toBe(kind)
      expect(again.get_memory_footprint()).toBe(model.get_memory_footprint())
      expect({ scores: scores(again), numbers: numbersOf(again), kinds: kindsOf(again) }).toEqual(wanted)
    }
    const copy = newFolder()
    using again = await loadAs(model, folder, { backend })
    await again.save_pretrained(copy)
    for (const file of fs.readdirSync(folder)) {
      expect(fs.readFileSync(join(copy, file)).equals(fs.readFileSync(join(folder, file))), file).toBe(true)
    }
    again.dispose()
    model.dispose()
    expect([backend.live, backend.bytes]).toEqual([live, bytes])
  })

  test.each(cases)('%s saved as %s is the same file on every back end', async (title, kind) => {
    const [here, there] = [newFolder(), newFolder()]
    using model = await models[title]!(backend, kind)
    using other = await models[title]!(reference, kind)
    await model.save_pretrained(here)
    await other.save_pretrained(there)
    const file = 'model.safetensors'
    expect(fs.readFileSync(join(here, file)).equals(fs.readFileSync(join(there, file)))).toBe(true)
  })

  test.each(cases)('%s saved as %s in several files, and read as float32', async (title, kind) => {
    const folder = newFolder()
    using model = await models[title]!(backend, kind)
    const paths = await model.save_pretrained(folder, { max_shard_size: '5KB' })
    expect(paths.length).toBeGreaterThan(3)
    using again = await loadAs(model, folder, { backend })
    expect(scores(again)).toEqual(scores(model))
    using full = await loadAs(model, folder, { backend, dtype: 'float32' })
    expect(full.dtype).toBe('float32')
    expect(numbersOf(full)).toEqual(numbersOf(model))
    const whole = newFolder()
    await full.save_pretrained(whole)
    using file = openSafetensors(join(whole, 'model.safetensors'))
    expect(file.metadata.get('format')).toBe('pt')
  })

  test.each(name === 'tfjs' ? kinds : [])(
    'of %s is read as float32 where that is all, and refused as small',
    async kind => {
      using small = await models.BERT!(reference, kind)
      const folder = newFolder()
      await small.save_pretrained(folder)
      using model = await AutoModelForMaskedLM.from_pretrained(folder, { backend })
      expect(model.dtype).toBe('float32')
      expect(numbersOf(model)).toEqual(numbersOf(small))
      const asked = AutoModelForMaskedLM.from_pretrained(folder, { backend, dtype: kind })
      await expect(asked).rejects.toMatchObject({ code: 'UNSUPPORTED_DTYPE' })
    },
  )
})

describe('a folder of a small model', () => {
  const backend = WasmBackend.open()
  const folders = new Map<PackedKind, string>()

  beforeAll(async () => {
    for (const kind of kinds) {
      using model = await models['GPT-2']!(backend, kind)
      const folder = newFolder()
      await model.save_pretrained(folder)
      folders.set(kind, folder)
    }
  })

  test('says what it is, and is as small as it should be', () => {
    for (const kind of kinds) {
      const file = join(folders.get(kind)!, 'model.safetensors')
      using opened = openSafetensors(file)
      expect(opened.metadata).toEqual(new Map([...Object.entries({ format: 'vitrine', weights: kind })]))
      const { dtype, shape } = opened.tensors.get('transformer.h.0.mlp.c_fc.weight_packed')!
      expect({ dtype, shape }).toEqual(
        kind === 'int8' ? { dtype: 'I8', shape: [32, 128] } : { dtype: 'U8', shape: [16, 128] },
      )
      expect(fs.statSync(file).size).toBeLessThan(0.5 * fs.statSync(weights('gpt2-lm/model.safetensors')).size)
    }
  })

  test.each(kinds)('as %s loads as another class of the architecture, and as another dtype', async kind => {
    const folder = folders.get(kind)!
    using model = await models['GPT-2']!(backend, kind)
    using body = await GPT2Model.from_pretrained(folder, { backend })
    expect(numbersOf(body).get('h.1.mlp.c_fc.weight')).toEqual(numbersOf(model).get('transformer.h.1.mlp.c_fc.weight'))
    using other = await GPT2LMHeadModel.from_pretrained(folder, { backend, dtype: 'float16' })
    expect(other.dtype).toBe('float16')
    const { loaded, total } = await progressOf(folder)
    expect(loaded).toBe(total)
  })

  async function progressOf(folder: string): Promise<{ loaded: number; total: number }> {
    let last = { loaded: 0, total: 0 }
    const progress_callback: FromPretrainedOptions['progress_callback'] = info => {
      if (info.status === 'progress') last = { loaded: info.loaded, total: info.total }
    }
    using _ = await GPT2LMHeadModel.from_pretrained(folder, { backend, progress_callback })
    return last
  }

  type Tensors = Map<string, TensorData>
  const table = 'transformer.wte.weight'
  const product = 'transformer.h.0.attn.c_attn.weight'
  const change = (part: string, by: (tensor: TensorData) => TensorData) => (tensors: Tensors) =>
    tensors.set(part, by(tensors.get(part)!))
  const poke =
    (at: number, ...bytes: number[]) =>
    ({ dtype, shape, data }: TensorData): TensorData => {
      const copy = Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      copy.set(bytes, at)
      return { dtype, shape, data: copy }
    }
  const turned = ({ dtype, shape, data }: TensorData): TensorData => ({ dtype, shape: [...shape].reverse(), data })

  const faults: readonly (readonly [what: string, kind: PackedKind, change: (tensors: Tensors) => unknown])[] = [
    ['without scales', 'int8', tensors => tensors.delete(`${product}_scale`)],
    ['without scales', 'q4', tensors => tensors.delete(`${product}_scale`)],
    ['without a shape', 'q4', tensors => tensors.delete(`${product}_shape`)],
    ['with scales of another shape', 'int8', change(`${table}_scale`, turned)],
    ['with scales of another shape', 'q4', change(`${product}_scale`, turned)],
    ['with scales for another dim', 'int8', change(`${product}_scale`, turned)],
    ['with too few codes', 'q4', tensors => tensors.set(`${product}_packed`, tensors.get(`${table}_scale`)!)],
    ['with scales of another type', 'q4', change(`${product}_scale`, tensor => ({ ...tensor, dtype: 'F16' }))],
    ['with codes of another type', 'int8', change(`${product}_packed`, tensor => ({ ...tensor, dtype: 'BOOL' }))],
    ['with a scale of NaN', 'int8', change(`${product}_scale`, poke(8, 0, 0, 0xc0, 0x7f))],
    ['with an infinite scale', 'int8', change(`${table}_scale`, poke(0, 0, 0, 0x80, 0xff))],
    ['with a scale of NaN', 'q4', change(`${product}_scale`, poke(2, 0x81, 0x7f))],
    ['with a code that is none', 'int8', change(`${product}_packed`, poke(77, 0x80))],
    ['with a negative dim', 'q4', change(`${product}_shape`, poke(0, 0xff, 0xff, 0xff, 0xff))],
    ['with a shape of more numbers', 'q4', change(`${product}_shape`, poke(0, 33))],
    ['small and in full', 'int8', tensors => tensors.set(product, tensors.get('transformer.ln_f.bias')!)],
  ]

  function changed(kind: PackedKind, by: (tensors: Tensors) => unknown, metadata?: Record<string, string>): string {
    const [from, folder] = [folders.get(kind)!, newFolder()]
    fs.mkdirSync(folder)
    fs.copyFileSync(join(from, 'config.json'), join(folder, 'config.json'))
    using file = openSafetensors(join(from, 'model.safetensors'))
    const tensors: Tensors = new Map(
      Array.from(file.tensors, ([name, { shape, byteLength }]) => {
        const { dtype, read } = file.source(name)
        const data = new Uint8Array(byteLength)
        read(data, 0)
        return [name, { dtype, shape, data }] as const
      }),
    )
    by(tensors)
    writeSafetensors(join(folder, 'model.safetensors'), tensors, metadata ?? file.metadata)
    return folder
  }

  /** The code of the error that loading throws; nothing of the model may stay. */
  async function codeOf(folder: string, dtype?: 'float32'): Promise<unknown> {
    const { live, bytes } = backend
    const error = await GPT2LMHeadModel.from_pretrained(folder, { backend, dtype }).catch(caught => caught)
    expect([backend.live, backend.bytes]).toEqual([live, bytes])
    return error.code
  }

  test.each(faults)('%s as %s is refused', async (_, kind, by) => {
    const folder = changed(kind, by)
    expect(await codeOf(folder)).toBe('PACKED_WEIGHT')
    expect(await codeOf(folder, 'float32')).toBe('PACKED_WEIGHT')
  })

  test('is refused when its metadata is of a kind that is not known, or is lost', async () => {
    expect(await codeOf(changed('q4', () => {}, { format: 'vitrine', weights: 'int2' }))).toBe('PACKED_WEIGHT')
    expect(await codeOf(changed('q4', () => {}, { format: 'vitrine' }))).toBe('PACKED_WEIGHT')
    expect(await codeOf(changed('q4', () => {}, { format: 'pt' }))).toBe('CHECKPOINT_MISMATCH')
  })

  test('is compared with the config before anything is read', async () => {
    const folder = changed('int8', () => {})
    const path = join(folder, 'config.json')
    const config = JSON.parse(fs.readFileSync(path, 'utf8'))
    fs.writeFileSync(path, JSON.stringify({ ...config, n_inner: 64 }))
    expect(await codeOf(folder)).toBe('CHECKPOINT_MISMATCH')
  })

  test.each(kinds)('as %s cut off anywhere is refused', async kind => {
    const whole = fs.readFileSync(join(folders.get(kind)!, 'model.safetensors'))
    const folder = changed(kind, () => {})
    for (let cut = 1; cut <= 40; cut++) {
      fs.writeFileSync(join(folder, 'model.safetensors'), whole.subarray(0, Math.floor((whole.length * cut) / 41)))
      expect(await codeOf(folder)).toMatch(/^(TRUNCATED|HEADER_LENGTH|HEADER_TOO_SMALL)$/)
    }
  })
})
