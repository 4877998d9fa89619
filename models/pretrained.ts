// What all models share: being loaded from a folder or made from a config, the frame of forward, other sizes, being
// freed.
import type { Backend, NotAsync } from '../src/backend.ts'
import { sharedBackend } from '../src/backends/index.ts'
import { type WeightDType, weightDTypes } from '../src/dtype.ts'
import { ConfigError, VitrineError, valueText } from '../src/errors.ts'
import { hubOptions } from '../src/hub/options.ts'
import { resolveFolder } from '../src/hub/resolveFolder.ts'
import { modelFileNames } from '../src/hub/wanted.ts'
import { DynamicCache, type LegacyCache } from '../src/nn/cache.ts'
import { Embedding } from '../src/nn/embedding.ts'
import { initializeModel } from '../src/nn/initialize.ts'
import { keepAs } from '../src/nn/kept.ts'
import type { Linear } from '../src/nn/linear.ts'
import { Module } from '../src/nn/module.ts'
import { generatorOf } from '../src/random/default.ts'
import { type CheckpointRules, loadCheckpoint } from './checkpointLoading.ts'
import type { LoadingInfo } from './checkpointOptions.ts'
import { type ConfigClass, PretrainedConfig } from './config.ts'
import type { ConfigJson } from './configReader.ts'
import { weightDTypeOf } from './dtype.ts'
import { checkedInputs, type ForwardOptions, forwardOptions, type Given, type WithoutNull } from './forwardOptions.ts'
import {
  configIn,
  type FromConfigOptions,
  type FromPretrainedOptions,
  loadingOptions,
  type WithLoadingInfo,
} from './loadingOptions.ts'
import { type Output, type OutputValue, outputOf } from './outputs.ts'
import { type PrunableAttention, pruneHeads } from './pruning.ts'
import { type ResizeOptions, resizeTokens } from './resizing.ts'
import { type SavePretrainedOptions, saveModel } from './saving.ts'

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
  #nameOrPath = ''

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
   * pytorch_model.bin, or several of them with their index. Small weights of a file that save_pretrained has written stay
   * what they are, unless `dtype` asks for another kind, which is made of the numbers they stand for. Weights of a head that
   * the file lacks start with random numbers, and a warning says so. Throws FileError for files that are missing or broken,
   * ConfigError for a config that does not fit, LoadError when names or shapes differ from the model's, HubError, and the
   * reason of the signal, which ends it at any point: then nothing stays in memory.
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
    const asked = loadingOptions(given, this)
    const { backend: wanted, seed, dtype, torch_dtype, output_loading_info = false } = asked.loading
    const { name_or_path = name } = asked.loading
    const accept = (place: string): C => configIn(place, asked, this)
    const folder = await resolveFolder(name, hub, { files: modelFileNames, weights: asked.files, accept })
    const model = new this(accept(folder), asked.own)
    const backend = sharedBackend(wanted)
    try {
      const info = await loadCheckpoint(model, folder, this, asked.files, {
        ...{ backend, generator: generatorOf(seed), types: { dtype, torch_dtype } },
        ...{ name: name_or_path, tell: hub.progress_callback, signal: hub.signal },
      })
      model.#place(backend)
      model.#nameOrPath = name_or_path
      model.ready(folder, asked.generation)
      return output_loading_info ? [model, info] : model
    } catch (error) {
      model.dispose()
      throw error
    }
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
    return configIn(folder, loadingOptions(hubOptions(options)[1], this), this)
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
   * `max_shard_size`; tied ones once. transformers loads the folder, and so does from_pretrained. Weights kept as int8 or
   * q4 are written as they are: then the folder is small, from_pretrained makes the very same model of it, and
   * transformers refuses it; what is loaded with `dtype: 'float32'` and saved is in full again. Returns the paths.
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
    return this.#nameOrPath
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
  resize_token_embeddings(new_num_tokens?: number, options: ResizeOptions = {}): Embedding {
    return resizeTokens(this, new_num_tokens, options)
  }

  /**
   * Cuts heads out of layers, by the numbers they had at first: `{ 0: [2, 3] }`. The model then computes without them.
   * Throws InputError HEAD_RANGE for layers and heads that are not there, and when none would stay; then nothing has
   * changed.
   */
  prune_heads(heads_to_prune: Readonly<Record<number, readonly number[]>>): void {
    pruneHeads(this, heads_to_prune)
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
    const { inputNames } = this.constructor as typeof PreTrainedModel
    const inputs = checkedInputs(given, inputNames, `${this.constructor.name}.forward`)
    const asTuple = !(inputs.return_dict ?? this.config.return_dict)
    const body = (() => compute(inputs)) as (() => Fields) & NotAsync<Fields>
    const output = outputOf(this.backend.scope(body))
    return asTuple ? output.to_tuple() : output
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
