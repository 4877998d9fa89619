// pipeline(): a task, a model and a tokenizer as one function from texts to results.
import { AutoModelForCausalLM, AutoModelForSequenceClassification } from '../../models/auto.ts'
import { CausalLM } from '../../models/causalLM.ts'
import type { FromPretrainedOptions, PreTrainedModel } from '../../models/pretrained.ts'
import { ConfigError, nearestName } from '../errors.ts'
import { AutoTokenizer } from '../tokenizers/auto.ts'
import {
  type Classification,
  type SequenceClassifier,
  type TextClassificationOptions,
  TextClassificationPipeline,
  type TextOrPair,
} from './textClassification.ts'
import {
  type GeneratedText,
  type GeneratedTokens,
  type TextGenerationOptions,
  TextGenerationPipeline,
} from './textGeneration.ts'
import type { PipelineTokenizer } from './tokenizer.ts'

/** Continues texts. */
export interface TextGenerator {
  (prompt: string, options: TextGenerationOptions & { return_tensors: true }): Promise<GeneratedTokens[]>
  (prompt: string, options?: TextGenerationOptions): Promise<GeneratedText[]>
  (prompts: readonly string[], options: TextGenerationOptions & { return_tensors: true }): Promise<GeneratedTokens[][]>
  (prompts: readonly string[], options?: TextGenerationOptions): Promise<GeneratedText[][]>
  /** The text that follows a prompt, in pieces as they come. */
  stream(prompt: string, options?: TextGenerationOptions): AsyncGenerator<string, void>
  readonly task: 'text-generation'
  readonly model: CausalLM
  readonly tokenizer: PipelineTokenizer
}

/** Classifies texts. */
export interface TextClassifier {
  (text: string, options?: TextClassificationOptions): Promise<Classification[]>
  (
    pair: { text: string; text_pair?: string },
    options: TextClassificationOptions & { top_k: number | null },
  ): Promise<Classification[]>
  (pair: { text: string; text_pair?: string }, options?: TextClassificationOptions): Promise<Classification>
  (
    texts: readonly TextOrPair[],
    options: TextClassificationOptions & { top_k: number | null },
  ): Promise<Classification[][]>
  (texts: readonly TextOrPair[], options?: TextClassificationOptions): Promise<Classification[]>
  readonly task: 'text-classification'
  readonly model: SequenceClassifier
  readonly tokenizer: PipelineTokenizer
}

/** The pipeline of each task. */
export interface Pipelines {
  'text-generation': TextGenerator
  'text-classification': TextClassifier
  'sentiment-analysis': TextClassifier
}

export type Task = keyof Pipelines

interface TaskRoom {
  readonly load: (folder: string, options: FromPretrainedOptions) => Promise<PreTrainedModel>
  readonly build: (model: PreTrainedModel, tokenizer: PipelineTokenizer) => object
}

const classification: TaskRoom = {
  load: (folder, options) => AutoModelForSequenceClassification.from_pretrained(folder, options),
  build: (model, tokenizer) => {
    if (!isClassifier(model)) throw wrongModel('text-classification', model, 'a ...ForSequenceClassification')
    return asFunction(new TextClassificationPipeline(model, tokenizer))
  },
}

const tasks: Readonly<Record<Task, TaskRoom>> = {
  'text-generation': {
    load: (folder, options) => AutoModelForCausalLM.from_pretrained(folder, options),
    build: (model, tokenizer) => {
      if (!(model instanceof CausalLM))
        throw wrongModel('text-generation', model, 'a model with a language-model head, GPT2LMHeadModel')
      const pipeline = new TextGenerationPipeline(model, tokenizer)
      return Object.assign(asFunction(pipeline), { stream: pipeline.stream.bind(pipeline) })
    },
  },
  'text-classification': classification,
  'sentiment-analysis': classification,
}

/**
 * A function from texts to results. `model` is a loaded model or a folder, which is then loaded with `options`; the tokenizer
 * comes from the same folder unless given. Throws ConfigError UNKNOWN_TASK or WRONG_MODEL, and what loading throws.
 */
export async function pipeline<T extends Task>(
  task: T,
  model: string | PreTrainedModel,
  tokenizer?: PipelineTokenizer | FromPretrainedOptions,
  options?: FromPretrainedOptions,
): Promise<Pipelines[T]> {
  if (!Object.hasOwn(tasks, task)) {
    const near = nearestName(String(task), Object.keys(tasks))
    throw new ConfigError('UNKNOWN_TASK', `pipeline: there is no task '${String(task)}'`, {
      hint: near ? `did you mean '${near}'?` : `known: ${Object.keys(tasks).join(', ')}`,
    })
  }
  const room: TaskRoom = tasks[task]
  const given = typeof tokenizer === 'function' ? tokenizer : undefined
  const loadOptions = options ?? (typeof tokenizer === 'object' ? tokenizer : {})
  if (typeof model !== 'string' && !given) {
    throw new ConfigError('NO_TOKENIZER', 'pipeline: a loaded model needs its tokenizer as the third argument', {
      hint: 'AutoTokenizer.from_pretrained(folder)',
    })
  }
  const loaded = typeof model === 'string' ? await room.load(model, loadOptions) : model
  const words = given ?? (await AutoTokenizer.from_pretrained(String(model)))
  return room.build(loaded, words) as Pipelines[T]
}

/** The pipeline's `run` as a function that also has its fields. */
function asFunction<
  P extends { run(inputs: never, options?: never): unknown; task: string; model: object; tokenizer: object },
>(pipeline: P): object {
  const { task, model, tokenizer } = pipeline
  return Object.assign(pipeline.run.bind(pipeline), { task, model, tokenizer })
}

function isClassifier(model: PreTrainedModel): model is SequenceClassifier {
  return model.constructor.name.endsWith('ForSequenceClassification')
}

function wrongModel(task: string, model: PreTrainedModel, wanted: string): ConfigError {
  return new ConfigError('WRONG_MODEL', `pipeline: ${task} needs ${wanted}, got ${model.constructor.name}`)
}
