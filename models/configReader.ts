// Reading the fields of a config.json: each is checked for type, range and relation before anything is allocated.
import { ConfigError, nearestName, valueText } from '../src/errors.ts'
import { activationNames } from '../src/nn/activation.ts'
import { warnOnce } from '../src/warnings.ts'

/** A config.json as it was parsed. Fields that no class uses are kept. */
export type ConfigJson = Readonly<Record<string, unknown>>

/** The most parameters that memory of 4 GiB can hold in a byte each. Whether they fit as what is asked for, loading decides. */
const mostParameters = 2 ** 32

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
  tokenIds(name: string, otherwise?: number): number | readonly number[] | undefined {
    const value = this.value(name)
    if (value === undefined) return otherwise
    if (value === null) return undefined
    const isId = (id: unknown): id is number => typeof id === 'number' && Number.isInteger(id) && id >= -1
    if (isId(value)) return value
    if (Array.isArray(value) && value.every(isId)) return value
    throw this.fault(name, value, 'a token id or a list of them')
  }

  /** One token id, or undefined for null. */
  tokenId(name: string, otherwise?: number): number | undefined {
    const value = this.tokenIds(name, otherwise)
    if (typeof value === 'object') throw this.fault(name, value, 'one token id')
    return value
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

  /** One of a few texts, or undefined for null. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name)
    const found = choices.find(choice => choice === value)
    if (found !== undefined || value === undefined) return found
    const near = nearestName(value, choices)
    throw this.fault(name, value, `one of ${choices.join(', ')}`, near && `did you mean '${near}'?`)
  }

  /** The name of an activation function. */
  activation(name: string, otherwise: string): string {
    return this.choice(name, activationNames) ?? otherwise
  }

  /** id2label in order, or LABEL_0, LABEL_1 and so on for num_labels (2 unless given). */
  labels(): string[] {
    const given = this.value('id2label')
    if (given === undefined || given === null) return numberedLabels(this.count('num_labels', 2, { most: 1e6 }))
    if (typeof given !== 'object' || Array.isArray(given)) {
      throw this.fault('id2label', given, 'an object of label names by number')
    }
    const labels = new Map(Object.entries(given))
    const names = Array.from(labels, (_, i) => {
      const label: unknown = labels.get(String(i))
      if (typeof label !== 'string') throw this.fault('id2label', label, `a name for label ${i}`)
      return label
    })
    const count = this.value('num_labels')
    if (typeof count === 'number' && count !== names.length) {
      const message = `${this.#owner}: num_labels is ${count}, but id2label has ${names.length} names, and they count.`
      warnOnce('NUM_LABELS', message)
    }
    return names
  }

  /** label2id, or the numbers of these labels. */
  labelIds(labels: readonly string[]): Record<string, number> {
    const given = this.value('label2id')
    const numbers = Object.fromEntries(labels.map((label, i) => [label, i]))
    if (given === undefined || given === null || !this.value('id2label')) return numbers
    const entries: [string, unknown][] = typeof given === 'object' ? Object.entries(given) : []
    const fits = entries.length > 0 && entries.every(([, id]) => Number.isInteger(id))
    if (!fits) throw this.fault('label2id', given, 'an object of numbers by label name')
    return Object.fromEntries(entries.map(([label, id]) => [label, Number(id)]))
  }

  /** Lists of heads by layer, as pruned_heads has them. */
  headLists(name: string): Record<number, number[]> {
    const given = this.value(name) ?? {}
    const isIndex = (item: unknown): item is number => typeof item === 'number' && Number.isInteger(item) && item >= 0
    const isObject = typeof given === 'object' && !Array.isArray(given)
    const entries: [string, unknown][] = isObject ? Object.entries(given) : [['', given]]
    return Object.fromEntries(
      entries.map(([layer, heads]): [string, number[]] => {
        if (isIndex(Number(layer)) && Array.isArray(heads) && heads.every(isIndex)) return [layer, heads]
        throw this.fault(name, given, 'an object of lists of head numbers by layer number')
      }),
    )
  }

  /** Throws ConfigError MODEL_TYPE when the config says that it belongs to another architecture. */
  modelType(own: string): void {
    const type = this.value('model_type') ?? own
    if (type === own) return
    throw new ConfigError(
      'MODEL_TYPE',
      `${this.#owner}: this is a config of model_type ${valueText(type)}, not '${own}'`,
      {
        hint: 'the Auto classes choose the class that fits',
      },
    )
  }

  /** Refuses a field that this library does not compute, unless it has a value that changes nothing. */
  refuse(name: string, harmless: readonly unknown[]): void {
    const value = this.value(name)
    if (value === undefined || value === null || harmless.includes(value)) return
    throw new ConfigError('CONFIG_UNSUPPORTED', `${this.#owner}: ${name} = ${JSON.stringify(value)} is not supported`, {
      field: name,
      hint:
        harmless.length > 0 ? `supported: ${harmless.map(item => JSON.stringify(item)).join(', ')}` : 'leave it out',
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
    const gigabytes = (parameters / 2 ** 30).toFixed(1)
    const message = `${this.#owner}: ${parameters} parameters would take ${gigabytes} GiB even as int8, the limit is 4 GiB`
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

function numberedLabels(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `LABEL_${i}`)
}
