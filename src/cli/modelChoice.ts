// The model class that a folder's config.json names, or another of the same architecture.
import { AutoConfig, modelClasses } from '../../models/auto.ts'
import { BertConfig } from '../../models/bert.ts'
import type { FromPretrainedOptions } from '../../models/loadingOptions.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import { ConfigError, nearestName } from '../errors.ts'

export interface ModelChoice {
  /** The model without weights. */
  make(): PreTrainedModel
  /** The model with its weights. Throws FileError, ConfigError and LoadError. */
  load(options?: FromPretrainedOptions): Promise<PreTrainedModel>
}

/** What is needed of a model class. */
interface Chosen<C> {
  new (config: C): PreTrainedModel
  readonly name: string
  from_pretrained(folder: string, options?: FromPretrainedOptions): Promise<PreTrainedModel>
}

/** Throws FileError, and ConfigError UNKNOWN_CLASS with the nearest name. */
export async function modelChoice(folder: string, className?: string): Promise<ModelChoice> {
  const config = await AutoConfig.from_pretrained(folder)
  const { model_type: type } = config
  const choices =
    config instanceof BertConfig
      ? choicesOf(config, modelClasses.bert, folder)
      : choicesOf(config, modelClasses.gpt2, folder)
  const name = className ?? config.architectures[0] ?? [...choices.keys()][0]!
  const choice = choices.get(name)
  if (choice) return choice
  const near = nearestName(name, choices.keys())
  throw new ConfigError('UNKNOWN_CLASS', `there is no class '${name}' for the architecture '${type}'`, {
    hint: near ? `did you mean '${near}'?` : `known: ${[...choices.keys()].join(', ')}`,
  })
}

function choicesOf<C>(config: C, classes: readonly Chosen<C>[], folder: string): Map<string, ModelChoice> {
  return new Map(
    classes.map(Class => [
      Class.name,
      { make: () => new Class(config), load: options => Class.from_pretrained(folder, options) },
    ]),
  )
}
