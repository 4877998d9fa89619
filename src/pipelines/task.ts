// What all pipelines share: they are called like functions, with one input, a list or a stream of them, and give results in
// the same order; options hold for one call, or for all when the pipeline was made with them.
import { AutoModel } from '../../models/auto.ts'
import type { FromPretrainedOptions, PreTrainedModel } from '../../models/pretrained.ts'
import { Callable } from '../callable.ts'
import { ConfigError, valueText } from '../errors.ts'
import { checkNames, checkWhole, optionFault } from './options.ts'
import type { PipelineTokenizer } from './tokenizer.ts'

export interface SharedOptions {
  /** Inputs, or pieces of long ones, in one pass of the model; 1 unless given. */
  batch_size?: number
  /** Stops the work before the next batch, a text before its next token: the call rejects with the signal's reason. */
  signal?: AbortSignal
}

/** The names of options that all tasks share beside batch_size. */
export const sharedOptions: readonly string[] = ['signal']

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
> extends Callable {
  /** Hugging Face's name of the task. */
  static readonly task: string = ''
  static readonly models: ModelChooser = AutoModel
  /** The names of its options. */
  static readonly options: readonly string[] = []

  readonly task: string
  readonly model: Model
  readonly tokenizer: PipelineTokenizer
  /** Options that hold for each call unless it gives others. */
  readonly defaults: Options

  /** Throws ConfigError WRONG_MODEL, NO_TOKENIZER, UNKNOWN_OPTION or OPTION_VALUE. */
  constructor(model: Model, tokenizer: PipelineTokenizer, options?: Options) {
    super()
    this.task = new.target.task
    this.model = model
    this.tokenizer = tokenizer
    this.defaults = given(options)
    if (!new.target.accepts(model)) {
      const got = typeof model === 'function' ? model.constructor.name : String(model)
      throw new ConfigError('WRONG_MODEL', `${this.task} needs a model of ${new.target.models.name}, got ${got}`)
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
    return this.#answer(inputs, given(options))
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
    const merged = { ...this.defaults, ...given(own) }
    this.#check(merged)
    return merged
  }

  #check(options: Options): void {
    this.checkNames(options)
    checkWhole(this.task, 'batch_size', options.batch_size, 1)
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
      return this.several(await this.process(inputs, options), options)
    }
    const [result] = await this.process([inputs as Input], options)
    return this.single(result!, inputs as Input, options, own)
  }

  async *#follow(inputs: Stream<Input>, options: Options): AsyncGenerator<Result> {
    this.begin()
    const size = options.batch_size ?? 1
    let waiting: Input[] = []
    for await (const input of inputs) {
      waiting.push(input)
      if (waiting.length < size) continue
      yield* await this.process(waiting, options)
      waiting = []
    }
    if (waiting.length > 0) yield* await this.process(waiting, options)
  }
}

/** Options without those that stand there as undefined. */
function given<Options extends SharedOptions>(options: Options | undefined): Options {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Options
}

function isList<Input>(inputs: Input | readonly Input[]): inputs is readonly Input[] {
  return Array.isArray(inputs)
}

function isStream<Input>(inputs: unknown): inputs is Stream<Input> {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) return false
  return Symbol.asyncIterator in inputs || Symbol.iterator in inputs
}
