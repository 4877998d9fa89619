// A model that predicts the next token: generate() and stream() on top of its forward.

import { readJson } from '../src/checkpoint/folder.ts'
import { InputError } from '../src/errors.ts'
import type { GenerationOptions } from '../src/generation/config.ts'
import { checkOptionNames, isKnownOption } from '../src/generation/config.ts'
import { type GenerationStep, generateSteps } from '../src/generation/generate.ts'
import type { CausalModel, StepInput } from '../src/generation/model.ts'
import type { Prompt } from '../src/generation/prompt.ts'
import type { DynamicCache } from '../src/nn/cache.ts'
import { Tensor } from '../src/tensor/tensor.ts'
import { type IdsLike, readIds } from './inputs.ts'
import { type MaskLike, readMask } from './mask.ts'
import { PreTrainedModel } from './pretrained.ts'

/** Prompts for generate(): ids, or what a tokenizer gives. */
export interface GenerateInputs {
  input_ids?: IdsLike
  attention_mask?: MaskLike
  token_type_ids?: IdsLike
}

const inputNames = ['input_ids', 'attention_mask', 'token_type_ids']

export abstract class CausalLM extends PreTrainedModel implements CausalModel<DynamicCache> {
  /** Defaults of generate(), from generation_config.json or else from the config's special tokens. */
  generation_config: GenerationOptions = {}

  protected override ready(folder?: string): void {
    const { bos_token_id, eos_token_id, pad_token_id } = this.config
    const stored = folder === undefined ? undefined : readJson(folder, 'generation_config.json')
    this.generation_config = knownDefaults(stored ?? { bos_token_id, eos_token_id, pad_token_id })
  }

  abstract readonly maxLength: number
  abstract readonly vocabularySize: number
  abstract newCache(reserve: number): DynamicCache

  abstract override forward(inputs: {
    input_ids: Tensor
    attention_mask: Tensor
    position_ids: Tensor
    token_type_ids?: Tensor
    past_key_values?: DynamicCache
    logits_to_keep?: number
  }): { logits: Tensor }

  nextLogits(
    { rows, input_ids, attention_mask, position_ids, token_type_ids }: StepInput,
    cache?: DynamicCache,
  ): Float32Array {
    return this.backend.scope(() => {
      const ids = (values: Int32Array): Tensor =>
        this.backend.tensor(values, { shape: [rows, values.length / rows], dtype: 'int32' })
      const { logits } = this.forward({
        input_ids: ids(input_ids),
        attention_mask: ids(attention_mask),
        position_ids: ids(position_ids),
        ...(token_type_ids && { token_type_ids: ids(token_type_ids) }),
        ...(cache && { past_key_values: cache }),
        logits_to_keep: 1,
      })
      return Float32Array.from(logits.data)
    })
  }

  /**
   * Continues prompts: ids (one row or a batch), or the tokenizer's output; options may stand in the same object. Returns
   * int32 ids (rows, length), prompts included; rows that ended early are filled up with pad_token_id. Throws ConfigError
   * for options that cannot be, InputError for prompts that do not fit, and the reason of `signal`.
   */
  async generate(
    inputs: IdsLike | (GenerateInputs & GenerationOptions) = {},
    options: GenerationOptions = {},
  ): Promise<Tensor> {
    const steps = this.stream(inputs, options)
    let step = await steps.next()
    while (!step.done) step = await steps.next()
    return step.value
  }

  /** The same step by step: `for await (const { tokens } of model.stream(ids, options))`; the generator returns what generate() does. */
  async *stream(
    inputs: IdsLike | (GenerateInputs & GenerationOptions) = {},
    options: GenerationOptions = {},
  ): AsyncGenerator<GenerationStep, Tensor> {
    const [given, merged] = splitInputs(inputs, options)
    const prompt = this.#prompt(given, merged)
    const { rows, length, ids } = yield* generateSteps(this, prompt, merged, this.generation_config)
    return this.backend.tensor(ids, { shape: [rows, length], dtype: 'int32' })
  }

  /** The prompts as rows of ids; without any, one row of the token that begins texts. */
  #prompt({ input_ids, attention_mask, token_type_ids }: GenerateInputs, options: GenerationOptions): Prompt {
    const begin = options.bos_token_id ?? this.generation_config.bos_token_id
    const start = input_ids ?? (typeof begin === 'number' ? [begin] : undefined)
    if (start === undefined) {
      throw new InputError(
        'EMPTY_INPUT',
        'generate: there is no prompt, and the model has no bos_token_id to begin with',
      )
    }
    const ids = readIds(start, 'input_ids', this.vocabularySize)
    const [rows, length] = ids.shape as [number, number]
    if (length > this.maxLength) {
      const message = `generate: the prompt has ${length} tokens, the model has ${this.maxLength} places`
      throw new InputError('TOO_LONG', message, { tokens: length, places: this.maxLength })
    }
    return {
      rows,
      length,
      ids: ids.values,
      mask: attention_mask === undefined ? undefined : readMask(attention_mask, rows, length, length).values,
      types:
        token_type_ids === undefined
          ? undefined
          : readIds(token_type_ids, 'token_type_ids', this.vocabularySize).values,
    }
  }
}

/** The defaults in a generation_config.json that generate() knows. Others stay out: they are refused when they are asked for. */
function knownDefaults(stored: Readonly<Record<string, unknown>>): GenerationOptions {
  return Object.fromEntries(
    Object.entries(stored).filter(([name, value]) => isKnownOption(name) && value !== undefined),
  )
}

/** Model inputs and options, which may come in one object. Throws ConfigError for names that are neither. */
function splitInputs(
  inputs: IdsLike | (GenerateInputs & GenerationOptions),
  options: GenerationOptions,
): [GenerateInputs, GenerationOptions] {
  if (inputs instanceof Tensor || Array.isArray(inputs) || ArrayBuffer.isView(inputs))
    return [{ input_ids: inputs as IdsLike }, options]
  const entries = Object.entries({ ...inputs, ...options })
  const own = Object.fromEntries(entries.filter(([name]) => !inputNames.includes(name)))
  checkOptionNames(own)
  return [Object.fromEntries(entries.filter(([name]) => inputNames.includes(name))), own]
}
