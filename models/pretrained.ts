// What all models share: being loaded from a folder or made from a config, and freeing their weights.
import { basename } from 'node:path'
import type { Backend, BackendName } from '../src/backend.ts'
import { sharedBackend } from '../src/backends/index.ts'
import { floatSource } from '../src/checkpoint/floatSource.ts'
import { openWeights, readConfig } from '../src/checkpoint/folder.ts'
import { ConfigError, InputError, nearestName, VitrineError } from '../src/errors.ts'
import { initializeModel } from '../src/nn/initialize.ts'
import { type Checkpoint, type LoadReport, type LoadRules, loadWeights } from '../src/nn/load.ts'
import { Module } from '../src/nn/module.ts'
import { default_generator, generatorOf } from '../src/random/default.ts'
import type { Generator } from '../src/random/generator.ts'
import { warnOnce } from '../src/warnings.ts'
import type { ConfigJson, PretrainedConfig } from './config.ts'

export interface FromConfigOptions {
  /** Seed of the fresh weights, which are those of PyTorch. Unless it is given set_seed decides, or else chance. */
  seed?: number
  /** 'wasm' (the default), 'reference', or an opened back end. */
  backend?: Backend | BackendName
}

export interface FromPretrainedOptions extends FromConfigOptions {
  /** What to compute in: 'float32' (the default). float16 and bfloat16 files are widened exactly. */
  dtype?: 'float32' | 'auto'
  /** Fields that replace those of config.json: num_labels, id2label and so on. */
  [configField: string]: unknown
}

/** A model class as a value: what from_pretrained and from_config need of it. */
export interface ModelClass<M extends PreTrainedModel, C extends PretrainedConfig> {
  new (config: C): M
  readonly name: string
  readonly config_class: new (json: ConfigJson) => C
  readonly base_model_prefix: string
  readonly freshParts: readonly string[]
  readonly ignoredWeights: readonly RegExp[]
}

export abstract class PreTrainedModel extends Module {
  /** The field that holds the body when the class is a head on it. */
  static readonly base_model_prefix: string = ''
  /** Parts of the tree that a checkpoint may lack: they start afresh, with a warning. */
  static readonly freshParts: readonly string[] = []
  /** Names in checkpoints that are no parameters, such as stored masks. */
  static readonly ignoredWeights: readonly RegExp[] = []

  readonly config: PretrainedConfig
  #backend: Backend | undefined

  /** A model without values: it can be printed and counted, not run. */
  constructor(config: PretrainedConfig) {
    super()
    this.config = config
  }

  /** Where the weights are. Throws VitrineError NOT_LOADED before they are. */
  get backend(): Backend {
    if (this.#backend) return this.#backend
    throw new VitrineError('NOT_LOADED', `${this.constructor.name} has no weights yet`, {
      hint: 'load it with from_pretrained, or make it with from_config',
    })
  }

  /**
   * The model in a folder with config.json and model.safetensors. Weights of a head that the file lacks start with random
   * numbers, and a warning says so. Throws FileError for files that are missing or broken, ConfigError for a config that
   * does not fit, LoadError when names or shapes differ from the model's.
   */
  static async from_pretrained<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C>,
    folder: string,
    options: FromPretrainedOptions = {},
  ): Promise<M> {
    const { backend: wanted, seed, dtype = 'float32', ...overrides } = options
    if (dtype !== 'float32' && dtype !== 'auto') {
      throw new ConfigError('UNSUPPORTED_DTYPE', `dtype '${String(dtype)}' is not supported`, {
        hint: "use 'float32' or 'auto'",
      })
    }
    const json = readConfig(folder)
    const config = new this.config_class({ ...json, ...configFields(overrides, json, this.name) })
    const model = new this(config)
    using file = openWeights(folder)
    const backend = sharedBackend(wanted)
    const checkpoint: Checkpoint = {
      name: basename(file.name),
      tensors: file.tensors,
      source: name => floatSource(file.source(name)),
    }
    const rules: LoadRules = {
      prefix: this.base_model_prefix,
      freshParts: this.freshParts,
      ignored: this.ignoredWeights,
    }
    const generator = generatorOf(seed)
    const report = loadWeights(model, checkpoint, rules, backend, generator)
    warnOfFresh(this.name, checkpoint.name, report, generator)
    model.#place(backend)
    model.ready(folder)
    return model
  }

  /** The same as from_pretrained. */
  static fromPretrained<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C> & { from_pretrained(folder: string, options?: FromPretrainedOptions): Promise<M> },
    folder: string,
    options?: FromPretrainedOptions,
  ): Promise<M> {
    return this.from_pretrained(folder, options)
  }

  /**
   * A model with random weights, those that transformers gives after set_seed with the same seed: for lessons and tests.
   * Throws ConfigError.
   */
  static from_config<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C>,
    config: ConfigJson | C,
    { seed, backend: wanted }: FromConfigOptions = {},
  ): M {
    const model = new this(config instanceof this.config_class ? config : new this.config_class(config as ConfigJson))
    const backend = sharedBackend(wanted)
    initializeModel(model, backend, generatorOf(seed), module => module instanceof PreTrainedModel)
    model.#place(backend)
    model.ready()
    return model
  }

  /** Called once the weights are there; `folder` is where they came from. */
  protected ready(_folder?: string): void {}

  #place(backend: Backend): void {
    for (const parameter of this.parameters()) parameter.value.keep()
    this.adopt(backend)
  }

  /** Tells the model, and the models inside it, where their weights are. */
  protected adopt(backend: Backend): void {
    this.#backend = backend
    for (const [, child] of this.named_children()) if (child instanceof PreTrainedModel) child.adopt(backend)
  }

  /** Frees the weights; the model cannot run any more. */
  dispose(): void {
    for (const parameter of this.parameters()) if (parameter.isLoaded) parameter.value.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** What the call or else the config asks for. */
  protected outputFlags(inputs: {
    output_hidden_states?: boolean | undefined
    output_attentions?: boolean | undefined
  }) {
    return {
      output_hidden_states: inputs.output_hidden_states ?? this.config.output_hidden_states,
      output_attentions: inputs.output_attentions ?? this.config.output_attentions,
    }
  }

  /** Throws InputError UNKNOWN_INPUT for a name that `forward` does not know. */
  protected checkInputs(inputs: object, known: readonly string[]): void {
    const unknown = Object.keys(inputs).find(name => !known.includes(name))
    if (unknown === undefined) return
    const near = nearestName(unknown, known)
    throw new InputError('UNKNOWN_INPUT', `${this.constructor.name}.forward: there is no input '${unknown}'`, {
      hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
    })
  }
}

/** Options that are no options of loading must be fields of the config. */
function configFields(fields: ConfigJson, json: ConfigJson, owner: string): ConfigJson {
  const known = new Set([...Object.keys(json), ...commonFields])
  const unknown = Object.keys(fields).find(name => !known.has(name))
  if (unknown !== undefined) {
    const near = nearestName(unknown, [...known, 'backend', 'dtype', 'seed'])
    throw new ConfigError(
      'UNKNOWN_OPTION',
      `${owner}.from_pretrained: there is no option or config field '${unknown}'`,
      {
        hint: near ? `did you mean '${near}'?` : 'options: backend, dtype, seed, and the fields of config.json',
      },
    )
  }
  if ('num_labels' in fields && !('id2label' in fields)) return { ...fields, id2label: null }
  return fields
}

/** Config fields that may be set although config.json does not have them. */
const commonFields = [
  ...['num_labels', 'id2label', 'label2id', 'problem_type', 'output_hidden_states', 'output_attentions'],
  ...['tie_word_embeddings', 'classifier_dropout', 'bos_token_id', 'eos_token_id', 'pad_token_id'],
]

function warnOfFresh(model: string, file: string, { fresh }: LoadReport, generator: Generator): void {
  if (fresh.length === 0) return
  const [names, verb] = [fresh.join(', '), fresh.length === 1 ? 'is' : 'are']
  const seed = generator.initial_seed()
  const origin = generator === default_generator ? `set_seed(${seed})` : `seed ${seed}`
  const message = `${model}: ${names} ${verb} not in ${file} and started with random numbers (${origin}): train before you trust the scores.`
  warnOnce('FRESH_WEIGHTS', message)
}
