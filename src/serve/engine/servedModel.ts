// A model that is served: the class that its config names, what it can do, and a pipeline for each of its tasks.
import { AutoConfig } from '../../../models/auto.ts'
import type { PreTrainedModel } from '../../../models/pretrained.ts'
import type { BackendName } from '../../backend.ts'
import { readConfig } from '../../checkpoint/folder.ts'
import { InputError, nearestName } from '../../errors.ts'
import { resolveFolder } from '../../hub/resolveFolder.ts'
import { modelFileNames } from '../../hub/wanted.ts'
import { type Pipelines, pipeline, type Task } from '../../pipelines/pipeline.ts'
import type { PipelineTokenizer } from '../../pipelines/tokenizer.ts'
import { tokenizerFileNames } from '../../tokenizers/files/tokenizerFiles.ts'
import { watchLayers } from './cancelling.ts'
import type { ModelPlace } from './messages.ts'
import { poolingFileNames, type SentencePooling, sentencePooling } from './sentencePooling.ts'

/** What models can do by the class that their config names, the usual task first. */
const tasksByHead: readonly (readonly [head: RegExp, tasks: readonly Task[]])[] = [
  [/LMHeadModel$|DoubleHeadsModel$/, ['text-generation']],
  [/ForSequenceClassification$/, ['text-classification', 'zero-shot-classification']],
  [/ForTokenClassification$/, ['token-classification']],
  [/ForQuestionAnswering$/, ['question-answering']],
  [/ForMaskedLM$|ForPreTraining$/, ['fill-mask']],
]

type AnyPipeline = Pipelines[Task]

export class ServedModel {
  readonly name: string
  readonly model: PreTrainedModel
  readonly tokenizer: PipelineTokenizer
  /** What it can do, the usual task first. */
  readonly tasks: readonly Task[]
  /** How vectors of tokens become that of a text. */
  readonly pooling: SentencePooling
  readonly #pipelines = new Map<Task, AnyPipeline>()

  private constructor(name: string, first: AnyPipeline, tasks: readonly Task[], pooling: SentencePooling) {
    this.name = name
    this.model = first.model
    this.tokenizer = first.tokenizer
    this.tasks = tasks
    this.pooling = pooling
    watchLayers(this.model)
  }

  /** A name on the hub in place of a folder is fetched first. Throws what from_pretrained throws. */
  static async load({ name, folder: given, task }: ModelPlace, backend: BackendName): Promise<ServedModel> {
    const files = [...modelFileNames, ...tokenizerFileNames, ...poolingFileNames]
    const accept = (place: string): void => void AutoConfig.from_json(readConfig(place))
    const folder = await resolveFolder(given, {}, { files, weights: {}, accept })
    const known = task ? [task] : await tasksOf(folder)
    const tasks = [...new Set([...known, 'feature-extraction' as const])]
    const first = await pipeline(tasks[0]!, folder, { backend })
    const served = new ServedModel(name, first, tasks, sentencePooling(folder))
    served.#pipelines.set(tasks[0]!, first)
    return served
  }

  /** The pipeline of one of its tasks. Throws InputError TASK. */
  async pipelineOf<T extends Task>(task: T): Promise<Pipelines[T]> {
    if (!this.tasks.includes(task)) throw this.#cannot(task)
    // Vectors come from the body, which shares its weights with the model.
    const model = task === 'feature-extraction' ? this.model.base_model : this.model
    const made = this.#pipelines.get(task) ?? (await pipeline(task, model, this.tokenizer))
    this.#pipelines.set(task, made)
    // The pipeline belongs to the task by its name, which the compiler does not see.
    return made as Pipelines[T]
  }

  #cannot(task: string): InputError {
    const near = nearestName(task, this.tasks)
    return new InputError('TASK', `the model ${this.name} does not do ${task}`, {
      hint: near ? `did you mean ${near}?` : `it does ${this.tasks.join(', ')}`,
    })
  }
}

/** What the config of a folder says the model is for; nothing for a body without a head. */
async function tasksOf(folder: string): Promise<readonly Task[]> {
  const { architectures, model_type } = await AutoConfig.from_pretrained(folder)
  const named = architectures[0] ?? (model_type === 'gpt2' ? 'GPT2LMHeadModel' : '')
  return tasksByHead.find(([head]) => head.test(named))?.[1] ?? []
}
