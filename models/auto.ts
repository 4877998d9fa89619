// The Auto classes: the class that a folder's config.json asks for.
import { readConfig } from '../src/checkpoint/folder.ts'
import { ConfigError, nearestName } from '../src/errors.ts'
import { type HubOptions, hubOptions, hubOptionsOfFolder } from '../src/hub/options.ts'
import { resolveFolder } from '../src/hub/resolveFolder.ts'
import { modelFileNames } from '../src/hub/wanted.ts'
import { BertConfig, BertModel } from './bert.ts'
import {
  BertForMultipleChoice,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
} from './bertHeads.ts'
import { BertForMaskedLM, BertForNextSentencePrediction, BertForPreTraining, BertLMHeadModel } from './bertLanguage.ts'
import { checkpointOptions, type LoadingInfo } from './checkpointOptions.ts'
import { PretrainedConfig } from './config.ts'
import type { ConfigJson } from './configReader.ts'
import { GPT2Config, GPT2Model } from './gpt2.ts'
import {
  GPT2DoubleHeadsModel,
  GPT2ForQuestionAnswering,
  GPT2ForSequenceClassification,
  GPT2ForTokenClassification,
  GPT2LMHeadModel,
} from './gpt2Heads.ts'
import {
  type FromConfigOptions,
  type FromPretrainedOptions,
  namedConfig,
  type WithLoadingInfo,
} from './loadingOptions.ts'
import type { Loader, PreTrainedModel } from './pretrained.ts'

const configs = { bert: BertConfig, gpt2: GPT2Config } as const
type ModelType = keyof typeof configs

/** All classes of an architecture, the body first. */
export const modelClasses = {
  bert: [
    BertModel,
    BertForSequenceClassification,
    BertForMaskedLM,
    BertForTokenClassification,
    BertForQuestionAnswering,
    BertForNextSentencePrediction,
    BertForPreTraining,
    BertForMultipleChoice,
    BertLMHeadModel,
  ],
  gpt2: [
    GPT2Model,
    GPT2LMHeadModel,
    GPT2ForSequenceClassification,
    GPT2ForTokenClassification,
    GPT2ForQuestionAnswering,
    GPT2DoubleHeadsModel,
  ],
} as const

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
  /**
   * The checked config of a folder or of a model on the hub; `fields` replace those of its config.json. Throws FileError,
   * ConfigError and HubError.
   */
  async from_pretrained(name: string, options: ConfigJson & HubOptions = {}): Promise<BertConfig | GPT2Config> {
    const [hub, fields] = hubOptions(options)
    const folder = await resolveFolder(name, hub, { files: ['config.json'] })
    return AutoConfig.from_json({ ...readConfig(folder), ...fields })
  },

  /** The same as from_pretrained. */
  fromPretrained(folder: string, fields?: ConfigJson): Promise<BertConfig | GPT2Config> {
    return AutoConfig.from_pretrained(folder, fields)
  },

  /** The config of an architecture, with these fields in the place of its defaults. Throws ConfigError. */
  for_model(model_type: string, fields: ConfigJson = {}): BertConfig | GPT2Config {
    return AutoConfig.from_json({ ...fields, model_type })
  },

  /** The checked config of a parsed config.json. Throws ConfigError. */
  from_json(json: ConfigJson): BertConfig | GPT2Config {
    return new configs[modelTypeOf(json)](json)
  },
}

/** What an Auto class needs of the classes it chooses from. */
interface Loadable<M extends PreTrainedModel> extends Loader<M> {
  readonly prototype: M
  configIn(folder: string, options?: FromPretrainedOptions): PretrainedConfig
  from_config(config: ConfigJson | PretrainedConfig, options?: FromConfigOptions): M
}

type Choices<M extends PreTrainedModel> = Partial<Record<ModelType, Loadable<M>>>

/**
 * An Auto class over some models: for each architecture one class, or none; `needs` names a field of the config that
 * must be true for it.
 */
function autoClass<M extends PreTrainedModel>(
  name: string,
  choices: Choices<M>,
  needs: Partial<Record<ModelType, string>> = {},
) {
  const choose = (json: ConfigJson): Loadable<M> => {
    const type = modelTypeOf(json)
    const [chosen, need] = [choices[type], needs[type]]
    if (chosen && (need === undefined || json[need] === true)) return chosen
    throw new ConfigError('NO_SUCH_HEAD', `${name}: there is no such model for the architecture '${type}'`, {
      hint: chosen ? `unless ${need} is true` : `it has one for ${Object.keys(choices).join(', ')}`,
    })
  }
  const check = (folder: string, options: FromPretrainedOptions = {}): void => {
    choose({ ...namedConfig(folder, options), ...options }).configIn(folder, options)
  }
  async function from_pretrained(name: string, options: WithLoadingInfo): Promise<[M, LoadingInfo]>
  async function from_pretrained(name: string, options?: FromPretrainedOptions): Promise<M>
  async function from_pretrained(name: string, options: FromPretrainedOptions = {}): Promise<M | [M, LoadingInfo]> {
    const [hub, others] = hubOptions(options)
    const accept = (place: string): void => check(place, others)
    const [weights] = checkpointOptions(others)
    const folder = await resolveFolder(name, hub, { files: modelFileNames, weights, accept })
    const told = { name_or_path: name, ...others, ...hubOptionsOfFolder(hub) }
    return choose({ ...namedConfig(folder, others), ...others }).from_pretrained(folder, told)
  }
  return {
    name,
    /** Whether a model is one of these classes. */
    covers(model: PreTrainedModel): model is M {
      return Object.values(choices).some(choice => Object.prototype.isPrototypeOf.call(choice.prototype, model))
    },
    /** The model in a folder, or of that name on the hub. Throws FileError, ConfigError, LoadError, HubError and a signal's reason. */
    from_pretrained,
    /** The same as from_pretrained. */
    fromPretrained: from_pretrained,
    /** Throws what from_pretrained throws before it looks at a folder's weights. */
    check,
    /** A model with random weights. Throws ConfigError. */
    from_config(config: ConfigJson | PretrainedConfig, options?: FromConfigOptions): M {
      return choose(config instanceof PretrainedConfig ? config.to_dict() : config).from_config(config, options)
    },
  }
}

/** The body without a head. */
export const AutoModel = autoClass<BertModel | GPT2Model>('AutoModel', { bert: BertModel, gpt2: GPT2Model })
/** The models as they were trained at first. */
export const AutoModelForPreTraining = autoClass<BertForPreTraining | GPT2LMHeadModel>('AutoModelForPreTraining', {
  bert: BertForPreTraining,
  gpt2: GPT2LMHeadModel,
})
/** Models that continue a text: BERT only as a decoder. */
export const AutoModelForCausalLM = autoClass<BertLMHeadModel | GPT2LMHeadModel>(
  'AutoModelForCausalLM',
  { bert: BertLMHeadModel, gpt2: GPT2LMHeadModel },
  { bert: 'is_decoder' },
)
/** Models that fill in masked tokens. */
export const AutoModelForMaskedLM = autoClass<BertForMaskedLM>('AutoModelForMaskedLM', { bert: BertForMaskedLM })
/** Models that classify a text. */
export const AutoModelForSequenceClassification = autoClass<
  BertForSequenceClassification | GPT2ForSequenceClassification
>('AutoModelForSequenceClassification', { bert: BertForSequenceClassification, gpt2: GPT2ForSequenceClassification })
/** Models that label tokens. */
export const AutoModelForTokenClassification = autoClass<BertForTokenClassification | GPT2ForTokenClassification>(
  'AutoModelForTokenClassification',
  { bert: BertForTokenClassification, gpt2: GPT2ForTokenClassification },
)
/** Models that find an answer in a text. */
export const AutoModelForQuestionAnswering = autoClass<BertForQuestionAnswering | GPT2ForQuestionAnswering>(
  'AutoModelForQuestionAnswering',
  { bert: BertForQuestionAnswering, gpt2: GPT2ForQuestionAnswering },
)
/** Models that choose one of several texts. */
export const AutoModelForMultipleChoice = autoClass<BertForMultipleChoice>('AutoModelForMultipleChoice', {
  bert: BertForMultipleChoice,
})
/** Models that tell whether a text goes on. */
export const AutoModelForNextSentencePrediction = autoClass<BertForNextSentencePrediction>(
  'AutoModelForNextSentencePrediction',
  { bert: BertForNextSentencePrediction },
)
