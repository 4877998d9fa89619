// What the configs of all models share (transformers/configuration_utils.py): common fields, and their way back to
// JSON.
import { readConfig } from '../src/checkpoint/folder.ts'
import { type HubOptions, hubOptions } from '../src/hub/options.ts'
import { resolveFolder } from '../src/hub/resolveFolder.ts'
import { pythonJson } from '../src/pythonText.ts'
import { warnOnce } from '../src/warnings.ts'
import { type ConfigJson, ConfigReader } from './configReader.ts'

/** How a sequence classifier's labels are meant: what its loss is. */
export type ProblemType = 'regression' | 'single_label_classification' | 'multi_label_classification'

const problemTypes = ['regression', 'single_label_classification', 'multi_label_classification'] as const

/** A class of configs as a value. */
export interface ConfigClass<C extends PretrainedConfig = PretrainedConfig> {
  new (json?: ConfigJson): C
  readonly attribute_map: Readonly<Record<string, string>>
}

export abstract class PretrainedConfig {
  /** Other names of fields, which other architectures use: hidden_size -> n_embd. */
  static readonly attribute_map: Readonly<Record<string, string>> = {}

  abstract readonly model_type: string
  /** Tokens of the vocabulary. */
  abstract vocab_size: number
  abstract readonly max_position_embeddings: number
  readonly architectures: readonly string[]
  /** The names of a classifier's labels, by number. */
  id2label: readonly string[]
  label2id: Readonly<Record<string, number>>
  readonly tie_word_embeddings: boolean
  readonly initializer_range: number
  readonly is_decoder: boolean
  /** Heads that are cut out, by layer: what prune_heads was told. */
  pruned_heads: Readonly<Record<number, readonly number[]>>
  /** Chosen by the labels that come unless given. */
  problem_type: ProblemType | undefined
  /** false: forward gives a tuple. */
  return_dict: boolean
  output_hidden_states: boolean
  output_attentions: boolean
  bos_token_id: number | undefined
  eos_token_id: number | readonly number[] | undefined
  pad_token_id: number | undefined
  readonly #json: ConfigJson

  constructor(json: ConfigJson, read: ConfigReader, defaults: { bos?: number; eos?: number; pad?: number } = {}) {
    this.#json = json
    const names = read.value('architectures')
    this.architectures = Array.isArray(names) ? names.filter(name => typeof name === 'string') : []
    this.id2label = read.labels()
    this.label2id = read.labelIds(this.id2label)
    this.tie_word_embeddings = read.flag('tie_word_embeddings', true)
    this.initializer_range = read.number('initializer_range', 0.02, { least: 0 })
    this.is_decoder = read.flag('is_decoder', false)
    this.pruned_heads = read.headLists('pruned_heads')
    this.problem_type = read.choice('problem_type', problemTypes)
    this.return_dict = read.flag('return_dict', true)
    this.output_hidden_states = read.flag('output_hidden_states', false)
    this.output_attentions = read.flag('output_attentions', false)
    this.bos_token_id = read.tokenId('bos_token_id', defaults.bos)
    this.eos_token_id = read.tokenIds('eos_token_id', defaults.eos)
    this.pad_token_id = read.tokenId('pad_token_id', defaults.pad)
    for (const field of ['add_cross_attention', 'is_encoder_decoder', 'torchscript']) read.refuse(field, [false])
    read.refuse('quantization_config', [])
    if (read.value('auto_map')) warnOnce('REMOTE_CODE', remoteCodeNote)
    this.#keepUnread(json)
  }

  /** What no class reads is a field all the same, as in Hugging Face; those that a subclass reads are set by it. */
  #keepUnread(json: ConfigJson): void {
    const { attribute_map } = this.constructor as ConfigClass
    const unread = Object.entries(json).filter(([name]) => !(name in this) && !(name in attribute_map))
    Object.assign(this, Object.fromEntries(unread))
  }

  /** Sets fields, known or not. */
  update(fields: ConfigJson): void {
    for (const [name, value] of Object.entries(fields)) Reflect.set(this, name, value)
  }

  /**
   * The checked config of a folder or of a model on the hub; `fields` replace those of its config.json. Throws FileError,
   * ConfigError and HubError.
   */
  static async from_pretrained<C extends PretrainedConfig>(
    this: ConfigClass<C>,
    name: string,
    options: ConfigJson & HubOptions = {},
  ): Promise<C> {
    const [hub, fields] = hubOptions(options)
    const folder = await resolveFolder(name, hub, { files: ['config.json'] })
    return new this({ ...readConfig(folder), ...fields })
  }

  /** The same as from_pretrained. */
  static async fromPretrained<C extends PretrainedConfig>(
    this: ConfigClass<C>,
    folder: string,
    fields: ConfigJson = {},
  ): Promise<C> {
    return new this({ ...readConfig(folder), ...fields })
  }

  get num_labels(): number {
    return this.id2label.length
  }

  /** Another number of labels than there is renames them all: LABEL_0, LABEL_1 and so on. Throws ConfigError CONFIG_VALUE. */
  set num_labels(count: number) {
    const owner = this.constructor.name
    const labels = new ConfigReader({ num_labels: count }, owner).labels()
    if (labels.length === this.num_labels) return
    this.id2label = labels
    this.label2id = Object.fromEntries(labels.map((label, i) => [label, i]))
  }

  /** The fields as they came, also those that nothing here uses. */
  get json(): ConfigJson {
    return this.#json
  }

  /** All fields under Hugging Face's names, unknown ones of config.json included. */
  to_dict(): Record<string, unknown> {
    const { attribute_map } = this.constructor as ConfigClass
    const unknown = Object.entries(this.#json).filter(([name]) => !(name in attribute_map) && name !== 'num_labels')
    const own = Object.entries(this).map(([name, value]) => [name, value ?? null])
    return {
      ...Object.fromEntries(unknown),
      ...Object.fromEntries(own),
      architectures: this.architectures.length > 0 ? [...this.architectures] : null,
      id2label: { ...this.id2label },
    }
  }

  /**
   * The fields that Hugging Face writes to config.json: those of the architecture, and common ones unlike their
   * defaults.
   */
  to_diff_dict(): Record<string, unknown> {
    const fields = this.to_dict()
    const fresh = new (this.constructor as ConfigClass)().to_dict()
    const isDefault = (name: string): boolean => {
      const text = JSON.stringify(fields[name])
      return text === JSON.stringify(commonDefaults[name]) && text === JSON.stringify(fresh[name])
    }
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in commonDefaults && isDefault(name))))
  }

  /** config.json as Hugging Face writes it. */
  to_json_string(): string {
    return `${pythonJson(this.to_diff_dict())}\n`
  }

  toJSON(): Record<string, unknown> {
    return this.to_dict()
  }

  /** What Python prints for it. */
  toString(): string {
    return `${this.constructor.name} ${this.to_json_string()}`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** What fields that belong to no architecture hold unless given. */
const commonDefaults: Readonly<Record<string, unknown>> = {
  architectures: null,
  id2label: { 0: 'LABEL_0', 1: 'LABEL_1' },
  label2id: { LABEL_0: 0, LABEL_1: 1 },
  tie_word_embeddings: true,
  is_decoder: false,
  pruned_heads: {},
  problem_type: null,
  return_dict: true,
  output_hidden_states: false,
  output_attentions: false,
  bos_token_id: null,
  eos_token_id: null,
  pad_token_id: null,
}

const remoteCodeNote =
  'config.json names Python code of its own (auto_map): it is not run, the model is the one built in for its model_type.'
