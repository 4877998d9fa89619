// print(model): PyTorch's text byte for byte, for every class and profile.
import { inspect } from 'node:util'
import { expect, test, vi } from 'vitest'
import { modelClasses } from '../../models/auto.ts'
import {
  BertConfig,
  BertForSequenceClassification,
  BertModel,
  GPT2Config,
  Linear,
  Module,
  ModuleList,
  type PreTrainedModel,
  print,
} from '../../src/index.ts'
import { golden } from '../golden.ts'

interface Printed {
  readonly model: string
  readonly class: string
  readonly n_params: number
  readonly n_params_no_embeddings: number
  readonly state_dict_keys: readonly string[]
  /** Every module: path, class, parameters of it and those below, buffers. */
  readonly per_module: readonly (readonly [path: string, className: string, parameters: number, buffers: number])[]
}

const classes: Readonly<Record<string, (json: Record<string, unknown>) => PreTrainedModel>> = {
  ...Object.fromEntries(modelClasses.bert.map(Class => [Class.name, json => new Class(new BertConfig(json))])),
  ...Object.fromEntries(modelClasses.gpt2.map(Class => [Class.name, json => new Class(new GPT2Config(json))])),
}

const recorded = golden<readonly Printed[]>('prints/print_models.json').map(
  item => [item.model.replace('weights/', ''), item] as const,
)

function build({ model, class: name }: Printed): PreTrainedModel {
  return classes[name]!(golden<Record<string, unknown>>(`${model}/config.json`))
}

test('there are recorded prints', () => expect(recorded.length).toBe(17))

interface Environment {
  readonly prints: readonly {
    readonly model: string
    readonly class: string
    readonly options: { add_pooling_layer?: boolean }
    readonly print: string
  }[]
}

const environments = [
  ['course', 'course'],
  ['hf-4.57', 'hf-4.57-sdpa'],
  ['hf-4.57-eager', 'hf-4.57-eager'],
  ['hf-5', 'hf-5'],
] as const

test.each(environments)('profile %s prints every class as recorded in %s.json', (profile, file) => {
  const prints = golden<Environment>(`prints/${file}.json`).prints
  expect(prints.length).toBe(18)
  for (const { model: folder, class: name, options, print: wanted } of prints) {
    const json = golden<Record<string, unknown>>(`${folder}/config.json`)
    const model =
      options.add_pooling_layer === false ? new BertModel(new BertConfig(json), options) : classes[name]!(json)
    expect(model.toString({ profile }), `${name} of ${folder}`).toBe(wanted)
  }
})

test.each(recorded)('%s has the parameters and names of torch', (_, item) => {
  const model = build(item)
  expect(model.num_parameters()).toBe(item.n_params)
  expect(model.num_parameters({ exclude_embeddings: true })).toBe(item.n_params_no_embeddings)
  expect(Array.from(model.named_weights(), ([name]) => name)).toEqual(item.state_dict_keys)
})

test.each(recorded)('%s has the modules of torch, lists among them, under the same addresses', (_, item) => {
  const model = build(item)
  const modules = Array.from(model.named_modules(), ([path, module]) => {
    const parameters = new Set(Array.from(module.named_weights(), ([, parameter]) => parameter))
    return [path, String(module).split('(')[0], [...parameters].reduce((sum, { size }) => sum + size, 0)]
  })
  expect(modules).toEqual(item.per_module.map(row => row.slice(0, 3)))
  for (const [path] of item.per_module) expect(model.get_submodule(path)).toBeInstanceOf(Module)
})

const courseTree = `BertForSequenceClassification(
  (bert): BertModel(
    (embeddings): BertEmbeddings(
      (word_embeddings): Embedding(21128, 768, padding_idx=0)
      (position_embeddings): Embedding(512, 768)
      (token_type_embeddings): Embedding(2, 768)
      (LayerNorm): LayerNorm((768,), eps=1e-12, elementwise_affine=True)
      (dropout): Dropout(p=0.1, inplace=False)
    )
    (encoder): BertEncoder(
      (layer): ModuleList(
        (0-11): 12 x BertLayer(
          (attention): BertAttention(
            (self): BertSdpaSelfAttention(
              (query): Linear(in_features=768, out_features=768, bias=True)
              (key): Linear(in_features=768, out_features=768, bias=True)
              (value): Linear(in_features=768, out_features=768, bias=True)
              (dropout): Dropout(p=0.1, inplace=False)
            )
            (output): BertSelfOutput(
              (dense): Linear(in_features=768, out_features=768, bias=True)
              (LayerNorm): LayerNorm((768,), eps=1e-12, elementwise_affine=True)
              (dropout): Dropout(p=0.1, inplace=False)
            )
          )
          (intermediate): BertIntermediate(
            (dense): Linear(in_features=768, out_features=3072, bias=True)
            (intermediate_act_fn): GELUActivation()
          )
          (output): BertOutput(
            (dense): Linear(in_features=3072, out_features=768, bias=True)
            (LayerNorm): LayerNorm((768,), eps=1e-12, elementwise_affine=True)
            (dropout): Dropout(p=0.1, inplace=False)
          )
        )
      )
    )
    (pooler): BertPooler(
      (dense): Linear(in_features=768, out_features=768, bias=True)
      (activation): Tanh()
    )
  )
  (dropout): Dropout(p=0.1, inplace=False)
  (classifier): Linear(in_features=768, out_features=2, bias=True)
)`

const bertBaseChinese = () =>
  new BertForSequenceClassification(new BertConfig({ model_type: 'bert', vocab_size: 21128 }))

test("the course's tree is the default of String(model), console.log(model) and print(model)", () => {
  const model = bertBaseChinese()
  expect(String(model)).toBe(courseTree)
  expect(inspect(model)).toBe(courseTree)
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    expect(print(model)).toBe(courseTree)
    expect(write).toHaveBeenCalledExactlyOnceWith(`${courseTree}\n`)
  } finally {
    write.mockRestore()
  }
})

test('an unknown profile is refused with the nearest name', () => {
  const profile = 'hf-4.75' as 'hf-4.57'
  expect(() => bertBaseChinese().toString({ profile })).toThrow(expect.objectContaining({ code: 'UNKNOWN_PROFILE' }))
  expect(() => bertBaseChinese().toString({ profile })).toThrow("did you mean 'hf-4.57'?")
})

class Pair extends Module {
  layers = new ModuleList([new Linear(2, 3), new Linear(2, 3), new Linear(3, 2, { bias: false }), new Linear(2, 3)])
  none = new ModuleList<Linear>()
  override forward(): void {}
}

test('only neighbours that print alike share a line', () => {
  expect(String(new Pair())).toBe(`Pair(
  (layers): ModuleList(
    (0-1): 2 x Linear(in_features=2, out_features=3, bias=True)
    (2): Linear(in_features=3, out_features=2, bias=False)
    (3): Linear(in_features=2, out_features=3, bias=True)
  )
  (none): ModuleList()
)`)
})

test('a list of modules is a module: it prints, has an address, and is walked through', () => {
  const { layers, none } = new Pair()
  const text = `ModuleList(
  (0-1): 2 x Linear(in_features=2, out_features=3, bias=True)
  (2): Linear(in_features=3, out_features=2, bias=False)
  (3): Linear(in_features=2, out_features=3, bias=True)
)`
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  expect([String(layers), inspect(layers), print(layers)]).toEqual([text, text, text])
  expect(write).toHaveBeenCalledWith(`${text}\n`)
  write.mockRestore()
  const pair = new Pair()
  expect(pair.get_submodule('layers')).toBe(pair.layers)
  expect(pair.get_submodule('layers.2')).toBe(pair.layers[2])
  expect(Array.from(pair.named_children(), ([name]) => name)).toEqual(['layers', 'none'])
  expect(layers.length).toBe(4)
  expect(none.length).toBe(0)
  expect(layers.at(-1)).toBe(layers[3])
  expect(layers.at(4)).toBeUndefined()
  expect([...layers]).toEqual(layers.map(layer => layer))
  expect(layers.map((layer, place) => [place, layer])).toEqual([...layers.entries()])
  expect(none.append(layers[0]!).append(layers[2]!).length).toBe(2)
  expect(none[1]).toBe(layers[2])
  expect(() => layers.forward()).toThrow(expect.objectContaining({ code: 'NO_FORWARD' }))
})
