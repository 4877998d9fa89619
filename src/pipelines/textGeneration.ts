// The text-generation pipeline (transformers/pipelines/text_generation.py): prompts in, continued texts out.
import type { CausalLM } from '../../models/causalLM.ts'
import { ConfigError } from '../errors.ts'
import type { GenerationOptions } from '../generation/options.ts'
import { TextFlow } from '../generation/streamers/textFlow.ts'
import { warnOnce } from '../warnings.ts'
import { batchesOf, padRows } from './batches.ts'
import { encodeText, type PipelineTokenizer, paddingOf } from './tokenizer.ts'

export interface TextGenerationOptions extends GenerationOptions {
  /** The prompt and what follows (true, unless told otherwise), or only what follows. */
  return_full_text?: boolean
  /** `generated_token_ids` in the place of `generated_text`. */
  return_tensors?: boolean
  /** Leave special tokens out of the text; true unless given. */
  skip_special_tokens?: boolean
  /** Remove the spaces before punctuation; true unless given. */
  clean_up_tokenization_spaces?: boolean
  /** No spaces between Chinese characters, which Hugging Face's decode leaves in; false unless given. */
  compact?: boolean
  /** Text in front of every prompt that does not show in the result. */
  prefix?: string
  /** Put [CLS] and [SEP] around the prompt; the tokenizer's habit (true for BertTokenizer) unless given. */
  add_special_tokens?: boolean
  truncation?: boolean | string
  /** Prompts in one pass of the model; 1 unless given. */
  batch_size?: number
}

export interface GeneratedText {
  generated_text: string
}

export interface GeneratedTokens {
  generated_token_ids: number[]
}

const ownOptions = [
  ...([
    'return_full_text',
    'return_tensors',
    'skip_special_tokens',
    'clean_up_tokenization_spaces',
    'compact',
  ] as const),
  ...(['prefix', 'add_special_tokens', 'truncation', 'batch_size'] as const),
]

/** What Hugging Face's pipeline does unless it is told otherwise. */
const defaults = { max_new_tokens: 256, do_sample: true, temperature: 0.7 }

export class TextGenerationPipeline {
  readonly task = 'text-generation'
  readonly model: CausalLM
  readonly tokenizer: PipelineTokenizer

  constructor(model: CausalLM, tokenizer: PipelineTokenizer) {
    this.model = model
    this.tokenizer = tokenizer
  }

  /**
   * One prompt gives `[{ generated_text }]`, a list of prompts such a list for each. Throws what generate() and the
   * tokenizer throw.
   */
  async run(prompts: string | readonly string[], options: TextGenerationOptions = {}): Promise<unknown> {
    const list = typeof prompts === 'string' ? [prompts] : prompts
    const results: (GeneratedText | GeneratedTokens)[][] = []
    for (const batch of batchesOf(list, options.batch_size ?? 1))
      results.push(...(await this.#continue(batch, options)))
    return typeof prompts === 'string' ? results[0] : results
  }

  /** The text that follows one prompt, in pieces as they come: `for await (const piece of generator.stream(prompt))`. */
  async *stream(prompt: string, options: TextGenerationOptions = {}): AsyncGenerator<string, void> {
    const { input_ids } = this.#encode(prompt, options)
    const streamer = new TextFlow(ids => this.#decode(ids, options), input_ids)
    for await (const { tokens } of this.model.stream({ input_ids: [input_ids] }, this.#generationOptions(options))) {
      const piece = streamer.put(tokens[0]!)
      if (piece) yield piece
    }
    const rest = streamer.end()
    if (rest) yield rest
  }

  async #continue(
    prompts: readonly string[],
    options: TextGenerationOptions,
  ): Promise<(GeneratedText | GeneratedTokens)[][]> {
    const rows = prompts.map(prompt => this.#encode(prompt, options))
    const { input_ids, attention_mask } = padRows(rows, paddingOf(this.tokenizer))
    const output = await this.model.generate({ input_ids, attention_mask }, this.#generationOptions(options))
    const [count, length] = output.dims2()
    const ids = output.data
    output.dispose()
    const answers = count / prompts.length
    return prompts.map((prompt, i) =>
      Array.from({ length: answers }, (_, j) => {
        const start = (i * answers + j) * length
        return this.#record(prompt, input_ids[i]!, Array.from(ids.subarray(start, start + length)), options)
      }),
    )
  }

  #encode(prompt: string, { prefix = '', add_special_tokens, truncation, max_length }: TextGenerationOptions) {
    const options = {
      ...(add_special_tokens !== undefined && { add_special_tokens }),
      ...(truncation !== undefined && { truncation }),
      ...(max_length !== undefined && { max_length }),
    }
    const encoded = encodeText(this.tokenizer, prefix + prompt, options)
    const last = encoded.input_ids.at(-1)
    if (add_special_tokens === undefined && last !== undefined && last === this.tokenizer.sep_token_id) {
      warnOnce('PROMPT_ENDS', promptEndsWarning)
    }
    return { input_ids: encoded.input_ids, attention_mask: encoded.attention_mask }
  }

  #record(
    prompt: string,
    promptIds: number[],
    ids: number[],
    options: TextGenerationOptions,
  ): GeneratedText | GeneratedTokens {
    if (options.return_tensors) return { generated_token_ids: ids }
    const answer = this.#decode(ids, options).slice(this.#decode(promptIds, options).length)
    return { generated_text: (options.return_full_text ?? true) ? prompt + answer : answer }
  }

  #decode(ids: readonly number[], options: TextGenerationOptions): string {
    const { skip_special_tokens = true, clean_up_tokenization_spaces = true, compact } = options
    return this.tokenizer.decode(ids, {
      skip_special_tokens,
      clean_up_tokenization_spaces,
      ...(compact && { compact }),
    })
  }

  /** What generate() gets: the caller's options, then the model's for this task, then the pipeline's. */
  #generationOptions(options: TextGenerationOptions): GenerationOptions {
    if (options.return_tensors && options.return_full_text !== undefined) {
      throw new ConfigError('OPTION_VALUE', 'text-generation: return_full_text and return_tensors exclude each other')
    }
    const own: readonly string[] = ownOptions
    const given = Object.entries(options).filter(([name]) => !own.includes(name))
    return { ...defaults, ...this.#taskDefaults(), ...Object.fromEntries(given) }
  }

  #taskDefaults(): GenerationOptions {
    const { task_specific_params } = this.model.config.json
    if (typeof task_specific_params !== 'object' || task_specific_params === null) return {}
    const ofTask: unknown = Reflect.get(task_specific_params, this.task)
    return typeof ofTask === 'object' && ofTask !== null ? { ...ofTask } : {}
  }
}

const promptEndsWarning =
  'The tokenizer put its closing [SEP] behind the prompt, as in Hugging Face, and a GPT-2 model may take that for the end of ' +
  'the text: pass { add_special_tokens: false }, with { prefix: "[CLS]" } if the model knows it.'
