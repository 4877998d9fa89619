// GPT-2's heads, as transformers/models/gpt2/modeling_gpt2.py has them: what is built on the body for each task. The
// body: gpt2.ts.
import { InputError } from '../src/errors.ts'
import { activation } from '../src/nn/activation.ts'
import { DynamicCache } from '../src/nn/cache.ts'
import { Dropout } from '../src/nn/dropout.ts'
import { Identity } from '../src/nn/identity.ts'
import { Linear } from '../src/nn/linear.ts'
import { Module } from '../src/nn/module.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { warnOnce } from '../src/warnings.ts'
import { CausalLM } from './causalLM.ts'
import { type ChoiceInputs, rowsOfChoices } from './choices.ts'
import type { Given } from './forwardOptions.ts'
import { GPT2Config, type GPT2Inputs, GPT2Model, GPT2PreTrainedModel, gpt2Inputs, gpt2Rules } from './gpt2.ts'
import { type ChoicesLike, lastPlaces, readIds, readWholes } from './inputs.ts'
import { classifierLoss, classLoss, type LabelsLike, nextTokenLoss, spanLoss } from './losses.ts'
import type {
  AsTuple,
  CausalLMOutput,
  GPT2DoubleHeadsModelOutput,
  OutputValue,
  QuestionAnsweringModelOutput,
  SequenceClassifierOutput,
  TokenClassifierOutput,
} from './outputs.ts'

/** GPT-2's inputs with what is right: the output then has a loss. */
export interface GPT2LabelledInputs extends GPT2Inputs {
  labels?: LabelsLike
}

/** Models with scores of the next token. */
abstract class GPT2CausalLM extends CausalLM {
  static readonly config_class = GPT2Config
  static override readonly base_model_prefix: string = gpt2Rules.base_model_prefix
  static override readonly freshParts: readonly string[] = gpt2Rules.freshParts
  static override readonly ignoredWeights: readonly RegExp[] = gpt2Rules.ignoredWeights
  static override readonly heads: Readonly<Record<string, string>> = gpt2Rules.heads
  declare readonly config: GPT2Config
  abstract readonly lm_head: Linear

  override get_output_embeddings(): Linear {
    return this.lm_head
  }

  override get maxLength(): number {
    return this.config.n_positions
  }

  override get vocabularySize(): number {
    return this.config.vocab_size
  }

  override newCache(reserve: number): DynamicCache {
    return new DynamicCache({ reserve })
  }
}

/** Scores of the next token, (..., C) -> (..., V), by the table of word embeddings unless the config unties them. */
function lmHead(
  { n_embd, vocab_size, initializer_range: std, tie_word_embeddings }: GPT2Config,
  { wte }: GPT2Model,
): Linear {
  return new Linear(n_embd, vocab_size, { bias: false, std, ...(tie_word_embeddings && { weight: wte.weight }) })
}

export interface CausalLMInputs extends GPT2LabelledInputs {
  /** Compute logits for so many of the last tokens only; 0 is all. */
  logits_to_keep?: number
}

/** The token that comes next: logits (B, T, V). */
export class GPT2LMHeadModel extends GPT2CausalLM {
  static override readonly inputNames = [...gpt2Inputs, 'labels', 'logits_to_keep']
  transformer: GPT2Model
  lm_head: Linear

  constructor(config: GPT2Config) {
    super(config)
    this.transformer = new GPT2Model(config)
    this.lm_head = lmHead(config, this.transformer)
  }

  /**
   * `labels`: token ids (B, T), those of the inputs themselves; each place is to predict the next. Throws as
   * GPT2Model.forward.
   */
  override forward(inputs: Given<CausalLMInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<CausalLMInputs>): CausalLMOutput
  override forward(inputs: Given<CausalLMInputs>): CausalLMOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { labels, logits_to_keep = 0, ...body }: CausalLMInputs = inputs
      const { last_hidden_state, ...rest } = this.transformer.forward({ ...body, return_dict: true })
      const wanted = lastPlaces(last_hidden_state, 1, logits_to_keep)
      const logits = this.lm_head.forward(wanted)
      return { loss: nextTokenLoss(logits, labels), logits, ...rest }
    })
  }
}

/** A text's class from its last token that is no padding: logits (B, num_labels). */
export class GPT2ForSequenceClassification extends GPT2PreTrainedModel {
  static override readonly inputNames = [...gpt2Inputs, 'labels']
  transformer: GPT2Model
  score: Linear

  constructor(config: GPT2Config) {
    super(config)
    this.transformer = new GPT2Model(config)
    this.score = new Linear(config.n_embd, config.num_labels, { bias: false, std: config.initializer_range })
  }

  /**
   * `labels`: classes (B), or as classifierLoss says. Throws InputError NO_PAD_TOKEN for several texts when the config
   * has no pad_token_id, and as GPT2Model.forward.
   */
  override forward(inputs: Given<GPT2LabelledInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<GPT2LabelledInputs>): SequenceClassifierOutput
  override forward(inputs: Given<GPT2LabelledInputs>): SequenceClassifierOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { labels, ...body } = inputs
      const { last_hidden_state, ...rest } = this.transformer.forward({ ...body, return_dict: true })
      const scores = this.score.forward(last_hidden_state) // (B, T, num_labels)
      const logits = atPlaces(scores, this.#lastPlaces(body, scores))
      return { loss: classifierLoss(logits, labels, this.config), logits, ...rest }
    })
  }

  /** Of each row the place of the last token that is not the padding token; embeddings do not show which are. */
  #lastPlaces({ input_ids }: GPT2Inputs, scores: Tensor): Int32Array {
    const [B, T] = scores.dims3()
    const { pad_token_id: pad, vocab_size } = this.config
    if (pad === undefined && B > 1) {
      const message = `GPT2ForSequenceClassification: ${B} texts at once need a padding token, but the config has none`
      throw new InputError('NO_PAD_TOKEN', message, { hint: 'set model.config.pad_token_id' })
    }
    if (pad !== undefined && input_ids === undefined) warnOnce('PADDED_EMBEDS', embedsNote)
    const ids = input_ids === undefined ? undefined : readIds(input_ids, 'input_ids', vocab_size).values
    return Int32Array.from({ length: B }, (_, row) => {
      if (pad === undefined || !ids) return T - 1
      return Math.max(
        ids.subarray(row * T, (row + 1) * T).findLastIndex(id => id !== pad),
        0,
      )
    })
  }
}

const embedsNote =
  'GPT2ForSequenceClassification: inputs_embeds do not show which tokens are padding, so the last place of each row is taken.'

/** x (R, T, C) at one place of each row: (R, C). */
function atPlaces(x: Tensor, places: Int32Array): Tensor {
  const [R, , C] = x.dims3()
  const index = x.backend.tensor(places, { shape: [R, 1, 1] }).expand([R, 1, C])
  return x.gather(1, index).squeeze(1)
}

/** A label for each token: logits (B, T, num_labels). */
export class GPT2ForTokenClassification extends GPT2PreTrainedModel {
  static override readonly inputNames = [...gpt2Inputs, 'labels']
  transformer: GPT2Model
  dropout: Dropout
  classifier: Linear

  constructor(config: GPT2Config) {
    super(config)
    this.transformer = new GPT2Model(config)
    this.dropout = new Dropout(config.classifier_dropout ?? config.hidden_dropout ?? 0.1)
    this.classifier = new Linear(config.n_embd, config.num_labels, { std: config.initializer_range })
  }

  /** `labels`: classes (B, T), -100 for tokens that do not count. Throws as GPT2Model.forward. */
  override forward(inputs: Given<GPT2LabelledInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<GPT2LabelledInputs>): TokenClassifierOutput
  override forward(inputs: Given<GPT2LabelledInputs>): TokenClassifierOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { labels, ...body } = inputs
      const { last_hidden_state, ...rest } = this.transformer.forward({ ...body, return_dict: true })
      const logits = this.classifier.forward(this.dropout.forward(last_hidden_state))
      return { loss: classLoss(logits, labels), logits, ...rest }
    })
  }
}

export interface GPT2SpanInputs extends GPT2Inputs {
  /** The token where each answer begins: (B). */
  start_positions?: LabelsLike
  /** The token where each answer ends: (B). */
  end_positions?: LabelsLike
}

/** Where an answer begins and ends: logits (B, T) for both. */
export class GPT2ForQuestionAnswering extends GPT2PreTrainedModel {
  static override readonly inputNames = [...gpt2Inputs, 'start_positions', 'end_positions']
  transformer: GPT2Model
  qa_outputs: Linear

  constructor(config: GPT2Config) {
    super(config)
    this.transformer = new GPT2Model(config)
    this.qa_outputs = new Linear(config.n_embd, 2, { std: config.initializer_range })
  }

  /** Throws as GPT2Model.forward. */
  override forward(inputs: Given<GPT2SpanInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<GPT2SpanInputs>): QuestionAnsweringModelOutput
  override forward(inputs: Given<GPT2SpanInputs>): QuestionAnsweringModelOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { start_positions, end_positions, ...body } = inputs
      const { last_hidden_state, ...rest } = this.transformer.forward({ ...body, return_dict: true })
      const both = this.qa_outputs.forward(last_hidden_state) // (B, T, 2)
      const [start_logits, end_logits] = [both.select(2, 0), both.select(2, 1)]
      const loss = spanLoss(start_logits, end_logits, start_positions, end_positions)
      return { loss, start_logits, end_logits, ...rest }
    })
  }
}

/** One vector for a text, projected: what the choices are scored by. */
class GPT2SequenceSummary extends Module {
  summary: Linear | Identity
  activation: Module & { forward(x: Tensor): Tensor }
  first_dropout: Dropout | Identity
  last_dropout: Identity
  readonly #type: GPT2Config['summary_type']

  constructor(config: GPT2Config) {
    super()
    const { n_embd: C, summary_activation, summary_first_dropout: dropout, initializer_range: std } = config
    const width = config.summary_proj_to_labels ? 1 : C
    this.summary = config.summary_use_proj ? new Linear(C, width, { std }) : new Identity()
    this.activation = summary_activation === undefined ? new Identity() : activation(summary_activation)
    this.first_dropout = dropout > 0 ? new Dropout(dropout) : new Identity()
    this.last_dropout = new Identity()
    this.#type = config.summary_type
  }

  /** x (B, choices, T, C), or (B, T, C); `places` (B choices), the token to take with summary_type cls_index. */
  override forward(x: Tensor, places: Int32Array): Tensor {
    return this.last_dropout.forward(
      this.activation.forward(this.summary.forward(this.first_dropout.forward(this.#vector(x, places)))),
    )
  }

  /** The types but cls_index work on the second dim, whichever it is, as in Hugging Face. */
  #vector(x: Tensor, places: Int32Array): Tensor {
    if (this.#type === 'first') return x.select(1, 0)
    if (this.#type === 'last') return x.select(1, -1)
    if (this.#type === 'mean') return x.mean(1)
    const [T, C] = x.shape.slice(-2) as [number, number]
    return atPlaces(x.reshape([places.length, T, C]), places).reshape([...x.shape.slice(0, -2), C])
  }
}

export interface GPT2DoubleHeadsInputs extends ChoiceInputs {
  /** The token of each text that the choice is scored by, (B, choices); the last one unless given. */
  mc_token_ids?: ChoicesLike
  /** Token ids (B, choices, T), those of the inputs themselves; each place is to predict the next. */
  labels?: LabelsLike
  /** The right choice of each question: (B). */
  mc_labels?: LabelsLike
  /** Compute logits for so many of the last tokens only; 0 is all. */
  logits_to_keep?: number
}

/** The next token and which of several texts fits: inputs (B, choices, T), or (B, T) for texts without choices. */
export class GPT2DoubleHeadsModel extends GPT2CausalLM {
  static override readonly inputNames = [...gpt2Inputs, 'mc_token_ids', 'labels', 'mc_labels', 'logits_to_keep']
  transformer: GPT2Model
  lm_head: Linear
  multiple_choice_head: GPT2SequenceSummary

  constructor(config: GPT2Config) {
    super(config)
    this.transformer = new GPT2Model(config)
    this.lm_head = lmHead(config, this.transformer)
    this.multiple_choice_head = new GPT2SequenceSummary(config)
  }

  /**
   * Throws InputError SHAPE for inputs of other dims, ID_RANGE for mc_token_ids outside of the text, and as
   * GPT2Model.forward.
   */
  override forward(inputs: Given<GPT2DoubleHeadsInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<GPT2DoubleHeadsInputs>): GPT2DoubleHeadsModelOutput
  override forward(inputs: Given<GPT2DoubleHeadsInputs>): GPT2DoubleHeadsModelOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { mc_token_ids, labels, mc_labels, logits_to_keep = 0, ...given }: GPT2DoubleHeadsInputs = inputs
      const { rows, lead } = rowsOfChoices(given, { orRows: true })
      const body = this.transformer.forward({ ...rows, return_dict: true })
      const [R, T, C] = body.last_hidden_state.dims3()
      const x = body.last_hidden_state.reshape([...lead, T, C])
      const logits = this.lm_head.forward(lastPlaces(x, -2, logits_to_keep))
      const scores = this.multiple_choice_head.forward(x, choicePlaces(mc_token_ids, R, T))
      const mc_logits = scores.shape.at(-1) === 1 ? scores.squeeze(-1) : scores
      return {
        loss: nextTokenLoss(logits, labels),
        mc_loss: classLoss(mc_logits.reshape([-1, mc_logits.shape.at(-1)!]), mc_labels, 'mc_labels'),
        logits,
        mc_logits,
        past_key_values: body.past_key_values,
        hidden_states: body.hidden_states && [...body.hidden_states.slice(0, -1), x],
        attentions: body.attentions,
      }
    })
  }
}

function choicePlaces(given: ChoicesLike | undefined, R: number, T: number): Int32Array {
  if (given === undefined) return new Int32Array(R).fill(T - 1)
  const { values } = readWholes(given, 'mc_token_ids')
  const bad = values.find(place => place < 0 || place >= T)
  if (bad === undefined && values.length === R) return values
  const message = bad === undefined ? `expected ${R} places, got ${values.length}` : `${bad} is not in 0..${T - 1}`
  throw new InputError(bad === undefined ? 'SHAPE' : 'ID_RANGE', `mc_token_ids: ${message}`)
}
