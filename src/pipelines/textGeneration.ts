// The text-generation pipeline (transformers/pipelines/text_generation.py): prompts in, continued texts out.
import { AutoModelForCausalLM } from '../../models/auto.ts'
import type { CausalLM } from '../../models/causalLM.ts'
import { InputError, type VitrineError } from '../errors.ts'
import { checkOptionNames, type GenerationOptions, isKnownOption } from '../generation/options.ts'
import type { GenerationStep } from '../generation/outputs.ts'
import { defaultParameters } from '../generation/parameters.ts'
import { TextFlow } from '../generation/streamers/textFlow.ts'
import { default_generator } from '../random/default.ts'
import { warnOnce } from '../warnings.ts'
import { batchesOf, padRows } from './batches.ts'
import { type GeneratedRow, type GenerationExtras, generatedRows } from './generatedRows.ts'
import { generationDefaults, settingsOf, storedPrefix } from './generationSettings.ts'
import { checkChoice, only, optionFault, without } from './options.ts'
import type { Known, NoOptions, Value } from './optionTypes.ts'
import { type SharedOptions, type Stream, TaskPipeline } from './task.ts'
import { checkText, type EncodedRow, encodeText, limitOf, type PipelineTokenizer } from './tokenizer.ts'

export interface TextGenerationOptions extends GenerationOptions, SharedOptions {
  /** The prompt and what follows (true, unless told otherwise), or only what follows. */
  return_full_text?: boolean
  /** `generated_token_ids` in the place of `generated_text`. */
  return_tensors?: boolean
  /** `generated_text`, which is what comes anyway. */
  return_text?: boolean
  /** The same three as one word, or as the number of Hugging Face's ReturnType: 0, 1, 2. */
  return_type?: (typeof returnTypes)[number] | 0 | 1 | 2
  /** Leave special tokens out of the text; true unless given. */
  skip_special_tokens?: boolean
  /** Remove the spaces before punctuation; true unless given. */
  clean_up_tokenization_spaces?: boolean
  /** No spaces between Chinese characters, which Hugging Face's decode leaves in; false unless given. */
  compact?: boolean
  /** Text in front of every prompt that does not show in the result; the config's unless given. */
  prefix?: string | null
  /** Put [CLS] and [SEP] around the prompt; the tokenizer's habit (true for BertTokenizer) unless given. */
  add_special_tokens?: boolean
  /** Cut prompts to max_length tokens, which a max_length alone asks for too. */
  truncation?: boolean | string
  padding?: boolean | string
  /** 'hole': a prompt that leaves no room for the answer in the tokenizer's model_max_length loses its beginning. */
  handle_long_generation?: 'hole' | null
  /** End where this text begins: each of its tokens is taken as an eos_token_id. */
  stop_sequence?: string
  /** Options for the tokenizer that would else be taken for generate()'s, such as `{ max_length: 20, truncation: true }`. */
  tokenizer_encode_kwargs?: Readonly<Record<string, unknown>>
}

/** With return_dict_in_generate and output_scores or output_logits also these. */
export interface GeneratedText extends GenerationExtras {
  generated_text: string
}

export interface GeneratedTokens {
  generated_token_ids: number[]
}

/** A prompt that waits to be continued. */
export interface PreparedText {
  readonly input_ids: readonly number[]
  /** What generate() is called with. */
  readonly settings: GenerationOptions
  decode(ids: readonly number[]): string
  /** The steps, with more options for generate(). */
  steps(more?: GenerationOptions): AsyncGenerator<GenerationStep, void>
}

/** In Hugging Face's order of numbers. */
const returnTypes = ['tensors', 'new_text', 'full_text'] as const

const ownOptions: readonly string[] = [
  ...(['return_full_text', 'return_tensors', 'return_text', 'return_type', 'skip_special_tokens'] as const),
  ...(['clean_up_tokenization_spaces', 'compact', 'prefix', 'add_special_tokens', 'truncation', 'padding'] as const),
  ...(['handle_long_generation', 'stop_sequence', 'tokenizer_encode_kwargs', 'batch_size', 'num_workers'] as const),
] satisfies (keyof TextGenerationOptions)[]

type Options = TextGenerationOptions

type Written<Type, AsTokens> = Type extends undefined
  ? AsTokens extends true
    ? GeneratedTokens[]
    : GeneratedText[]
  : Type extends 'tensors' | 0
    ? GeneratedTokens[]
    : GeneratedText[]

/** What a prompt gives: texts, or the ids of tokens. */
type Answers<Made, Own> = Written<Value<Made, Own, 'return_type', undefined>, Value<Made, Own, 'return_tensors', false>>

type Result = (GeneratedText | GeneratedTokens)[]

export interface TextGenerationPipeline<Made extends Options = NoOptions> {
  /** One prompt gives `[{ generated_text }]`, one for each of num_return_sequences; a list of prompts such a list for each. */
  <const Own extends Options = NoOptions>(prompt: string, options?: Known<Own, Options>): Promise<Answers<Made, Own>>
  <const Own extends Options = NoOptions>(
    prompts: readonly string[],
    options?: Known<Own, Options>,
  ): Promise<Answers<Made, Own>[]>
  <const Own extends Options = NoOptions>(
    prompts: Stream<string>,
    options?: Known<Own, Options>,
  ): AsyncGenerator<Answers<Made, Own>>
  <const Own extends Options = NoOptions>(
    prompts: string | readonly string[],
    options?: Known<Own, Options>,
  ): Promise<Answers<Made, Own> | Answers<Made, Own>[]>
}

/** Continues texts. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export class TextGenerationPipeline<const Made extends Options = NoOptions> extends TaskPipeline<
  CausalLM,
  string,
  Options,
  Result
> {
  static override readonly task = 'text-generation'
  static override readonly models = AutoModelForCausalLM
  static override readonly options = ownOptions

  /** What generate() is called with unless a call gives others. */
  readonly generation_config: GenerationOptions

  constructor(model: CausalLM, tokenizer: PipelineTokenizer, options?: Made) {
    const all: Options = options ?? {}
    super(model, tokenizer, only(all, ownOptions))
    const own = without(all, ownOptions)
    checkOptionNames(own)
    this.generation_config = generationDefaults(model, this.task, own)
  }

  protected override nextStep({ code, hint }: VitrineError): string | undefined {
    if (code !== 'TOO_LONG' || hint !== undefined) return undefined
    return "shorten the prompt: { truncation: true, max_length }, or { handle_long_generation: 'hole', max_new_tokens }"
  }

  /** A tokenizer is the pipeline's own, though generate() takes one too. */
  static override isOption(name: string): boolean {
    return super.isOption(name) || (isKnownOption(name) && name !== 'tokenizer')
  }

  protected override checkNames(options: TextGenerationOptions): void {
    checkOptionNames(without(options, ownOptions))
  }

  protected override check(options: TextGenerationOptions): void {
    const { return_type, handle_long_generation } = options
    checkChoice(this.task, 'return_type', return_type, [...returnTypes, 0, 1, 2])
    checkChoice(this.task, 'handle_long_generation', handle_long_generation ?? undefined, ['hole'])
    const given = Object.keys(only(options, ['return_full_text', 'return_tensors', 'return_text']))
    if (return_type !== undefined || given.length < 2) return
    throw optionFault(this.task, given[0]!, `${given.join(' and ')} exclude each other`)
  }

  /** Hugging Face's lists go through a DataLoader, which draws a number: texts after set_seed are the same only if this is drawn. */
  protected override begin(): void {
    default_generator.double()
  }

  protected override async process(prompts: readonly string[], options: TextGenerationOptions): Promise<Result[]> {
    const results: Result[] = []
    for (const batch of batchesOf(prompts, options.batch_size ?? 1)) {
      results.push(...(await this.#continue(batch, options)))
    }
    return results
  }

  /**
   * The text that follows one prompt, in pieces as they come: `for await (const piece of generator.stream(prompt))`. Throws
   * also ConfigError OPTION_VALUE for several answers, STREAM_BEAMS for beams.
   */
  async *stream(prompt: string, own?: TextGenerationOptions): AsyncGenerator<string, void> {
    const { input_ids, decode, steps } = this.prepare(prompt, own)
    const flow = new TextFlow(decode, input_ids)
    for await (const { tokens } of steps()) {
      const piece = flow.put(tokens[0]!)
      if (piece) yield piece
    }
    const rest = flow.end()
    if (rest) yield rest
  }

  /** One prompt made ready to be followed token by token. Throws ConfigError OPTION_VALUE for several answers. */
  prepare(prompt: string, own?: TextGenerationOptions): PreparedText {
    const options = this.merged(own)
    const row = this.#encode(prompt, options)
    const settings = this.#settings(options, row.input_ids.length)
    if ((settings.num_return_sequences ?? 1) > 1) {
      throw optionFault(
        this.task,
        'num_return_sequences',
        'stream() gives one text',
        'call the pipeline, with a streamer',
      )
    }
    return {
      input_ids: row.input_ids,
      settings,
      decode: ids => this.#decode(ids, options),
      steps: (more = {}) => this.#steps(row, { ...settings, ...more }),
    }
  }

  /** The steps of a generation; what it returns at its end is freed. */
  async *#steps(prompt: EncodedRow, settings: GenerationOptions): AsyncGenerator<GenerationStep, void> {
    generatedRows(yield* this.model.stream(promptOf([prompt]), settings))
  }

  async #continue(prompts: readonly string[], options: TextGenerationOptions): Promise<Result[]> {
    const { input_ids, attention_mask } = padRows(
      prompts.map(prompt => this.#encode(prompt, options)),
      this.tokenizer,
    )
    const length = input_ids[0]!.length
    if (length === 0 && prompts.length > 1) return this.process(prompts, { ...options, batch_size: 1 })
    const batch = input_ids.map((ids, i) => ({ input_ids: ids, attention_mask: attention_mask[i]! }))
    const rows = generatedRows(await this.model.generate(promptOf(batch), this.#settings(options, length)))
    const answers = rows.length / prompts.length
    return prompts.map((prompt, i) =>
      rows.slice(i * answers, (i + 1) * answers).map(row => this.#record(prompt, input_ids[i]!, row, options)),
    )
  }

  #encode(prompt: string, options: TextGenerationOptions): EncodedRow {
    checkText(prompt, this.task, 'a chat needs a template, which these models do not have: pass its text')
    const named = only(options, ['add_special_tokens', 'truncation', 'padding', 'max_length'])
    const forTokenizer = { ...named, ...options.tokenizer_encode_kwargs }
    const row = encodeText(this.tokenizer, this.#prefix(options) + prompt, forTokenizer, this.task)
    const last = row.input_ids.at(-1)
    if (!('add_special_tokens' in forTokenizer) && last !== undefined && last === this.tokenizer.sep_token_id) {
      warnOnce('PROMPT_ENDS', promptEndsWarning)
    }
    const excess = options.handle_long_generation === 'hole' ? this.#excess(row.input_ids.length, options) : 0
    return { input_ids: row.input_ids.slice(excess), attention_mask: row.attention_mask.slice(excess) }
  }

  #prefix({ prefix }: TextGenerationOptions): string {
    return prefix ?? storedPrefix(this.model, this.task)
  }

  /** How many tokens of a prompt leave no room for the answer. Throws InputError TOO_LONG when the answer alone does not fit. */
  #excess(length: number, options: TextGenerationOptions): number {
    const limit = limitOf(this.tokenizer)
    const stored = this.generation_config.max_length ?? this.model.generation_config.max_length
    const most = options.max_length ?? stored ?? defaultParameters.max_length!
    const wanted = options.max_new_tokens ?? most - length
    if (wanted >= 0 && wanted < limit) return Math.max(0, length + wanted - limit)
    const message = `${this.task}: 'hole' cannot make room for ${wanted} new tokens within ${limit} tokens`
    throw new InputError('TOO_LONG', message, { hint: 'give max_new_tokens, or fewer of them', tokens: wanted, limit })
  }

  #record(
    prompt: string,
    promptIds: readonly number[],
    { ids, extras }: GeneratedRow,
    options: TextGenerationOptions,
  ): GeneratedText | GeneratedTokens {
    const type = returnTypeOf(options)
    if (type === 'tensors') return { generated_token_ids: ids }
    const answer = this.#decode(ids, options).slice(this.#decode(promptIds, options).length)
    return { generated_text: type === 'full_text' ? prompt + answer : answer, ...extras }
  }

  #decode(ids: readonly number[], options: TextGenerationOptions): string {
    const { skip_special_tokens = true, clean_up_tokenization_spaces = true, compact } = options
    return this.tokenizer.decode(ids, {
      skip_special_tokens,
      clean_up_tokenization_spaces,
      ...(compact && { compact }),
    })
  }

  #settings(options: TextGenerationOptions, length: number): GenerationOptions {
    const { model, tokenizer, generation_config } = this
    const { stop_sequence, add_special_tokens = false } = options
    const prefix = this.#idsOf(this.#prefix(options), add_special_tokens).length
    const stop = stop_sequence ? this.#idsOf(stop_sequence, false) : undefined
    return settingsOf(without(options, ownOptions), { model, tokenizer, generation_config, length, prefix, stop })
  }

  #idsOf(text: string, add_special_tokens: boolean): readonly number[] {
    return text === '' ? [] : encodeText(this.tokenizer, text, { add_special_tokens }, this.task).input_ids
  }
}

/** Prompts as generate() takes them: without any token the model begins with its bos_token_id. */
function promptOf(rows: readonly EncodedRow[]): { input_ids?: number[][]; attention_mask?: number[][] } {
  if (rows[0]!.input_ids.length === 0) return {}
  return {
    input_ids: rows.map(({ input_ids }) => [...input_ids]),
    attention_mask: rows.map(({ attention_mask }) => [...attention_mask]),
  }
}

function returnTypeOf(options: TextGenerationOptions): (typeof returnTypes)[number] {
  const { return_type, return_tensors, return_full_text = true } = options
  if (return_type !== undefined) return typeof return_type === 'number' ? returnTypes[return_type] : return_type
  if (return_tensors) return 'tensors'
  return return_full_text ? 'full_text' : 'new_text'
}

const promptEndsWarning =
  'The tokenizer put its closing [SEP] behind the prompt, as in Hugging Face, and a GPT-2 model may take that for the end of ' +
  'the text: pass { add_special_tokens: false }, with { prefix: "[CLS]" } if the model knows it.'
