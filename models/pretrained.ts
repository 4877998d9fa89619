// What all models share: being loaded from a folder or made from a config, the frame of forward, other sizes, being
// freed.
import type { Backend, BackendName, NotAsync } from '../src/backend.ts'
import { sharedBackend } from '../src/backends/index.ts'
import { readConfig } from '../src/checkpoint/folder.ts'
import { type WeightDType, weightDTypes } from '../src/dtype.ts'
import { ConfigError, InputError, nearestName, VitrineError, valueText } from '../src/errors.ts'
import { type HubOptions, hubOptions } from '../src/hub/options.ts'
import { resolveFolder } from '../src/hub/resolveFolder.ts'
import { modelFileNames } from '../src/hub/wanted.ts'
import { DynamicCache, type LegacyCache } from '../src/nn/cache.ts'
import { Embedding } from '../src/nn/embedding.ts'
import type { HeadList } from '../src/nn/heads.ts'
import { initializeModel } from '../src/nn/initialize.ts'
import { keepAs } from '../src/nn/kept.ts'
import type { Linear } from '../src/nn/linear.ts'
import { Module } from '../src/nn/module.ts'
import { resizeRows } from '../src/nn/resize.ts'
import { generatorOf } from '../src/random/default.ts'
import { Tensor } from '../src/tensor/tensor.ts'
import { type CheckpointRules, loadCheckpoint } from './checkpointLoading.ts'
import { type CheckpointOptions, checkpointOptions, type LoadingInfo } from './checkpointOptions.ts'
import { type ConfigClass, PretrainedConfig } from './config.ts'
import type { ConfigJson } from './configReader.ts'
import { type DTypeOptions, weightDTypeOf } from './dtype.ts'
import { loadingOptions } from './loadingOptions.ts'
import { type Output, type OutputValue, outputOf } from './outputs.ts'
import { configFields } from './overrides.ts'
import { type SavePretrainedOptions, saveModel } from './saving.ts'

export interface FromConfigOptions extends DTypeOptions {
  /** Seed of the fresh weights, which are those of PyTorch. Unless it is given set_seed decides, or else chance. */
  seed?: number
  /** 'wasm' (the default), 'reference', or an opened back end. */
  backend?: Backend | BackendName
}

export interface FromPretrainedOptions extends FromConfigOptions, CheckpointOptions, HubOptions {
  /** true: gives [model, info], where info tells in what model and file differ. */
  output_loading_info?: boolean
  /** In the place of the folder's config.json: a config, its fields, or a folder that has one. */
  config?: PretrainedConfig | ConfigJson | string
  /**
   * Fields that replace those of config.json: num_labels, id2label and so on; for models with generate() also its
   * parameters, which become those of generation_config.
   */
  [configField: string]: unknown
}

/** Options that ask for [model, info]. */
export type WithLoadingInfo = FromPretrainedOptions & { output_loading_info: true }

/** A model class as a value: what from_pretrained and from_config need of it. */
export interface ModelClass<M extends PreTrainedModel, C extends PretrainedConfig> extends CheckpointRules {
  new (config: C, options?: object): M
  readonly ownOptions: readonly string[]
  readonly generates: boolean
  readonly config_class: ConfigClass<C>
  configIn(folder: string, options?: FromPretrainedOptions): C
}

/** What loads a model from a folder or the hub: a class, or an Auto class. */
export interface Loader<M extends PreTrainedModel> {
  from_pretrained(name: string, options: WithLoadingInfo): Promise<[M, LoadingInfo]>
  from_pretrained(name: string, options?: FromPretrainedOptions): Promise<M>
}

/** What every `forward` takes beside its inputs. */
export interface ForwardOptions {
  /** Keys and values of the tokens before, a DynamicCache or pairs of tensors; the new ones are put behind them. */
  past_key_values?: DynamicCache | LegacyCache
  /** Make a cache and give it back. Unlike Hugging Face only when asked, because its memory is yours to free. */
  use_cache?: boolean
  output_hidden_states?: boolean
  output_attentions?: boolean
  /** false: the fields of the output as a plain array. */
  return_dict?: boolean
}

/** Inputs as `forward` takes them: null, which is Hugging Face's None, asks for nothing. */
export type Given<Inputs> = { [Name in keyof Inputs]: Inputs[Name] | null }

/** The same where what was null is left out. */
type WithoutNull<Inputs> = { [Name in keyof Inputs]: Exclude<Inputs[Name], null> }

export const forwardOptions: readonly string[] = [
  ...['past_key_values', 'use_cache', 'output_hidden_states', 'output_attentions', 'return_dict'],
]

/** An attention whose heads can be cut out. */
export interface PrunableAttention {
  readonly heads: HeadList
  prune_heads(heads: readonly number[]): void
}

export interface ResizeOptions {
  /** Makes the number of tokens a multiple of this one. */
  pad_to_multiple_of?: number
  /** New rows are the mean of the old ones (true, as in Hugging Face, whose small noise is left out), or random. */
  mean_resizing?: boolean
  /** Seed of random rows; unless it is given set_seed decides, or else chance. */
  seed?: number
}

export abstract class PreTrainedModel extends Module {
  /** The field that holds the body when the class is a head on it. */
  static readonly base_model_prefix: string = ''
  /** Parts of the tree that a checkpoint may lack: they start afresh, with a warning. */
  static readonly freshParts: readonly string[] = []
  /** Names in checkpoints that are no parameters, such as stored masks. */
  static readonly ignoredWeights: readonly RegExp[] = []
  /** Parts that only some classes of the architecture have, and what they are. */
  static readonly heads: Readonly<Record<string, string>> = {}
  /** Options of the constructor that from_pretrained hands on. */
  static readonly ownOptions: readonly string[] = []
  /** Whether it has generate(). */
  static readonly generates: boolean = false
  /** The names that `forward` takes. */
  static readonly inputNames: readonly string[] = forwardOptions

  readonly config: PretrainedConfig
  #backend: Backend | undefined
  #folder = ''

  /** A model without values: it can be printed and counted, not run. Throws ConfigError CONFIG_CLASS. */
  constructor(config: PretrainedConfig) {
    super()
    if (!(config instanceof PretrainedConfig)) {
      const message = `new ${new.target.name}: expected a config, got ${valueText(config)}`
      throw new ConfigError('CONFIG_CLASS', message, {
        hint: `make one of its fields, or a model with weights: ${new.target.name}.from_config(fields)`,
      })
    }
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
   * The model in a folder, or of that name on the hub, with config.json and its weights: model.safetensors or
   * pytorch_model.bin, or several of them with their index. Weights of a head that the file lacks start with random
   * numbers, and a warning says so. Throws FileError for files that are missing or broken, ConfigError for a config that
   * does not fit, LoadError when names or shapes differ from the model's, and HubError.
   */
  static async from_pretrained<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C>,
    name: string,
    options: WithLoadingInfo,
  ): Promise<[M, LoadingInfo]>
  static async from_pretrained<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C>,
    name: string,
    options?: FromPretrainedOptions,
  ): Promise<M>
  static async from_pretrained<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C>,
    name: string,
    options: FromPretrainedOptions = {},
  ): Promise<M | [M, LoadingInfo]> {
    const [hub, given] = hubOptions(options)
    const { own, generation, others } = loadingOptions(given, this)
    const { backend: wanted, seed, dtype, torch_dtype, output_loading_info = false }: FromPretrainedOptions = others
    const [files] = checkpointOptions(others)
    const accept = (place: string): C => this.configIn(place, given)
    const folder = await resolveFolder(name, hub, { files: modelFileNames, weights: files, accept })
    const model = new this(accept(folder), own)
    const backend = sharedBackend(wanted)
    const info = loadCheckpoint(model, folder, this, files, {
      ...{ backend, generator: generatorOf(seed), types: { dtype, torch_dtype } },
      ...{ name, tell: hub.progress_callback },
    })
    model.#place(backend)
    model.#folder = name
    model.ready(folder, generation)
    return output_loading_info ? [model, info] : model
  }

  /**
   * The config that from_pretrained makes of a folder and its options, without a look at the weights. Throws FileError and
   * ConfigError.
   */
  static configIn<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C>,
    folder: string,
    options: FromPretrainedOptions = {},
  ): C {
    const { config, others } = loadingOptions(hubOptions(options)[1], this)
    const {
      backend: _backend,
      seed: _seed,
      dtype: _dtype,
      torch_dtype: _old,
      output_loading_info: _info,
      ...named
    } = others
    const [, fields] = checkpointOptions(named)
    const json = config ?? readConfig(folder)
    return new this.config_class({ ...json, ...configFields(fields, json, this.config_class, this.name) })
  }

  /** The same as from_pretrained. */
  static fromPretrained<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C> & Loader<M>,
    name: string,
    options: WithLoadingInfo,
  ): Promise<[M, LoadingInfo]>
  static fromPretrained<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C> & Loader<M>,
    name: string,
    options?: FromPretrainedOptions,
  ): Promise<M>
  static fromPretrained<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C> & Loader<M>,
    name: string,
    options?: FromPretrainedOptions,
  ): Promise<M | [M, LoadingInfo]> {
    return this.from_pretrained(name, options)
  }

  /**
   * A model with random weights, those that transformers gives after set_seed with the same seed: for lessons and
   * tests. Throws ConfigError.
   */
  static from_config<M extends PreTrainedModel, C extends PretrainedConfig>(
    this: ModelClass<M, C>,
    config: ConfigJson | PretrainedConfig,
    { seed, backend: wanted, ...types }: FromConfigOptions = {},
  ): M {
    const own = config instanceof this.config_class ? config : undefined
    const json = config instanceof PretrainedConfig ? config.to_dict() : config
    const model = new this(own ?? new this.config_class(json))
    const backend = sharedBackend(wanted)
    keepAs(model, model.get_input_embeddings().weight, weightDTypeOf(types, backend, json), backend)
    initializeModel(model, backend, generatorOf(seed), module => module instanceof PreTrainedModel)
    model.#place(backend)
    model.ready()
    return model
  }

  /**
   * Writes config.json and the weights as safetensors, in several files with an index when they are above
   * `max_shard_size`; tied ones once. transformers loads the folder, and so does from_pretrained. Returns the paths.
   * Throws FileError, VitrineError NOT_LOADED, and ConfigError for options.
   */
  async save_pretrained(save_directory: string, options: SavePretrainedOptions = {}): Promise<string[]> {
    return saveModel(this, save_directory, options)
  }

  /**
   * What the weights of its products are kept as: 'float32', 'float16', 'bfloat16', 'int8' or 'q4'. All of them are computed
   * with as float32.
   */
  get dtype(): WeightDType {
    const kinds = Array.from(this.parameters(), ({ dtype }) => weightDTypes.indexOf(dtype))
    return weightDTypes[Math.max(0, ...kinds)]!
  }

  /** Bytes that the weights take. Throws VitrineError NOT_LOADED. */
  get_memory_footprint(): number {
    const { backend } = this
    let bytes = 0
    for (const { shape, form, dtype } of this.parameters()) bytes += backend.weightBytes(shape, form, dtype)
    return bytes
  }

  /** Called once the weights are there; `folder` is where they came from, `generation` what was asked for generate(). */
  protected ready(_folder?: string, _generation?: Readonly<Record<string, unknown>>): void {}

  #place(backend: Backend): void {
    for (const parameter of this.parameters()) parameter.value.keep()
    this.adopt(backend)
  }

  /** Tells the model, and the models inside it, where their weights are. */
  protected adopt(backend: Backend): void {
    this.#backend = backend
    for (const [, child] of this.named_children()) if (child instanceof PreTrainedModel) child.adopt(backend)
  }

  /** The folder or name that it was loaded from; '' for a model made from its config. */
  get name_or_path(): string {
    return this.#folder
  }

  /** Where it computes, in PyTorch's names: there is only 'cpu'. */
  get device(): 'cpu' {
    return 'cpu'
  }

  /** Itself: models stay where they are. Throws ConfigError UNSUPPORTED_OPTION for another device. */
  to(device: string): this {
    if (device === 'cpu') return this
    const message = `${this.constructor.name}.to: there is no device ${valueText(device)} here`
    throw new ConfigError('UNSUPPORTED_OPTION', message, { option: 'device', hint: "'cpu'" })
  }

  /** Whether it has generate(). */
  can_generate(): boolean {
    return (this.constructor as typeof PreTrainedModel).generates
  }

  /** Does nothing: what is tied is one parameter from the start. */
  tie_weights(): void {}

  /** Frees the weights; the model cannot run any more. */
  dispose(): void {
    for (const parameter of this.parameters()) if (parameter.isLoaded) parameter.value.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** The model without its head; a model without one is its own. */
  get base_model(): PreTrainedModel {
    const { base_model_prefix } = this.constructor as typeof PreTrainedModel
    const body: unknown = Reflect.get(this, base_model_prefix)
    return body instanceof PreTrainedModel ? body : this
  }

  #body(): PreTrainedModel {
    const body = this.base_model
    if (body !== this) return body
    throw new VitrineError('NO_BODY', `${this.constructor.name} has no field for its body, named by base_model_prefix`)
  }

  /**
   * Number of trainable numbers, tied ones counted once; `exclude_embeddings` leaves out the tables of all embeddings.
   */
  override num_parameters({ exclude_embeddings = false }: { exclude_embeddings?: boolean } = {}): number {
    if (!exclude_embeddings) return super.num_parameters()
    const modules = Array.from(this.named_modules(), ([, module]) => module)
    const tables = new Set(modules.flatMap(module => (module instanceof Embedding ? [module.weight] : [])))
    return [...this.parameters()].reduce((total, weight) => total + (tables.has(weight) ? 0 : weight.size), 0)
  }

  /** The table of the tokens' vectors. */
  get_input_embeddings(): Embedding {
    return this.#body().get_input_embeddings()
  }

  /** The layer that scores each token of the vocabulary; undefined for models without. */
  get_output_embeddings(): Linear | undefined {
    return undefined
  }

  /** The attention of each layer. */
  attentionModules(): readonly PrunableAttention[] {
    return this.#body().attentionModules()
  }

  /**
   * Makes room for more tokens in the input embeddings and the output layer, or takes the last ones away; gives the
   * embeddings. Throws ConfigError CONFIG_VALUE for a number that is none.
   */
  resize_token_embeddings(
    new_num_tokens?: number,
    { pad_to_multiple_of = 1, mean_resizing = true, seed }: ResizeOptions = {},
  ): Embedding {
    const embeddings = this.get_input_embeddings()
    const output = this.get_output_embeddings()
    const wanted = new_num_tokens ?? embeddings.num_embeddings
    const rows = Math.ceil(wanted / pad_to_multiple_of) * pad_to_multiple_of
    if (![wanted, rows].every(count => Number.isInteger(count) && count > 0)) {
      const message = `resize_token_embeddings: ${new_num_tokens} tokens in multiples of ${pad_to_multiple_of} are not possible`
      throw new ConfigError('CONFIG_VALUE', message)
    }
    const drawn = mean_resizing ? undefined : { std: this.config.initializer_range, generator: generatorOf(seed) }
    const weights = new Set([
      embeddings.weight,
      ...(output ? [output.weight] : []),
      ...(output?.bias ? [output.bias] : []),
    ])
    if (rows !== embeddings.num_embeddings) for (const weight of weights) resizeRows(weight, rows, drawn)
    this.config.vocab_size = rows
    return embeddings
  }

  /**
   * Cuts heads out of layers, by the numbers they had at first: `{ 0: [2, 3] }`. The model then computes without them.
   * Throws InputError HEAD_RANGE for layers and heads that are not there, and when none would stay; then nothing has
   * changed.
   */
  prune_heads(heads_to_prune: Readonly<Record<number, readonly number[]>>): void {
    const attentions = this.attentionModules()
    const wanted = Object.entries(heads_to_prune).map(([layer, heads]) => {
      const attention = attentions[Number(layer)]
      if (!attention) {
        const message = `prune_heads: there is no layer ${layer}, they are 0..${attentions.length - 1}`
        throw new InputError('HEAD_RANGE', message)
      }
      attention.heads.check(heads)
      return { layer, heads, attention }
    })
    const pruned: Record<string, readonly number[]> = { ...this.config.pruned_heads }
    for (const { layer, heads, attention } of wanted) {
      attention.prune_heads(heads)
      pruned[layer] = [...new Set([...(pruned[layer] ?? []), ...heads])]
    }
    this.config.pruned_heads = pruned
  }

  /** What a call asks for, or else the config. */
  protected wants(inputs: ForwardOptions): { output_hidden_states: boolean; output_attentions: boolean } {
    return {
      output_hidden_states: inputs.output_hidden_states ?? this.config.output_hidden_states,
      output_attentions: inputs.output_attentions ?? this.config.output_attentions,
    }
  }

  /**
   * The fields that `compute` gives, as output or tuple; what else it makes is freed. Throws InputError INPUT_CHOICE for
   * what is no object of inputs, UNKNOWN_INPUT for a name that `forward` does not know.
   */
  protected output<Inputs extends Given<ForwardOptions>, Fields extends object>(
    given: Inputs,
    compute: ((inputs: WithoutNull<Inputs>) => Fields) & NotAsync<Fields>,
  ): Output<Fields> | OutputValue[] {
    const inputs = this.#checked(given)
    const asTuple = !(inputs.return_dict ?? this.config.return_dict)
    const body = (() => compute(inputs)) as (() => Fields) & NotAsync<Fields>
    const output = outputOf(this.backend.scope(body))
    return asTuple ? output.to_tuple() : output
  }

  #checked<Inputs extends object>(given: Inputs): WithoutNull<Inputs> {
    const { inputNames: known } = this.constructor as typeof PreTrainedModel
    const owner = `${this.constructor.name}.forward`
    const isIds = Array.isArray(given) || ArrayBuffer.isView(given) || given instanceof Tensor
    if (typeof given !== 'object' || given === null || isIds) {
      throw new InputError('INPUT_CHOICE', `${owner}: expected an object of inputs, got ${valueText(given)}`, {
        hint: '{ input_ids } or what a tokenizer gives',
      })
    }
    const unknown = Object.keys(given).find(name => !known.includes(name))
    if (unknown === undefined) {
      const there = Object.entries(given).filter(([, value]) => value !== null)
      return Object.fromEntries(there) as WithoutNull<Inputs>
    }
    const near = nearestName(unknown, known)
    throw new InputError('UNKNOWN_INPUT', `${owner}: there is no input '${unknown}'`, {
      hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
    })
  }

  /** Runs `read` with the cache that the inputs have or ask for; when it throws, the cache is as it was. */
  protected withCache<R>(
    { past_key_values, use_cache }: ForwardOptions,
    read: (cache: DynamicCache | undefined) => R,
  ): R {
    const given = past_key_values instanceof DynamicCache ? past_key_values : undefined
    const made = past_key_values && !given ? DynamicCache.from_legacy_cache(past_key_values as LegacyCache) : undefined
    const cache = given ?? made ?? (use_cache ? new DynamicCache() : undefined)
    const length = cache?.get_seq_length() ?? 0
    try {
      return read(cache)
    } catch (error) {
      if (given) given.crop(length)
      else cache?.dispose()
      throw error
    }
  }
}
