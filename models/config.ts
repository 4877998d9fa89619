// Reading a config.json: every field that is used is checked for type, range and relation before anything is allocated.
import { ConfigError, nearestName } from '../src/errors.ts'
import { activationNames } from '../src/nn/activation.ts'

/** A config.json as it was parsed. Fields that no class uses are kept. */
export type ConfigJson = Readonly<Record<string, unknown>>

/** The most parameters that memory of 4 GiB can hold as float32. */
const mostParameters = 2 ** 30

/** Reads fields of one config and complains in its name. */
export class ConfigReader {
  readonly #json: ConfigJson
  readonly #owner: string
  readonly #aliases: Readonly<Record<string, string>>

  /** `aliases` maps the names by which Hugging Face also knows a field (attribute_map): hidden_size -> n_embd. */
  constructor(json: ConfigJson, owner: string, aliases: Readonly<Record<string, string>> = {}) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new ConfigError('CONFIG_JSON', `${owner}: the config must be an object of fields, got ${described(json)}`)
    }
    this.#json = json
    this.#owner = owner
    this.#aliases = aliases
  }

  /** The value of a field or of its other name; undefined when absent. */
  value(name: string): unknown {
    if (Object.hasOwn(this.#json, name)) return this.#json[name]
    const alias = Object.keys(this.#aliases).find(key => this.#aliases[key] === name && Object.hasOwn(this.#json, key))
    return alias === undefined ? undefined : this.#json[alias]
  }

  /** A whole number of at least `least`. */
  count(name: string, otherwise: number, { least = 1, most = 2 ** 31 - 1 } = {}): number {
    const value = this.value(name) === undefined ? otherwise : this.value(name)
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      throw this.fault(name, value, `a whole number from ${least} on`)
    }
    return value
  }

  /** A token id, a list of them for eos, or undefined for null. */
  tokenIds(name: string): number | readonly number[] | undefined {
    const value = this.value(name)
    if (value === undefined || value === null) return undefined
    const isId = (id: unknown): id is number => typeof id === 'number' && Number.isInteger(id) && id >= -1
    if (isId(value)) return value
    if (Array.isArray(value) && value.every(isId)) return value
    throw this.fault(name, value, 'a token id or a list of them')
  }

  /** A finite number within least..most. */
  number(name: string, otherwise: number, { least = -Infinity, most = Infinity } = {}): number {
    const value = this.value(name) === undefined ? otherwise : this.value(name)
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most) {
      const range = Number.isFinite(least) || Number.isFinite(most) ? ` from ${least} to ${most}` : ''
      throw this.fault(name, value, `a number${range}`)
    }
    return value
  }

  /** A share from 0 to 1, such as a dropout. */
  share(name: string, otherwise: number): number {
    return this.number(name, otherwise, { least: 0, most: 1 })
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.value(name) ?? otherwise
    if (typeof value !== 'boolean') throw this.fault(name, value, 'true or false')
    return value
  }

  text(name: string): string | undefined {
    const value = this.value(name) ?? undefined
    if (value !== undefined && typeof value !== 'string') throw this.fault(name, value, 'a text')
    return value
  }

  /** The name of an activation function. */
  activation(name: string, otherwise: string): string {
    const value = this.text(name) ?? otherwise
    if (activationNames.includes(value)) return value
    const near = nearestName(value, activationNames)
    throw this.fault(name, value, `one of ${activationNames.join(', ')}`, near && `did you mean '${near}'?`)
  }

  /** Refuses a field that this library does not compute, unless it has a value that changes nothing. */
  refuse(name: string, harmless: readonly unknown[]): void {
    const value = this.value(name)
    if (value === undefined || value === null || harmless.includes(value)) return
    throw new ConfigError('CONFIG_UNSUPPORTED', `${this.#owner}: ${name} = ${JSON.stringify(value)} is not supported`, {
      field: name,
      hint: `supported: ${harmless.map(item => JSON.stringify(item)).join(', ')}`,
    })
  }

  /** Throws unless `heads` divides `width`. */
  divides(heads: [name: string, value: number], width: [name: string, value: number]): void {
    if (width[1] % heads[1] === 0) return
    throw this.fault(heads[0], heads[1], `a divisor of ${width[0]} = ${width[1]}`)
  }

  /** Throws ConfigError TOO_LARGE when so many parameters cannot be held. */
  limit(parameters: number): void {
    if (parameters <= mostParameters) return
    const gigabytes = ((parameters * 4) / 2 ** 30).toFixed(1)
    const message = `${this.#owner}: ${parameters} parameters would take ${gigabytes} GiB, the limit is 4 GiB`
    throw new ConfigError('TOO_LARGE', message, { parameters, limit: mostParameters })
  }

  fault(name: string, value: unknown, wanted: string, hint?: string | undefined): ConfigError {
    const message = `${this.#owner}: ${name} must be ${wanted}, got ${described(value)}`
    return new ConfigError('CONFIG_VALUE', message, { field: name, got: value, ...(hint ? { hint } : {}) })
  }
}

function described(value: unknown): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`
  if (Array.isArray(value)) return 'a list'
  return String(value)
}

/** Fields that all configs have. */
export abstract class PretrainedConfig {
  abstract readonly model_type: string
  /** The fields as they came, also those that nothing here uses. */
  readonly json: ConfigJson
  readonly architectures: readonly string[]
  readonly num_labels: number
  /** The names of a classifier's labels, by number. */
  readonly id2label: readonly string[]
  readonly problem_type: string | undefined
  readonly tie_word_embeddings: boolean
  readonly initializer_range: number
  readonly output_hidden_states: boolean
  readonly output_attentions: boolean
  readonly bos_token_id: number | undefined
  readonly eos_token_id: number | readonly number[] | undefined
  readonly pad_token_id: number | undefined

  constructor(json: ConfigJson, read: ConfigReader, defaults: { bos?: number; eos?: number; pad?: number } = {}) {
    this.json = json
    const names = read.value('architectures')
    this.architectures = Array.isArray(names) ? names.filter(name => typeof name === 'string') : []
    this.id2label = readLabels(read)
    this.num_labels = this.id2label.length
    this.problem_type = read.text('problem_type')
    this.tie_word_embeddings = read.flag('tie_word_embeddings', true)
    this.initializer_range = read.number('initializer_range', 0.02, { least: 0 })
    this.output_hidden_states = read.flag('output_hidden_states', false)
    this.output_attentions = read.flag('output_attentions', false)
    this.bos_token_id = oneId(read, 'bos_token_id') ?? defaults.bos
    this.eos_token_id = read.tokenIds('eos_token_id') ?? defaults.eos
    this.pad_token_id = oneId(read, 'pad_token_id') ?? defaults.pad
  }
}

function oneId(read: ConfigReader, name: string): number | undefined {
  const value = read.tokenIds(name)
  if (typeof value === 'object') throw read.fault(name, value, 'one token id')
  return value
}

/** id2label in order, or LABEL_0, LABEL_1 and so on for num_labels (2 unless given). */
function readLabels(read: ConfigReader): string[] {
  const given = read.value('id2label')
  const count = read.value('num_labels')
  if (given === undefined || given === null) return numberedLabels(read.count('num_labels', 2, { least: 0, most: 1e6 }))
  if (typeof given !== 'object') throw read.fault('id2label', given, 'an object of label names by number')
  const labels = new Map(Object.entries(given))
  if (typeof count === 'number' && count !== labels.size)
    return numberedLabels(read.count('num_labels', 2, { most: 1e6 }))
  return Array.from(labels, (_, i) => {
    const label: unknown = labels.get(String(i))
    if (typeof label !== 'string') throw read.fault('id2label', label, `a name for label ${i}`)
    return label
  })
}

function numberedLabels(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `LABEL_${i}`)
}
