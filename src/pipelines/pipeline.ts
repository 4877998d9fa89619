// pipeline(): a task, a model and a tokenizer as one function from inputs to results.
import { checkpointOptions } from '../../models/checkpointOptions.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import { ConfigError, nearestName } from '../errors.ts'
import { type GivenHubOptions, hubOptionsOfFolder } from '../hub/options.ts'
import { resolveFolder } from '../hub/resolveFolder.ts'
import { modelFileNames } from '../hub/wanted.ts'
import { AutoTokenizer, type AutoTokenizerOptions } from '../tokenizers/auto.ts'
import { tokenizerFileNames } from '../tokenizers/files/tokenizerFiles.ts'
import { type FeatureExtractionOptions, FeatureExtractionPipeline } from './featureExtraction.ts'
import { type FillMaskOptions, FillMaskPipeline } from './fillMask.ts'
import { type LoadingOptions, loadingOf, withoutUsual } from './loading.ts'
import { without } from './options.ts'
import type { Known, NoOptions } from './optionTypes.ts'
import { type QuestionAnsweringOptions, QuestionAnsweringPipeline } from './questionAnswering.ts'
import { type TextClassificationOptions, TextClassificationPipeline } from './textClassification.ts'
import { type TextGenerationOptions, TextGenerationPipeline } from './textGeneration.ts'
import { type TokenClassificationOptions, TokenClassificationPipeline } from './tokenClassification.ts'
import type { PipelineTokenizer } from './tokenizer.ts'
import { ZeroShotClassificationPipeline, type ZeroShotOptions } from './zeroShotClassification.ts'

/** The options of each task. */
interface Options {
  'text-generation': TextGenerationOptions
  'text-classification': TextClassificationOptions
  'token-classification': TokenClassificationOptions
  'question-answering': QuestionAnsweringOptions
  'fill-mask': FillMaskOptions
  'feature-extraction': FeatureExtractionOptions
  'zero-shot-classification': ZeroShotOptions
}

type TaskName = keyof Options

/** The pipeline of each task that was made with some options. */
interface Made<O> {
  'text-generation': O extends TextGenerationOptions ? TextGenerationPipeline<O> : never
  'text-classification': O extends TextClassificationOptions ? TextClassificationPipeline<O> : never
  'token-classification': O extends TokenClassificationOptions ? TokenClassificationPipeline<O> : never
  'question-answering': O extends QuestionAnsweringOptions ? QuestionAnsweringPipeline<O> : never
  'fill-mask': FillMaskPipeline
  'feature-extraction': O extends FeatureExtractionOptions ? FeatureExtractionPipeline<O> : never
  'zero-shot-classification': ZeroShotClassificationPipeline
}

const classes = {
  'text-generation': TextGenerationPipeline,
  'text-classification': TextClassificationPipeline,
  'token-classification': TokenClassificationPipeline,
  'question-answering': QuestionAnsweringPipeline,
  'fill-mask': FillMaskPipeline,
  'feature-extraction': FeatureExtractionPipeline,
  'zero-shot-classification': ZeroShotClassificationPipeline,
} as const satisfies Record<TaskName, unknown>

/** Other names of tasks. */
const aliases = {
  'sentiment-analysis': 'text-classification',
  ner: 'token-classification',
  embeddings: 'feature-extraction',
} as const satisfies Record<string, TaskName>

type Aliases = typeof aliases
export type Task = TaskName | keyof Aliases
type Named<T extends Task> = T extends keyof Aliases ? Aliases[T] : T extends TaskName ? T : never

/** The pipeline of each task, as it is made without options. */
export type Pipelines = { [T in Task]: Made<NoOptions>[Named<T>] }

/** The pipeline of a task that is made with options `O`, which its results follow. */
export type PipelineOf<T extends Task, O> = Made<Omit<O, keyof LoadingOptions | 'model'>>[Named<T>]

/** Options of loading, and those of the task, which hold for every call that gives no others. */
export type PipelineOptions<T extends Task> = LoadingOptions & Omit<Options[Named<T>], keyof LoadingOptions>

type WithModel = { readonly model: string | PreTrainedModel }

export function pipeline<T extends Task>(
  task: T,
  model: string | PreTrainedModel,
  tokenizer?: PipelineTokenizer,
): Promise<Pipelines[T]>
export function pipeline<T extends Task, const O extends PipelineOptions<T>>(
  task: T,
  model: string | PreTrainedModel,
  tokenizer: PipelineTokenizer,
  options: Known<O, PipelineOptions<T>>,
): Promise<PipelineOf<T, O>>
export function pipeline<T extends Task, const O extends PipelineOptions<T> & WithModel>(
  task: T,
  options: Known<O, PipelineOptions<T> & WithModel>,
): Promise<PipelineOf<T, O>>
export function pipeline<T extends Task, const O extends PipelineOptions<T>>(
  task: T,
  model: string | PreTrainedModel,
  options: Known<O, PipelineOptions<T>>,
): Promise<PipelineOf<T, O>>
/**
 * A function from inputs to results. `model` is a loaded model, or a folder or a name on the hub, which is then loaded with
 * `options`; the tokenizer is the third argument or an option, and else comes from the model's folder. The model may be an
 * option too.
 * Throws ConfigError UNKNOWN_TASK, NO_TOKENIZER, WRONG_MODEL or UNSUPPORTED_OPTION, and what loading throws.
 */
export async function pipeline(
  task: Task,
  first: string | PreTrainedModel | (LoadingOptions & WithModel),
  second?: PipelineTokenizer | LoadingOptions,
  third?: LoadingOptions,
): Promise<unknown> {
  const Pipeline = classOf(task)
  const options = { ...(typeof second === 'function' ? { tokenizer: second } : second), ...third }
  const { model, ...given } = isWithModel(first) ? { ...first, ...options } : { model: first, ...options }
  if (typeof model === 'string') return fromName(Pipeline, model, given)
  const { tokenizer, ...forTask } = given
  return wrapped(Pipeline, model, tokenizer, withoutUsual(forTask))
}

function isWithModel(first: unknown): first is LoadingOptions & WithModel {
  return typeof first === 'object' && first !== null && 'model' in first
}

type PipelineClass = ReturnType<typeof classOf>

/** The pipeline of a folder or of a model on the hub: what is no option of the task is one of loading. */
async function fromName(Pipeline: PipelineClass, name: string, options: LoadingOptions): Promise<unknown> {
  const names = Object.keys(options)
  const forLoading = without(
    options,
    names.filter(name => Pipeline.isOption(name)),
  )
  const { hub: given, tokenizer = name, forModel, forTokenizer } = loadingOf(forLoading)
  // A signal that ends the calls ends the loading before them.
  const hub = options.signal ? { ...given, signal: options.signal } : given
  const files = tokenizer === name ? [...modelFileNames, ...tokenizerFileNames] : modelFileNames
  const accept = (place: string): void => Pipeline.models.check(place, forModel)
  const [weights] = checkpointOptions(forModel)
  const folder = await resolveFolder(name, hub, { files, weights, accept })
  const told = { name_or_path: name, ...forModel, ...hubOptionsOfFolder(hub) }
  const model = await Pipeline.models.from_pretrained(folder, told)
  try {
    const words = await tokenizerFor(tokenizer, name, folder, { ...hub, ...forTokenizer })
    const made = await wrapped(Pipeline, model, words, without(options, Object.keys(forLoading)))
    hub.progress_callback?.({ status: 'ready', task: Pipeline.task, model: name })
    return made
  } catch (error) {
    model.dispose()
    throw error
  }
}

/** The tokenizer of the model itself lies beside it already. */
function tokenizerFor(
  tokenizer: PipelineTokenizer | string,
  name: string,
  folder: string,
  options: AutoTokenizerOptions & GivenHubOptions,
): Promise<PipelineTokenizer> | PipelineTokenizer {
  if (typeof tokenizer !== 'string') return tokenizer
  if (tokenizer !== name) return AutoTokenizer.from_pretrained(tokenizer, options)
  const { subfolder: _, ...others } = options
  return AutoTokenizer.from_pretrained(folder, { ...others, name_or_path: name })
}

/** The pipeline of a loaded model, which takes options of the task alone. */
async function wrapped(
  Pipeline: PipelineClass,
  model: PreTrainedModel,
  tokenizer: unknown,
  options: object,
): Promise<unknown> {
  const words = typeof tokenizer === 'string' ? await AutoTokenizer.from_pretrained(tokenizer) : tokenizer
  // The class belongs to the task by its name, which the compiler does not see.
  const Class: new (model: never, tokenizer: PipelineTokenizer, options: object) => unknown = Pipeline
  return new Class(model as never, words as PipelineTokenizer, options)
}

function classOf(task: string) {
  const name = Object.hasOwn(aliases, task) ? aliases[task as keyof Aliases] : task
  if (Object.hasOwn(classes, name)) return classes[name as TaskName]
  const known = [...Object.keys(classes), ...Object.keys(aliases)]
  const near = nearestName(String(task), known)
  throw new ConfigError('UNKNOWN_TASK', `pipeline: there is no task '${String(task)}'`, {
    hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
  })
}
