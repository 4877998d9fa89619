// The Auto classes: the class that a folder's config.json asks for.
import { readConfig } from '../src/checkpoint/folder.ts'
import { ConfigError, nearestName } from '../src/errors.ts'
import { BertConfig, BertForMaskedLM, BertForSequenceClassification, BertModel } from './bert.ts'
import type { ConfigJson } from './config.ts'
import { GPT2Config, GPT2LMHeadModel, GPT2Model } from './gpt2.ts'
import type { FromConfigOptions, FromPretrainedOptions, PreTrainedModel } from './pretrained.ts'

const configs = { bert: BertConfig, gpt2: GPT2Config } as const
type ModelType = keyof typeof configs

/**
 * The architecture of a config: its model_type, or else the one that `architectures` begins with. Throws ConfigError
 * UNKNOWN_MODEL_TYPE and lists the known ones.
 */
export function modelTypeOf(json: ConfigJson): ModelType {
  const known = Object.keys(configs) as ModelType[]
  const { model_type, architectures } = json
  const inferred = Array.isArray(architectures)
    ? known.find(type => String(architectures[0]).toLowerCase().startsWith(type))
    : undefined
  const type = model_type ?? inferred
  const found = known.find(name => name === type)
  if (found) return found
  const near = typeof type === 'string' ? nearestName(type, known) : undefined
  const message = type === undefined ? 'the config has no model_type' : `there is no model_type '${String(type)}'`
  throw new ConfigError('UNKNOWN_MODEL_TYPE', message, {
    hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
  })
}

export const AutoConfig = {
  /** The checked config of a model folder. Throws FileError and ConfigError. */
  async from_pretrained(folder: string): Promise<BertConfig | GPT2Config> {
    return AutoConfig.from_json(readConfig(folder))
  },

  /** The checked config of a parsed config.json. Throws ConfigError. */
  from_json(json: ConfigJson): BertConfig | GPT2Config {
    return new configs[modelTypeOf(json)](json)
  },
}

/** What an Auto class needs of the classes it chooses from. */
interface Loadable<M extends PreTrainedModel> {
  from_pretrained(folder: string, options?: FromPretrainedOptions): Promise<M>
  from_config(config: ConfigJson, options?: FromConfigOptions): M
}

type Choices<M extends PreTrainedModel> = Partial<Record<ModelType, Loadable<M>>>

/** An Auto class over some models: for each architecture one class, or none. */
function autoClass<M extends PreTrainedModel>(name: string, choices: Choices<M>) {
  const choose = (json: ConfigJson): Loadable<M> => {
    const type = modelTypeOf(json)
    const chosen = choices[type]
    if (chosen) return chosen
    throw new ConfigError('NO_SUCH_HEAD', `${name}: there is no such model for the architecture '${type}'`, {
      hint: `it has one for ${Object.keys(choices).join(', ')}`,
    })
  }
  return {
    /** The model in a folder. Throws FileError, ConfigError and LoadError. */
    async from_pretrained(folder: string, options?: FromPretrainedOptions): Promise<M> {
      return choose(readConfig(folder)).from_pretrained(folder, options)
    },
    /** The same as from_pretrained. */
    fromPretrained(folder: string, options?: FromPretrainedOptions): Promise<M> {
      return this.from_pretrained(folder, options)
    },
    /** A model with random weights. Throws ConfigError. */
    from_config(config: ConfigJson, options?: FromConfigOptions): M {
      return choose(config).from_config(config, options)
    },
  }
}

/** The body without a head. */
export const AutoModel = autoClass<BertModel | GPT2Model>('AutoModel', { bert: BertModel, gpt2: GPT2Model })
/** Models that continue a text. */
export const AutoModelForCausalLM = autoClass<GPT2LMHeadModel>('AutoModelForCausalLM', { gpt2: GPT2LMHeadModel })
/** Models that classify a text. */
export const AutoModelForSequenceClassification = autoClass<BertForSequenceClassification>(
  'AutoModelForSequenceClassification',
  { bert: BertForSequenceClassification },
)
/** Models that fill in masked tokens. */
export const AutoModelForMaskedLM = autoClass<BertForMaskedLM>('AutoModelForMaskedLM', { bert: BertForMaskedLM })
