// The options of from_pretrained that are about the model and not about its files: a config in the place of the
// folder's, options of the class, defaults of generate(), and names that ask for what is done anyway.
import { readConfig } from '../src/checkpoint/folder.ts'
import { ConfigError, valueText } from '../src/errors.ts'
import { isParameterName } from '../src/generation/parameters.ts'
import { type ConfigClass, PretrainedConfig } from './config.ts'
import type { ConfigJson } from './configReader.ts'

/** Hugging Face's names of what there is only one of, and the values that ask for it. */
const usual: Readonly<Record<string, readonly unknown[]>> = {
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
interface Loaded {
  readonly name: string
  readonly config_class: ConfigClass
  /** Names of the constructor's options. */
  readonly ownOptions: readonly string[]
  /** Whether it has generate(). */
  readonly generates: boolean
}

export interface LoadingOptions {
  /** The fields of the config that was given. */
  readonly config: ConfigJson | undefined
  /** Options of the constructor. */
  readonly own: Readonly<Record<string, unknown>>
  /** Parameters of generation_config; special tokens and flags of outputs stand also among the others. */
  readonly generation: Readonly<Record<string, unknown>>
  readonly others: Readonly<Record<string, unknown>>
}

/** Throws ConfigError UNSUPPORTED_OPTION, and CONFIG_CLASS for a config that is none of the class. */
export function loadingOptions(options: Readonly<Record<string, unknown>>, model: Loaded): LoadingOptions {
  const { config, ...given } = options
  const there = Object.entries(given).filter(([name, value]) => !isUsual(name, value, model.name))
  const pick = (wanted: (name: string) => boolean) => Object.fromEntries(there.filter(([name]) => wanted(name)))
  const isOwn = (name: string): boolean => model.ownOptions.includes(name)
  const isGeneration = (name: string): boolean => model.generates && isParameterName(name)
  const fields = new model.config_class().to_dict()
  return {
    config: config === undefined || config === null ? undefined : fieldsOf(config, model),
    own: pick(isOwn),
    generation: pick(isGeneration),
    others: pick(name => !isOwn(name) && (!isGeneration(name) || name in fields)),
  }
}

function isUsual(name: string, value: unknown, owner: string): boolean {
  const values = Object.hasOwn(usual, name) ? usual[name]! : undefined
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
