// What all pipelines share: they are called like functions, with one input, a list or a stream of them, and give results in
// the same order; options hold for one call, or for all when the pipeline was made with them.
import { AutoModel } from '../../models/auto.ts'
import type { FromPretrainedOptions } from '../../models/loadingOptions.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import { Callable } from '../callable.ts'
import { ConfigError, VitrineError, valueText } from '../errors.ts'
import { checkNames, checkWhole, optionFault } from './options.ts'
import type { PipelineTokenizer } from './tokenizer.ts'

export interface SharedOptions {
  /** Inputs, or pieces of long ones, in one pass of the model; 1 unless given. */
  batch_size?: number
  /** Stops the work before the next batch, a text before its next token: the call rejects with the signal's reason. */
  signal?: AbortSignal
  /** Hugging Face's threads for preparing texts; changes nothing here, where batch_size is what makes lists faster. */
  num_workers?: number
}

/** The names of options that all tasks share beside batch_size. */
export const sharedOptions: readonly string[] = ['signal', 'num_workers']

/** Inputs that come one after the other: an async generator, a generator, a stream of lines. */
export type Stream<Input> = AsyncIterable<Input> | Generator<Input>

/** The Auto class of a task: it loads the models that can do it, and knows them. */
export interface ModelChooser {
  readonly name: string
  from_pretrained(name: string, options?: FromPretrainedOptions): Promise<PreTrainedModel>
  check(folder: string, options?: FromPretrainedOptions): void
  covers(model: PreTrainedModel): boolean
}

export abstract class TaskPipeline<
  Model extends PreTrainedModel,
  Input,
  Options extends SharedOptions,
  Result,
  Made extends Options = Options,
> extends Callable {
  /** Hugging Face's name of the task. */
  static readonly task: string = ''
  static readonly models: ModelChooser = AutoModel
  /** The names of its options. */
  static readonly options: readonly string[] = []
  /** Options for which null is a value, and not Python's None for nothing given. */
  static readonly nullable: readonly string[] = []
  /** What to do when a text is too long for the model: tasks name the option differently. */
  static readonly shortening: string = 'pass { truncation: true }'

  readonly task: string
  readonly model: Model
  readonly tokenizer: PipelineTokenizer
  /** Options that hold for each call unless it gives others. */
  readonly defaults: Options

  /** Throws ConfigError WRONG_MODEL, NO_TOKENIZER, UNKNOWN_OPTION or OPTION_VALUE. */
  constructor(model: Model, tokenizer: PipelineTokenizer, options?: Made) {
    super()
    this.task = new.target.task
    this.model = model
    this.tokenizer = tokenizer
    this.defaults = this.#given(options)
    if (!new.target.accepts(model)) {
      const got = typeof model === 'function' ? model.constructor.name : valueText(model)
      throw new ConfigError('WRONG_MODEL', `${this.task} needs a model of ${new.target.models.name}, got ${got}`, {
        hint: `give a folder, or what ${new.target.models.name}.from_pretrained made of it`,
      })
    }
    if (typeof tokenizer !== 'function') {
      throw new ConfigError('NO_TOKENIZER', `${this.task}: a loaded model needs its tokenizer beside it`, {
        hint: 'AutoTokenizer.from_pretrained(folder)',
      })
    }
    this.#check(this.defaults)
  }

  /** Whether the model can do the task. */
  static accepts(model: PreTrainedModel): boolean {
    return this.models.covers(model)
  }

  /** Whether these pipelines have an option of this name. */
  static isOption(name: string): boolean {
    return this.options.includes(name) || sharedOptions.includes(name)
  }

  /** The results of several inputs, in their order. Throws what tokenizer and model throw. */
  protected abstract process(inputs: readonly Input[], options: Options): Promise<Result[]>

  /** Throws ConfigError OPTION_VALUE. Is called before fields of subclasses are there. */
  protected abstract check(options: Options): void

  /** Throws ConfigError UNKNOWN_OPTION. */
  protected checkNames(options: Options): void {
    checkNames(this.task, options, [...(this.constructor as typeof TaskPipeline).options, ...sharedOptions])
  }

  /** Called before the first of several inputs. */
  protected begin(): void {}

  /** What a call with one input gives; `own` are the options of this call. */
  protected single(result: Result, _input: Input, _options: Options, _own: Options): unknown {
    return result
  }

  /** What a call with a list gives. */
  protected several(results: Result[], _options: Options): unknown {
    return results
  }

  /** @internal What calling the object does: for a stream an async generator, else a promise. */
  call(inputs: Input | readonly Input[] | Stream<Input>, options?: Options): unknown {
    if (isStream<Input>(inputs)) return this.#follow(inputs, this.merged(options))
    return this.#answer(inputs, this.#given(options))
  }

  /** Frees the model's weights. */
  dispose(): void {
    this.model.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** The options of a call with the pipeline's behind them. Throws ConfigError UNKNOWN_OPTION or OPTION_VALUE. */
  protected merged(own: Options | undefined): Options {
    const merged = { ...this.defaults, ...this.#given(own) }
    this.#check(merged)
    return merged
  }

  /** Options without those that stand there as undefined, or as null where that means the same. */
  #given(options: Options | undefined): Options {
    const { options: names, nullable } = this.constructor as typeof TaskPipeline
    const isGiven = (name: string, value: unknown): boolean =>
      value !== undefined && (value !== null || !names.includes(name) || nullable.includes(name))
    return Object.fromEntries(Object.entries(options ?? {}).filter(item => isGiven(...item))) as Options
  }

  /** The results, or an error with a next step that there is in this task. */
  async #processed(inputs: readonly Input[], options: Options): Promise<Result[]> {
    try {
      return await this.process(inputs, options)
    } catch (error) {
      const hint = error instanceof VitrineError ? this.nextStep(error) : undefined
      throw hint === undefined ? error : (error as VitrineError).withHint(hint)
    }
  }

  /** What to do about an error of the model or the tokenizer; undefined when its own hint fits. */
  protected nextStep({ code, fields }: VitrineError): string | undefined {
    const isOfModel = code === 'TOO_LONG' && fields.places !== undefined
    return isOfModel ? (this.constructor as typeof TaskPipeline).shortening : undefined
  }

  #check(options: Options): void {
    this.checkNames(options)
    checkWhole(this.task, 'batch_size', options.batch_size, 1)
    checkWhole(this.task, 'num_workers', options.num_workers, 0)
    const { signal } = options
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw optionFault(this.task, 'signal', `signal must be an AbortSignal, got ${valueText(signal)}`)
    }
    this.check(options)
  }

  async #answer(inputs: Input | readonly Input[], own: Options): Promise<unknown> {
    const options = this.merged(own)
    if (isList(inputs)) {
      this.begin()
      return this.several(await this.#processed(inputs, options), options)
    }
    const [result] = await this.#processed([inputs as Input], options)
    return this.single(result!, inputs as Input, options, own)
  }

  async *#follow(inputs: Stream<Input>, options: Options): AsyncGenerator<Result> {
    this.begin()
    const size = options.batch_size ?? 1
    let waiting: Input[] = []
    for await (const input of inputs) {
      waiting.push(input)
      if (waiting.length < size) continue
      yield* await this.#processed(waiting, options)
      waiting = []
    }
    if (waiting.length > 0) yield* await this.#processed(waiting, options)
  }
}

function isList<Input>(inputs: Input | readonly Input[]): inputs is readonly Input[] {
  return Array.isArray(inputs)
}

function isStream<Input>(inputs: unknown): inputs is Stream<Input> {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) return false
  return Symbol.asyncIterator in inputs || Symbol.iterator in inputs
}
