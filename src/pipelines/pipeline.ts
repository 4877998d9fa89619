// pipeline(): a task, a model and a tokenizer as one function from inputs to results.
import { checkpointOptions } from '../../models/checkpointOptions.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import { ConfigError, nearestName } from '../errors.ts'
import type { GivenHubOptions } from '../hub/options.ts'
import { resolveFolder } from '../hub/resolveFolder.ts'
import { modelFileNames } from '../hub/wanted.ts'
import { AutoTokenizer, type AutoTokenizerOptions } from '../tokenizers/auto.ts'
import { tokenizerFileNames } from '../tokenizers/files/tokenizerFiles.ts'
import { type FeatureExtractionOptions, FeatureExtractionPipeline } from './featureExtraction.ts'
import { type FillMaskOptions, FillMaskPipeline } from './fillMask.ts'
import { type LoadingOptions, loadingOf } from './loading.ts'
import { without } from './options.ts'
import { type QuestionAnsweringOptions, QuestionAnsweringPipeline } from './questionAnswering.ts'
import { type TextClassificationOptions, TextClassificationPipeline } from './textClassification.ts'
import { type TextGenerationOptions, TextGenerationPipeline } from './textGeneration.ts'
import { type TokenClassificationOptions, TokenClassificationPipeline } from './tokenClassification.ts'
import type { PipelineTokenizer } from './tokenizer.ts'
import { ZeroShotClassificationPipeline, type ZeroShotOptions } from './zeroShotClassification.ts'

/** The pipeline of each task, and the options of its calls. */
interface Tasks {
  'text-generation': [TextGenerationPipeline, TextGenerationOptions]
  'text-classification': [TextClassificationPipeline, TextClassificationOptions]
  'token-classification': [TokenClassificationPipeline, TokenClassificationOptions]
  'question-answering': [QuestionAnsweringPipeline, QuestionAnsweringOptions]
  'fill-mask': [FillMaskPipeline, FillMaskOptions]
  'feature-extraction': [FeatureExtractionPipeline, FeatureExtractionOptions]
  'zero-shot-classification': [ZeroShotClassificationPipeline, ZeroShotOptions]
}

const classes = {
  'text-generation': TextGenerationPipeline,
  'text-classification': TextClassificationPipeline,
  'token-classification': TokenClassificationPipeline,
  'question-answering': QuestionAnsweringPipeline,
  'fill-mask': FillMaskPipeline,
  'feature-extraction': FeatureExtractionPipeline,
  'zero-shot-classification': ZeroShotClassificationPipeline,
} as const satisfies Record<keyof Tasks, unknown>

/** Other names of tasks. */
const aliases = {
  'sentiment-analysis': 'text-classification',
  ner: 'token-classification',
  embeddings: 'feature-extraction',
} as const satisfies Record<string, keyof Tasks>

type Aliases = typeof aliases
export type Task = keyof Tasks | keyof Aliases
type Named<T extends Task> = T extends keyof Aliases ? Aliases[T] : T extends keyof Tasks ? T : never

/** The pipeline of each task. */
export type Pipelines = { [T in Task]: Tasks[Named<T>][0] }

/** Options of loading, and those of the task, which hold for every call that gives no others. */
export type PipelineOptions<T extends Task> = LoadingOptions & Tasks[Named<T>][1]

/**
 * A function from inputs to results. `model` is a loaded model, or a folder or a name on the hub, which is then loaded with `options`; the tokenizer
 * is the third argument or an option, and else comes from the model's folder.
 * Throws ConfigError UNKNOWN_TASK, NO_TOKENIZER, WRONG_MODEL or UNSUPPORTED_OPTION, and what loading throws.
 */
export async function pipeline<T extends Task>(
  task: T,
  model: string | PreTrainedModel,
  tokenizer?: PipelineTokenizer | PipelineOptions<T>,
  options?: PipelineOptions<T>,
): Promise<Pipelines[T]> {
  const Pipeline = classOf(task)
  const given = { ...(typeof tokenizer === 'function' ? { tokenizer } : tokenizer), ...options }
  const { tokenizer: words, ...forTask } = given
  const made = typeof model === 'string' ? fromName(Pipeline, model, given) : wrapped(Pipeline, model, words, forTask)
  // The class belongs to the task by its name, which the compiler does not see.
  return (await made) as Pipelines[T]
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
  const model = await Pipeline.models.from_pretrained(folder, forModel)
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
  return new Pipeline(model as never, words as PipelineTokenizer, options)
}

function classOf(task: string) {
  const name = Object.hasOwn(aliases, task) ? aliases[task as keyof Aliases] : task
  if (Object.hasOwn(classes, name)) return classes[name as keyof Tasks]
  const known = [...Object.keys(classes), ...Object.keys(aliases)]
  const near = nearestName(String(task), known)
  throw new ConfigError('UNKNOWN_TASK', `pipeline: there is no task '${String(task)}'`, {
    hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
  })
}
