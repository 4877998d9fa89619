// What forward gives: fields by name and by number, or a plain tuple (transformers/modeling_outputs.py).
import type { DynamicCache } from '../src/nn/cache.ts'
import type { Tensor } from '../src/tensor/tensor.ts'

/** One field of an output. */
export type OutputValue = Tensor | readonly Tensor[] | DynamicCache

/** What an output of a model can do beside having fields. */
export interface OutputAccess {
  /** The fields that are there, counted: with labels, `output[0]` is the loss. */
  readonly [place: number]: OutputValue
  /** The fields that are there, without their names. */
  to_tuple(): OutputValue[]
  /** The names of the fields that are there. */
  keys(): string[]
}

/** An output: destructure it, or take fields by name or number. */
export type ModelOutput<Fields> = Fields & OutputAccess

/** `fields` without those that are undefined, with numbers and methods that enumerating does not show. */
export function modelOutput<Fields extends object>(fields: Fields): ModelOutput<Fields> {
  const entries: [string, OutputValue][] = Object.entries(fields).filter(([, value]) => value !== undefined)
  const values = entries.map(([, value]) => value)
  const hidden = {
    ...values,
    to_tuple: () => [...values],
    keys: () => entries.map(([name]) => name),
  }
  const descriptors = Object.entries(hidden).map(([name, value]) => [name, { value }] as const)
  return Object.defineProperties(Object.fromEntries(entries), Object.fromEntries(descriptors)) as ModelOutput<Fields>
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
   * The embeddings and what each layer gives: one more than there are layers, (B, T, C) each. GPT-2's last one is after ln_f,
   * as in Hugging Face, and not what the last block gives.
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

export type BaseModelOutput = ModelOutput<
  {
    /** (B, T, C); GPT-2's is normalised by ln_f. */
    last_hidden_state: Tensor
  } & HiddenFields
>

export type BaseModelOutputWithPooling = ModelOutput<
  {
    /** (B, T, C) */
    last_hidden_state: Tensor
    /** (B, C), through the pooler's dense layer and tanh; absent without a pooler. */
    pooler_output?: Tensor | undefined
  } & HiddenFields
>

export type CausalLMOutput = ModelOutput<
  {
    /** Scores of the next token before softmax: (B, T, V), or for the last tokens only with logits_to_keep. */
    logits: Tensor
  } & LogitsFields
>

export type MaskedLMOutput = ModelOutput<
  {
    /** Scores of each place's token before softmax: (B, T, V). */
    logits: Tensor
  } & LogitsFields
>

export type SequenceClassifierOutput = ModelOutput<
  {
    /** Scores of the labels before softmax: (B, num_labels). */
    logits: Tensor
  } & LogitsFields
>

export type TokenClassifierOutput = ModelOutput<
  {
    /** Scores of each token's label before softmax: (B, T, num_labels). */
    logits: Tensor
  } & LogitsFields
>

export type NextSentencePredictorOutput = ModelOutput<
  {
    /** Scores before softmax of "goes on" (0) and "does not" (1): (B, 2). */
    logits: Tensor
  } & LogitsFields
>

export type MultipleChoiceModelOutput = ModelOutput<
  {
    /** Scores of the choices before softmax: (B, choices). */
    logits: Tensor
  } & LogitsFields
>

export type QuestionAnsweringModelOutput = ModelOutput<
  {
    /** Scores of each token as the first of the answer: (B, T). */
    start_logits: Tensor
    /** Scores of each token as the last of the answer: (B, T). */
    end_logits: Tensor
  } & LogitsFields
>

export type BertForPreTrainingOutput = ModelOutput<
  {
    /** Scores of each place's token before softmax: (B, T, V). */
    prediction_logits: Tensor
    /** Scores before softmax of "the second text goes on" (0) and "it does not" (1): (B, 2). */
    seq_relationship_logits: Tensor
  } & LogitsFields
>

export type GPT2DoubleHeadsModelOutput = ModelOutput<
  {
    /** The loss of the choices, when mc_labels were given. */
    mc_loss?: Tensor | undefined
    /** Scores of the next token before softmax: (B, choices, T, V). */
    logits: Tensor
    /** Scores of the choices before softmax: (B, choices). */
    mc_logits: Tensor
  } & LogitsFields
>
