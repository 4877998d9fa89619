// BERT's heads, as transformers/models/bert/modeling_bert.py has them: what is built on the body for each task. The body: bert.ts.
import { type Activation, activation } from '../src/nn/activation.ts'
import { DynamicCache } from '../src/nn/cache.ts'
import { Dropout } from '../src/nn/dropout.ts'
import type { Embedding } from '../src/nn/embedding.ts'
import { LayerNorm } from '../src/nn/layerNorm.ts'
import { Linear } from '../src/nn/linear.ts'
import { Module } from '../src/nn/module.ts'
import { Parameter } from '../src/nn/parameter.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { warnOnce } from '../src/warnings.ts'
import { type BertAttention, BertConfig, type BertInputs, BertModel, BertPreTrainedModel, bertInputs } from './bert.ts'
import { CausalLM } from './causalLM.ts'
import { type ChoiceInputs, rowsOfChoices } from './choices.ts'
import { classifierLoss, classLoss, type LabelsLike, nextTokenLoss, spanLoss } from './losses.ts'
import type {
  BertForPreTrainingOutput,
  CausalLMOutput,
  MaskedLMOutput,
  MultipleChoiceModelOutput,
  NextSentencePredictorOutput,
  Outcome,
  QuestionAnsweringModelOutput,
  SequenceClassifierOutput,
  TokenClassifierOutput,
} from './outputs.ts'

/** BERT's inputs with what is right: the output then has a loss. */
export interface BertLabelledInputs extends BertInputs {
  labels?: LabelsLike
}

/** A head on a BERT body. */
abstract class BertHead extends BertPreTrainedModel {
  abstract readonly bert: BertModel
  static override readonly inputNames = [...bertInputs, 'labels']

  override get_input_embeddings(): Embedding {
    return this.bert.get_input_embeddings()
  }

  override attentions(): readonly BertAttention[] {
    return this.bert.attentions()
  }
}

/** Where a classifier's scores come from: a dropout and a dense layer. */
function classifierParts(config: BertConfig, labels: number): { dropout: Dropout; classifier: Linear } {
  return {
    dropout: new Dropout(config.classifier_dropout ?? config.hidden_dropout_prob),
    classifier: new Linear(config.hidden_size, labels, { std: config.initializer_range }),
  }
}

/** A text's class from the pooled first token (the course's classifier): logits (B, num_labels). */
export class BertForSequenceClassification extends BertHead {
  bert: BertModel
  dropout: Dropout
  classifier: Linear

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config)
    const { dropout, classifier } = classifierParts(config, config.num_labels)
    this.dropout = dropout
    this.classifier = classifier
  }

  /** `labels`: classes (B), or as classifierLoss says. Throws as BertModel.forward. */
  override forward<I extends BertLabelledInputs>(inputs: I): Outcome<I, SequenceClassifierOutput> {
    return this.output(inputs, () => {
      const { labels, ...body }: BertLabelledInputs = inputs
      const { pooler_output, last_hidden_state: _, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const logits = this.classifier.forward(this.dropout.forward(pooler_output!))
      return { loss: classifierLoss(logits, labels, this.config), logits, ...rest }
    })
  }
}

/** A label for each token: logits (B, T, num_labels). */
export class BertForTokenClassification extends BertHead {
  bert: BertModel
  dropout: Dropout
  classifier: Linear

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config, { add_pooling_layer: false })
    const { dropout, classifier } = classifierParts(config, config.num_labels)
    this.dropout = dropout
    this.classifier = classifier
  }

  /** `labels`: classes (B, T), -100 for tokens that do not count. Throws as BertModel.forward. */
  override forward<I extends BertLabelledInputs>(inputs: I): Outcome<I, TokenClassifierOutput> {
    return this.output(inputs, () => {
      const { labels, ...body }: BertLabelledInputs = inputs
      const { last_hidden_state, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const logits = this.classifier.forward(this.dropout.forward(last_hidden_state))
      return { loss: classLoss(logits, labels), logits, ...rest }
    })
  }
}

export interface BertSpanInputs extends BertInputs {
  /** The token where each answer begins: (B). */
  start_positions?: LabelsLike
  /** The token where each answer ends: (B). */
  end_positions?: LabelsLike
}

/** Where an answer begins and ends: logits (B, T) for both. */
export class BertForQuestionAnswering extends BertHead {
  static override readonly inputNames = [...bertInputs, 'start_positions', 'end_positions']
  bert: BertModel
  qa_outputs: Linear

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config, { add_pooling_layer: false })
    this.qa_outputs = new Linear(config.hidden_size, 2, { std: config.initializer_range })
  }

  /** Throws as BertModel.forward. */
  override forward<I extends BertSpanInputs>(inputs: I): Outcome<I, QuestionAnsweringModelOutput> {
    return this.output(inputs, () => {
      const { start_positions, end_positions, ...body }: BertSpanInputs = inputs
      const { last_hidden_state, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const both = this.qa_outputs.forward(last_hidden_state) // (B, T, 2)
      const [start_logits, end_logits] = [both.select(2, 0), both.select(2, 1)]
      const loss = spanLoss(start_logits, end_logits, start_positions, end_positions)
      return { loss, start_logits, end_logits, ...rest }
    })
  }
}

export interface BertChoiceInputs extends ChoiceInputs {
  /** The right choice of each question: (B). */
  labels?: LabelsLike
}

/** Which of several texts fits: inputs (B, choices, T), logits (B, choices). */
export class BertForMultipleChoice extends BertHead {
  bert: BertModel
  dropout: Dropout
  classifier: Linear

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config)
    const { dropout, classifier } = classifierParts(config, 1)
    this.dropout = dropout
    this.classifier = classifier
  }

  /** Throws InputError SHAPE for inputs that are not (B, choices, T), and as BertModel.forward. */
  override forward<I extends BertChoiceInputs>(inputs: I): Outcome<I, MultipleChoiceModelOutput> {
    return this.output(inputs, () => {
      const { labels, ...given }: BertChoiceInputs = inputs
      const { rows, lead } = rowsOfChoices(given)
      const { pooler_output, last_hidden_state: _, ...rest } = this.bert.forward({ ...rows, return_dict: true })
      const logits = this.classifier.forward(this.dropout.forward(pooler_output!)).reshape(lead)
      return { loss: classLoss(logits, labels), logits, ...rest }
    })
  }
}

class BertPredictionHeadTransform extends Module {
  dense: Linear
  transform_act_fn: Activation
  LayerNorm: LayerNorm

  constructor({ hidden_size: C, hidden_act, layer_norm_eps: eps, initializer_range: std }: BertConfig) {
    super()
    this.dense = new Linear(C, C, { std })
    this.transform_act_fn = activation(hidden_act)
    this.LayerNorm = new LayerNorm(C, { eps })
  }

  override forward(x: Tensor): Tensor {
    return this.LayerNorm.forward(this.transform_act_fn.forward(this.dense.forward(x)))
  }
}

/** (B, T, C) -> (B, T, V); the decoder shares the word embeddings' table unless the config unties them. */
class BertLMPredictionHead extends Module {
  bias: Parameter
  transform: BertPredictionHeadTransform
  decoder: Linear

  constructor(config: BertConfig, table: Parameter) {
    super()
    this.bias = new Parameter([config.vocab_size])
    this.transform = new BertPredictionHeadTransform(config)
    const tied = config.tie_word_embeddings ? { weight: table } : {}
    const { hidden_size, vocab_size, initializer_range: std } = config
    this.decoder = new Linear(hidden_size, vocab_size, { std, bias: this.bias, ...tied })
  }

  override forward(x: Tensor): Tensor {
    return this.decoder.forward(this.transform.forward(x))
  }
}

class BertOnlyMLMHead extends Module {
  predictions: BertLMPredictionHead

  constructor(config: BertConfig, table: Parameter) {
    super()
    this.predictions = new BertLMPredictionHead(config, table)
  }

  override forward(x: Tensor): Tensor {
    return this.predictions.forward(x)
  }
}

/** What stands behind each [MASK]: logits (B, T, V). */
export class BertForMaskedLM extends BertHead {
  bert: BertModel
  cls: BertOnlyMLMHead

  constructor(config: BertConfig) {
    super(config)
    if (config.is_decoder)
      warnOnce('BERT_IS_DECODER', 'BertForMaskedLM: with is_decoder true no token sees those behind it.')
    this.bert = new BertModel(config, { add_pooling_layer: false })
    this.cls = new BertOnlyMLMHead(config, this.bert.embeddings.word_embeddings.weight)
  }

  /** `labels`: token ids (B, T), -100 for places that do not count. Throws as BertModel.forward. */
  override forward<I extends BertLabelledInputs>(inputs: I): Outcome<I, MaskedLMOutput> {
    return this.output(inputs, () => {
      const { labels, ...body }: BertLabelledInputs = inputs
      const { last_hidden_state, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const logits = this.cls.forward(last_hidden_state)
      return { loss: classLoss(logits, labels), logits, ...rest }
    })
  }

  override get_output_embeddings(): Linear {
    return this.cls.predictions.decoder
  }
}

class BertOnlyNSPHead extends Module {
  seq_relationship: Linear

  constructor({ hidden_size, initializer_range: std }: BertConfig) {
    super()
    this.seq_relationship = new Linear(hidden_size, 2, { std })
  }

  override forward(pooled: Tensor): Tensor {
    return this.seq_relationship.forward(pooled)
  }
}

export interface BertNextSentenceInputs extends BertLabelledInputs {
  /** The old name of labels. */
  next_sentence_label?: LabelsLike
}

/** Whether the second text goes on from the first: logits (B, 2), 0 for "it does". */
export class BertForNextSentencePrediction extends BertHead {
  static override readonly inputNames = [...bertInputs, 'labels', 'next_sentence_label']
  bert: BertModel
  cls: BertOnlyNSPHead

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config)
    this.cls = new BertOnlyNSPHead(config)
  }

  /** `labels`: 0 or 1 (B). Throws as BertModel.forward. */
  override forward<I extends BertNextSentenceInputs>(inputs: I): Outcome<I, NextSentencePredictorOutput> {
    return this.output(inputs, () => {
      const { next_sentence_label, labels = next_sentence_label, ...body }: BertNextSentenceInputs = inputs
      const { pooler_output, last_hidden_state: _, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const logits = this.cls.forward(pooler_output!)
      return { loss: classLoss(logits, labels), logits, ...rest }
    })
  }
}

class BertPreTrainingHeads extends Module {
  predictions: BertLMPredictionHead
  seq_relationship: Linear

  constructor(config: BertConfig, table: Parameter) {
    super()
    this.predictions = new BertLMPredictionHead(config, table)
    this.seq_relationship = new Linear(config.hidden_size, 2, { std: config.initializer_range })
  }

  override forward(x: Tensor, pooled: Tensor): [prediction: Tensor, relationship: Tensor] {
    return [this.predictions.forward(x), this.seq_relationship.forward(pooled)]
  }
}

export interface BertPreTrainingInputs extends BertLabelledInputs {
  /** 0 where the second text goes on from the first, else 1: (B). */
  next_sentence_label?: LabelsLike
}

/** Both heads with which BERT was trained: masked tokens and the next sentence. */
export class BertForPreTraining extends BertHead {
  static override readonly inputNames = [...bertInputs, 'labels', 'next_sentence_label']
  bert: BertModel
  cls: BertPreTrainingHeads

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config)
    this.cls = new BertPreTrainingHeads(config, this.bert.embeddings.word_embeddings.weight)
  }

  /** The loss is the sum of both, and there when both labels are. Throws as BertModel.forward. */
  override forward<I extends BertPreTrainingInputs>(inputs: I): Outcome<I, BertForPreTrainingOutput> {
    return this.output(inputs, () => {
      const { labels, next_sentence_label, ...body }: BertPreTrainingInputs = inputs
      const { last_hidden_state, pooler_output, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const [prediction_logits, seq_relationship_logits] = this.cls.forward(last_hidden_state, pooler_output!)
      const relationship = classLoss(seq_relationship_logits, next_sentence_label, 'next_sentence_label')
      const loss = relationship && classLoss(prediction_logits, labels)?.add(relationship)
      return { loss, prediction_logits, seq_relationship_logits, ...rest }
    })
  }

  override get_output_embeddings(): Linear {
    return this.cls.predictions.decoder
  }
}

export interface BertLMInputs extends BertLabelledInputs {
  /** Compute logits for so many of the last tokens only; 0 is all. */
  logits_to_keep?: number
}

/** BERT that continues a text, with is_decoder in its config: logits (B, T, V) of the next token. */
export class BertLMHeadModel extends CausalLM {
  static readonly config_class = BertConfig
  static override readonly base_model_prefix = 'bert'
  static override readonly freshParts = BertPreTrainedModel.freshParts
  static override readonly inputNames = [...bertInputs, 'labels', 'logits_to_keep']
  declare readonly config: BertConfig
  bert: BertModel
  cls: BertOnlyMLMHead

  constructor(config: BertConfig) {
    super(config)
    if (!config.is_decoder) warnOnce('BERT_NO_DECODER', decoderNote)
    this.bert = new BertModel(config, { add_pooling_layer: false })
    this.cls = new BertOnlyMLMHead(config, this.bert.embeddings.word_embeddings.weight)
  }

  /** `labels`: token ids (B, T), those of the inputs themselves; each place is to predict the next. Throws as BertModel.forward. */
  override forward<I extends BertLMInputs>(inputs: I): Outcome<I, CausalLMOutput> {
    return this.output(inputs, () => {
      const { labels, logits_to_keep = 0, ...body }: BertLMInputs = inputs
      const { last_hidden_state, pooler_output: _, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const wanted = logits_to_keep > 0 ? last_hidden_state.slice(1, -logits_to_keep) : last_hidden_state
      const logits = this.cls.forward(wanted)
      return { loss: nextTokenLoss(logits, labels), logits, ...rest }
    })
  }

  override get_input_embeddings(): Embedding {
    return this.bert.get_input_embeddings()
  }

  override get_output_embeddings(): Linear {
    return this.cls.predictions.decoder
  }

  override attentions(): readonly BertAttention[] {
    return this.bert.attentions()
  }

  override get maxLength(): number {
    return this.config.max_position_embeddings
  }

  override get vocabularySize(): number {
    return this.config.vocab_size
  }

  override newCache(reserve: number): DynamicCache {
    return new DynamicCache({ reserve })
  }
}

const decoderNote =
  'BertLMHeadModel: the config says is_decoder false, so every token sees those behind it: for continuing texts load it ' +
  'with is_decoder: true.'
