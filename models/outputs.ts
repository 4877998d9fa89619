// What forward gives: fields by name and by number, or a plain tuple (transformers/modeling_outputs.py).
import { held } from '../src/backend.ts'
import type { DynamicCache } from '../src/nn/cache.ts'
import { Tensor } from '../src/tensor/tensor.ts'

/** One field of an output; lists of lists are those of generate(), a list for each step. */
export type OutputValue = Tensor | readonly Tensor[] | readonly (readonly Tensor[])[] | DynamicCache

/**
 * An output of a model: its fields by name, and those that are there by number too: with labels, `output[0]` is the
 * loss.
 */
export class ModelOutput {
  readonly [place: number]: OutputValue

  /** Fields that are undefined are left out. */
  constructor(fields: object) {
    const own = this as Record<string, unknown>
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) own[name] = value
  }

  /** The fields that are there, without their names. */
  to_tuple(): OutputValue[] {
    return Object.values(this)
  }

  /** The names of the fields that are there. */
  keys(): string[] {
    return Object.keys(this)
  }

  /** Names and values; lists of tensors as the number of them. */
  toString(): string {
    const shown = (value: OutputValue): string => {
      if (Array.isArray(value)) return `a list of ${value.length}`
      return value instanceof Tensor ? String(value) : value.constructor.name
    }
    const fields = Object.entries(this).map(([name, value]) => `  ${name}=${shown(value as OutputValue)}`)
    return `${this.constructor.name}(\n${fields.join(',\n')}\n)`
  }

  [held](): OutputValue[] {
    return this.to_tuple()
  }
}

/** More than any output has fields. */
const mostFields = 10

for (let place = 0; place < mostFields; place++) {
  const get = function (this: ModelOutput): OutputValue | undefined {
    return this.to_tuple()[place]
  }
  Object.defineProperty(ModelOutput.prototype, place, { get })
}

/** An output with these fields: destructure it, or take them by name or number. */
export type Output<Fields> = Fields & ModelOutput

export function outputOf<Fields extends object>(fields: Fields): Output<Fields> {
  return new ModelOutput(fields) as Output<Fields>
}

/** Inputs that ask for the fields alone, as an array. */
export interface AsTuple {
  return_dict: false
}

/** Fields that are there on request. */
export interface HiddenFields {
  /** The keys and values read so far, to hand in with the next tokens and to dispose of at the end. */
  past_key_values?: DynamicCache | undefined
  /**
   * The embeddings and what each layer gives: one more than there are layers, (B, T, C) each. GPT-2's last one is after
   * ln_f, as in Hugging Face, and not what the last block gives.
   */
  hidden_states?: Tensor[] | undefined
  /** Each layer's attention probabilities (B, H, T, S). */
  attentions?: Tensor[] | undefined
}

interface LossField {
  /** A number, when labels were given. */
  loss?: Tensor | undefined
}

interface LogitsFields extends LossField, HiddenFields {}

export type BaseModelOutput = Output<
  {
    /** (B, T, C); GPT-2's is normalised by ln_f. */
    last_hidden_state: Tensor
  } & HiddenFields
>

export type BaseModelOutputWithPooling = Output<
  {
    /** (B, T, C) */
    last_hidden_state: Tensor
    /** (B, C), through the pooler's dense layer and tanh; absent without a pooler. */
    pooler_output?: Tensor | undefined
  } & HiddenFields
>

export type CausalLMOutput = Output<
  {
    /** Scores of the next token before softmax: (B, T, V), or for the last tokens only with logits_to_keep. */
    logits: Tensor
  } & LogitsFields
>

export type MaskedLMOutput = Output<
  {
    /** Scores of each place's token before softmax: (B, T, V). */
    logits: Tensor
  } & LogitsFields
>

export type SequenceClassifierOutput = Output<
  {
    /** Scores of the labels before softmax: (B, num_labels). */
    logits: Tensor
  } & LogitsFields
>

export type TokenClassifierOutput = Output<
  {
    /** Scores of each token's label before softmax: (B, T, num_labels). */
    logits: Tensor
  } & LogitsFields
>

export type NextSentencePredictorOutput = Output<
  {
    /** Scores before softmax of "goes on" (0) and "does not" (1): (B, 2). */
    logits: Tensor
  } & LogitsFields
>

export type MultipleChoiceModelOutput = Output<
  {
    /** Scores of the choices before softmax: (B, choices). */
    logits: Tensor
  } & LogitsFields
>

export type QuestionAnsweringModelOutput = Output<
  {
    /** Scores of each token as the first of the answer: (B, T). */
    start_logits: Tensor
    /** Scores of each token as the last of the answer: (B, T). */
    end_logits: Tensor
  } & LogitsFields
>

export type BertForPreTrainingOutput = Output<
  {
    /** Scores of each place's token before softmax: (B, T, V). */
    prediction_logits: Tensor
    /** Scores before softmax of "the second text goes on" (0) and "it does not" (1): (B, 2). */
    seq_relationship_logits: Tensor
  } & LogitsFields
>

export type GPT2DoubleHeadsModelOutput = Output<
  {
    /** The loss of the choices, when mc_labels were given. */
    mc_loss?: Tensor | undefined
    /** Scores of the next token before softmax: (B, choices, T, V). */
    logits: Tensor
    /** Scores of the choices before softmax: (B, choices). */
    mc_logits: Tensor
  } & LogitsFields
>
