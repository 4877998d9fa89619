// A model that predicts the next token: generate() and stream() on top of its forward.
import { join } from 'node:path'
import { readJson } from '../src/checkpoint/folder.ts'
import { GenerationConfig, type GenerationValues } from '../src/generation/config.ts'
import { generateAll, generateSteps, prepared } from '../src/generation/generate.ts'
import type { CausalModel, StepInput, StepOutput } from '../src/generation/model.ts'
import type { GenerationOptions } from '../src/generation/options.ts'
import type { Generated, GenerationStep } from '../src/generation/outputs.ts'
import { type Table, transitionScores } from '../src/generation/transitionScores.ts'
import type { DynamicCache } from '../src/nn/cache.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { type GenerateBeamDecoderOnlyOutput as GenerateOutput, generationOutput } from './generationOutput.ts'
import { type GenerateInputs, readPrompt, splitInputs } from './generationPrompt.ts'
import type { IdsLike } from './inputs.ts'
import { PreTrainedModel } from './pretrained.ts'
import type { SavePretrainedOptions } from './saving.ts'

/** Prompts as generate() takes them: ids, or an object with the tokenizer's output, among which options may stand. */
export type Prompts = IdsLike | (GenerateInputs & GenerationOptions)

type Options = GenerationOptions & GenerateInputs
type RichOptions = Options & { return_dict_in_generate: true }
/** Options that ask for no more than the ids, as far as the call itself says it. */
type PlainOptions = Options &
  ({ return_dict_in_generate: false } | { return_dict_in_generate?: false | null; generation_config?: null })

type PlainPrompts = IdsLike | (GenerateInputs & PlainOptions)

export abstract class CausalLM extends PreTrainedModel implements CausalModel<DynamicCache> {
  static override readonly generates: boolean = true
  /** Defaults of generate(), from generation_config.json or else from the config; they may be changed. */
  generation_config = new GenerationConfig()

  protected override ready(folder?: string, asked: GenerationValues = {}): void {
    const stored = folder === undefined ? undefined : readJson(folder, 'generation_config.json')
    this.generation_config = stored
      ? GenerationConfig.from_dict(stored, asked)
      : GenerationConfig.from_model_config({ ...this.#knownTokens(), ...asked })
  }

  /** Writes generation_config.json too. */
  override async save_pretrained(save_directory: string, options: SavePretrainedOptions = {}): Promise<string[]> {
    const written = await super.save_pretrained(save_directory, options)
    await this.generation_config.save_pretrained(save_directory)
    return [...written, join(save_directory, 'generation_config.json')]
  }

  /**
   * The config's fields; special tokens that it does not name are left out where the vocabulary is too small for the
   * usual ones.
   */
  #knownTokens(): Record<string, unknown> {
    const { json, bos_token_id, eos_token_id, pad_token_id } = this.config
    const usual = Object.entries({ bos_token_id, eos_token_id, pad_token_id })
    const isReal = ([name, id]: [string, unknown]) => name in json || typeof id !== 'number' || id < this.vocabularySize
    return { ...json, ...Object.fromEntries(usual.map(entry => [entry[0], isReal(entry) ? entry[1] : null])) }
  }

  abstract readonly maxLength: number
  abstract readonly vocabularySize: number
  abstract newCache(reserve: number): DynamicCache

  abstract override forward(inputs: {
    input_ids?: Tensor
    inputs_embeds?: Tensor
    attention_mask: Tensor
    position_ids: Tensor
    token_type_ids?: Tensor
    head_mask?: Tensor
    past_key_values?: DynamicCache
    use_cache: boolean
    logits_to_keep: number
    output_hidden_states: boolean
    output_attentions: boolean
    return_dict: true
  }): { logits: Tensor; hidden_states?: Tensor[] | undefined; attentions?: Tensor[] | undefined }

  /** Whether the output layer is the table of embeddings. */
  get isTied(): boolean {
    return this.config.tie_word_embeddings
  }

  step(input: StepInput, cache: DynamicCache | undefined): StepOutput {
    const { rows, inputs_embeds, token_type_ids, head_mask, keep, into, output_hidden_states, output_attentions } =
      input
    return this.backend.scope(() => {
      const ids = (values: Int32Array): Tensor =>
        this.backend.tensor(values, { shape: [rows, values.length / rows], dtype: 'int32' })
      const { logits, hidden_states, attentions } = this.forward({
        ...(inputs_embeds ? { inputs_embeds } : { input_ids: ids(input.input_ids) }),
        attention_mask: ids(input.attention_mask),
        position_ids: ids(input.position_ids),
        ...(token_type_ids && { token_type_ids: ids(token_type_ids) }),
        ...(head_mask && { head_mask: this.backend.tensor(head_mask.values, { shape: head_mask.shape }) }),
        ...(cache && { past_key_values: cache }),
        use_cache: cache !== undefined,
        logits_to_keep: keep,
        ...{ output_hidden_states, output_attentions, return_dict: true },
      })
      const scores = logits.floatsInto(into ?? new Float32Array(logits.size))
      return { logits: scores, hidden_states, attentions }
    })
  }

  head(hidden: Float32Array, rows: number): Float32Array {
    return this.backend.scope(() => {
      const vectors = this.backend.tensor(hidden, { shape: [rows, hidden.length / rows] })
      return this.get_output_embeddings()!.forward(vectors).data as Float32Array
    })
  }

  /**
   * Continues prompts: ids (one row or a batch), or the tokenizer's output; options may stand in the same object.
   * Returns int32 ids (rows, length), prompts included, rows that ended early filled up with pad_token_id; with
   * return_dict_in_generate an object (the types do not see where model.generation_config asks for it). docs/generation.md has all options. Throws ConfigError for options that cannot
   * be, InputError for prompts that do not fit, and the reason of `signal`.
   */
  async generate(prompts: Prompts, options: RichOptions): Promise<GenerateOutput>
  async generate(prompts: GenerateInputs & RichOptions): Promise<GenerateOutput>
  async generate(prompts?: PlainPrompts, options?: PlainOptions): Promise<Tensor>
  async generate(prompts?: Prompts, options?: Options): Promise<Tensor | GenerateOutput>
  async generate(prompts: Prompts = {}, options: Options = {}): Promise<Tensor | GenerateOutput> {
    const [inputs, own] = this.#read(prompts, options)
    return this.#result(await generateAll(this, inputs, own, this.generation_config))
  }

  /**
   * The same step by step: `for await (const { tokens } of model.stream(ids, options))`; the generator returns what
   * generate() does. Throws also ConfigError STREAM_BEAMS.
   */
  stream(prompts: Prompts, options: RichOptions): AsyncGenerator<GenerationStep, GenerateOutput>
  stream(prompts?: PlainPrompts, options?: PlainOptions): AsyncGenerator<GenerationStep, Tensor>
  stream(prompts?: Prompts, options?: Options): AsyncGenerator<GenerationStep, Tensor | GenerateOutput>
  async *stream(prompts: Prompts = {}, options: Options = {}): AsyncGenerator<GenerationStep, Tensor | GenerateOutput> {
    const [inputs, own] = this.#read(prompts, options)
    return this.#result(yield* generateSteps(this, inputs, own, this.generation_config))
  }

  #read(prompts: Prompts, options: Options) {
    const streamer = options.streamer ?? (Object(prompts) as GenerationOptions).streamer ?? null
    return prepared(() => this.#readPrompts(prompts, options), { streamer })
  }

  #readPrompts(prompts: Prompts, options: Options) {
    const [given, own] = splitInputs(prompts, options)
    const begin = own.bos_token_id ?? own.generation_config?.bos_token_id ?? this.generation_config.bos_token_id
    const { vocabularySize, maxLength, backend } = this
    const width = this.get_input_embeddings().embedding_dim
    return [readPrompt(given, begin, { vocabularySize, maxLength, backend, width }), own] as const
  }

  #result(found: Generated<DynamicCache>): Tensor | GenerateOutput {
    const output = generationOutput(found, this.vocabularySize, this.backend)
    return found.isRich ? output : output.sequences
  }

  /**
   * The scores of the tokens that generate() took, (rows, new tokens); `normalize_logits` makes them log-probabilities.
   * The fields are those of its output, with beams also `beam_indices`.
   */
  compute_transition_scores(
    sequences: Tensor,
    scores: readonly Tensor[],
    { beam_indices, normalize_logits = false }: { beam_indices?: Tensor | undefined; normalize_logits?: boolean } = {},
  ): Tensor {
    const { rows, length, values } = transitionScores(
      tableOf(sequences),
      scores.map(step => step.data as Float32Array),
      this.vocabularySize,
      { beams: beam_indices && tableOf(beam_indices), normalize: normalize_logits },
    )
    return this.backend.tensor(values, { shape: [rows, length] })
  }
}

function tableOf(tensor: Tensor): Table {
  const [rows, length] = tensor.dims2()
  return { rows, length, values: tensor.data }
}
