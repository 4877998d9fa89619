// GenerationConfig: the defaults of generate() for a model, as Hugging Face keeps them in generation_config.json.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '../checkpoint/folder.ts'
import { ConfigError, FileError, nearestName } from '../errors.ts'
import { type HubOptions, hubOptions } from '../hub/options.ts'
import { resolveFolder } from '../hub/resolveFolder.ts'
import { warnOnce } from '../warnings.ts'
import { configText } from './configText.ts'
import { type GenerationMode, modeOf } from './mode.ts'
import {
  assignParameters,
  defaultParameters,
  GenerationParameters,
  isParameterName,
  type ParameterName,
  parameterNames,
} from './parameters.ts'
import { checkParameters, describeIssues, issuesOf } from './validation.ts'

/** The version of transformers whose defaults these are. */
const version = '4.57.1'
const fileName = 'generation_config.json'

/** Parameters with values; null switches one off that has a default. */
export type GenerationValues = Partial<GenerationParameters>

/** Options of generate() that are about one call. */
const ofOneCall = [
  ...[
    'logits_processor',
    'stopping_criteria',
    'prefix_allowed_tokens_fn',
    'synced_gpus',
    'assistant_model',
    'streamer',
  ],
  ...['negative_prompt_ids', 'negative_prompt_attention_mask', 'use_model_defaults', 'tokenizer', 'signal', 'seed'],
]

export class GenerationConfig extends GenerationParameters {
  /** Fields of a file that generate() does not know; `save_pretrained` writes them again. */
  #others: Readonly<Record<string, unknown>> = {}

  /** Throws ConfigError UNKNOWN_OPTION or GENERATION_VALUE; values that have no effect give a warning. */
  constructor(values: GenerationValues = {}) {
    super()
    for (const name of Object.keys(values)) if (!isParameterName(name)) throw unknownField(name)
    assignParameters(this, { ...values })
    this.validate()
  }

  /** The config of a parsed generation_config.json; `values` count before it. Throws ConfigError GENERATION_VALUE. */
  static from_dict(json: Readonly<Record<string, unknown>>, values: GenerationValues = {}): GenerationConfig {
    const config = new GenerationConfig()
    assignParameters(config, { ...json, ...values })
    const others = Object.entries(json).filter(([name]) => !isParameterName(name) && !name.startsWith('_'))
    config.#others = Object.fromEntries(others)
    config.validate()
    return config
  }

  /** The config of a folder or of a model on the hub. Throws FileError FILE_MISSING or JSON, HubError, and what from_dict throws. */
  static async from_pretrained(
    name: string,
    options: GenerationValues & HubOptions & { config_file_name?: string } = {},
  ): Promise<GenerationConfig> {
    const [hub, { config_file_name = fileName, ...values }] = hubOptions(options)
    const folder = await resolveFolder(name, hub, { files: [config_file_name], oneOf: [config_file_name] })
    const json = readJson(folder, config_file_name)
    if (json) return GenerationConfig.from_dict(json, values)
    throw new FileError('FILE_MISSING', `there is no ${config_file_name} in '${folder}'`, { path: folder })
  }

  /** The same as from_pretrained. */
  static fromPretrained(
    folder: string,
    values?: GenerationValues & { config_file_name?: string },
  ): Promise<GenerationConfig> {
    return GenerationConfig.from_pretrained(folder, values)
  }

  /** What a model's config says about generation: its special tokens, and what older versions wrote into it. */
  static from_model_config(fields: Readonly<Record<string, unknown>>): GenerationConfig {
    const known = Object.entries(fields).filter(([, value]) => value !== null)
    const config = new GenerationConfig()
    assignParameters(config, { ...Object.fromEntries(known), transformers_version: null })
    const { output_attentions, output_hidden_states, output_scores, output_logits } = config
    const isRich = output_attentions || output_hidden_states || output_scores || output_logits === true
    if (isRich) config.return_dict_in_generate = true
    config.validate()
    return config
  }

  /** Sets the parameters among `values`, and returns what is none of them. Throws ConfigError GENERATION_VALUE. */
  update(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    assignParameters(this, values)
    this.validate()
    return Object.fromEntries(Object.entries(values).filter(([name]) => !isParameterName(name)))
  }

  /**
   * Throws ConfigError GENERATION_VALUE for a value that cannot be, alone or beside the others. Values that have no
   * effect give one warning, or with `strict` the error GENERATION_FLAGS.
   */
  validate({ strict = false }: { strict?: boolean } = {}): void {
    checkParameters(this)
    const issues = issuesOf(this)
    if (issues.length === 0) return
    const text = describeIssues(issues)
    if (strict) {
      throw new ConfigError('GENERATION_FLAGS', text, { options: issues.map(({ parameter }) => parameter) })
    }
    warnOnce('GENERATION_FLAGS', `GenerationConfig: ${text}`)
  }

  /** The search that these parameters ask for. */
  get_generation_mode(assistant_model?: unknown): GenerationMode {
    return modeOf(this, assistant_model !== undefined && assistant_model !== null)
  }

  /** All parameters, and the unknown fields of the file. */
  to_dict(): Record<string, unknown> {
    const own = parameterNames.map(name => [name, this[name]] as const)
    return { ...Object.fromEntries(own), ...this.#others, transformers_version: version }
  }

  /** Those that differ from the defaults. */
  to_diff_dict(): Record<string, unknown> {
    const isSet = ([name, value]: [string, unknown]): boolean =>
      !isParameterName(name) || JSON.stringify(value) !== JSON.stringify(defaultParameters[name])
    return Object.fromEntries(Object.entries(this.to_dict()).filter(isSet))
  }

  /** As Hugging Face writes it; `use_diff` leaves the defaults out. */
  to_json_string({ use_diff = true }: { use_diff?: boolean } = {}): string {
    return configText(use_diff ? this.to_diff_dict() : this.to_dict())
  }

  /**
   * Writes generation_config.json into a folder, which is made if need be. Throws ConfigError GENERATION_FLAGS for
   * values that have no effect, and UNSAVABLE for `constraints`.
   */
  async save_pretrained(
    folder: string,
    { config_file_name = fileName }: { config_file_name?: string } = {},
  ): Promise<void> {
    this.validate({ strict: true })
    if (this.constraints !== null) {
      throw new ConfigError('UNSAVABLE', 'GenerationConfig: constraints are objects, which no file can hold', {
        hint: 'force_words_ids says the same in numbers',
      })
    }
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, config_file_name), this.to_json_string())
  }

  /** A copy that can be changed apart from this one. */
  copy(): GenerationConfig {
    const other = Object.assign(new GenerationConfig(), this)
    other.#others = this.#others
    return other
  }

  override toString(): string {
    const values = Object.entries(this.to_diff_dict()).filter(([name]) => name !== 'transformers_version')
    return `GenerationConfig ${configText(Object.fromEntries(values))}`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

function unknownField(name: string): ConfigError {
  if (ofOneCall.includes(name)) {
    return new ConfigError('UNKNOWN_OPTION', `GenerationConfig: ${name} is about one call`, {
      option: name,
      hint: 'give it to generate(), or to the pipeline',
    })
  }
  const near = nearestName(name, parameterNames)
  return new ConfigError('UNKNOWN_OPTION', `GenerationConfig: there is no parameter ${name}`, {
    option: name,
    hint: near ? `did you mean ${near}?` : 'docs/generation.md has all of them',
  })
}

export type { ParameterName }
