// The options of from_pretrained, sorted by who needs them: loading, the files, the config, the class, generate(), and
// names that ask for what is done anyway.
import type { Backend, BackendName } from '../src/backend.ts'
import { readConfig } from '../src/checkpoint/folder.ts'
import { ConfigError, valueText } from '../src/errors.ts'
import { isParameterName } from '../src/generation/parameters.ts'
import type { HubOptions } from '../src/hub/options.ts'
import { type CheckpointOptions, checkpointOptions } from './checkpointOptions.ts'
import { type ConfigClass, PretrainedConfig } from './config.ts'
import type { ConfigJson } from './configReader.ts'
import type { DTypeOptions } from './dtype.ts'
import { configFields } from './overrides.ts'

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
  /** What the model says that it was loaded from, unless it is the first argument. */
  name_or_path?: string
  /**
   * Fields that replace those of config.json: num_labels, id2label and so on; for models with generate() also its
   * parameters, which become those of generation_config.
   */
  [configField: string]: unknown
}

/** Options that ask for [model, info]. */
export type WithLoadingInfo = FromPretrainedOptions & { output_loading_info: true }

/** Hugging Face's names of what there is only one of, and the values that ask for it. */
export const usualValues: Readonly<Record<string, readonly unknown[]>> = {
  attn_implementation: ['eager', 'sdpa'],
  device: ['cpu'],
  device_map: ['cpu', 'auto'],
  framework: ['pt'],
  from_tf: [false],
  from_flax: [false],
  low_cpu_mem_usage: [true, false],
  trust_remote_code: [false],
}

/** What is needed of a class. */
interface Loaded<C extends PretrainedConfig = PretrainedConfig> {
  readonly name: string
  readonly config_class: ConfigClass<C>
  /** Names of the constructor's options. */
  readonly ownOptions: readonly string[]
  /** Whether it has generate(). */
  readonly generates: boolean
}

/** Options that are neither the hub's nor about what stands in the folder. */
type LoadOptions = {
  readonly [Name in 'backend' | 'seed' | 'dtype' | 'torch_dtype' | 'output_loading_info' | 'name_or_path']:
    | FromPretrainedOptions[Name]
    | undefined
}

/** What a call asks for. */
export interface LoadingOptions {
  readonly loading: LoadOptions
  /** Which files are read, and what may differ between them and the model. */
  readonly files: CheckpointOptions
  /** The fields of the config that was given. */
  readonly config: ConfigJson | undefined
  /** Fields that replace those of the config. */
  readonly fields: ConfigJson
  /** Options of the constructor. */
  readonly own: Readonly<Record<string, unknown>>
  /** Parameters of generation_config; special tokens and flags of outputs stand also among the fields. */
  readonly generation: Readonly<Record<string, unknown>>
}

/** Throws ConfigError UNSUPPORTED_OPTION, OPTION_VALUE, and CONFIG_CLASS for a config that is none of the class. */
export function loadingOptions(options: Readonly<Record<string, unknown>>, model: Loaded): LoadingOptions {
  const { config, ...given } = options
  const there = Object.entries(given).filter(([name, value]) => !isUsual(name, value, model.name))
  const pick = (wanted: (name: string) => boolean) => Object.fromEntries(there.filter(([name]) => wanted(name)))
  const isOwn = (name: string): boolean => model.ownOptions.includes(name)
  const isGeneration = (name: string): boolean => model.generates && isParameterName(name)
  const configNames = new model.config_class().to_dict()
  const others: FromPretrainedOptions = pick(name => !isOwn(name) && (!isGeneration(name) || name in configNames))
  const { backend, seed, dtype, torch_dtype, output_loading_info, name_or_path, ...rest } = others
  const [files, fields] = checkpointOptions(rest)
  return {
    loading: { backend, seed, dtype, torch_dtype, output_loading_info, name_or_path },
    files,
    config: config === undefined || config === null ? undefined : fieldsOf(config, model),
    fields,
    own: pick(isOwn),
    generation: pick(isGeneration),
  }
}

/** The checked config of a model in `folder`, as the options want it. Throws FileError and ConfigError. */
export function configIn<C extends PretrainedConfig>(
  folder: string,
  { config, fields }: LoadingOptions,
  { name, config_class }: Loaded<C>,
): C {
  const json = config ?? readConfig(folder)
  return new config_class({ ...json, ...configFields(fields, json, config_class, name) })
}

function isUsual(name: string, value: unknown, owner: string): boolean {
  const values = Object.hasOwn(usualValues, name) ? usualValues[name]! : undefined
  if (!values) return false
  if (value === undefined || value === null || values.includes(value)) return true
  throw new ConfigError('UNSUPPORTED_OPTION', `${owner}.from_pretrained: ${name} cannot be ${valueText(value)}`, {
    option: name,
    hint: `here it is always ${values.map(valueText).join(' or ')}`,
  })
}

function fieldsOf(config: unknown, { name, config_class }: Loaded): ConfigJson {
  if (config instanceof config_class) return config.to_dict()
  if (typeof config === 'string') return readConfig(config)
  const isPlain = typeof config === 'object' && config?.constructor === Object
  if (isPlain) return config as ConfigJson
  const message = `${name}.from_pretrained: config must be a ${config_class.name}, its fields or a folder, got ${valueText(config)}`
  throw new ConfigError('CONFIG_CLASS', message)
}

/** The config that a folder and the options name, as fields: what an Auto class chooses by. Throws FileError. */
export function namedConfig(folder: string, { config }: { config?: unknown }): ConfigJson {
  if (config instanceof PretrainedConfig) return config.to_dict()
  if (typeof config === 'string') return readConfig(config)
  return typeof config === 'object' && config !== null ? (config as ConfigJson) : readConfig(folder)
}
