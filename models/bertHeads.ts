// BERT's heads for tasks, as transformers/models/bert/modeling_bert.py has them. The body: bert.ts; heads that predict
// tokens: bertLanguage.ts.
import { ConfigError } from '../src/errors.ts'
import { Dropout } from '../src/nn/dropout.ts'
import { Linear } from '../src/nn/linear.ts'
import { type BertConfig, type BertInputs, BertModel, BertPreTrainedModel, bertInputs } from './bert.ts'
import { type ChoiceInputs, rowsOfChoices } from './choices.ts'
import type { Given } from './forwardOptions.ts'
import { classifierLoss, classLoss, type LabelsLike, spanLoss } from './losses.ts'
import type {
  AsTuple,
  MultipleChoiceModelOutput,
  OutputValue,
  QuestionAnsweringModelOutput,
  SequenceClassifierOutput,
  TokenClassifierOutput,
} from './outputs.ts'

/** BERT's inputs with what is right: the output then has a loss. */
export interface BertLabelledInputs extends BertInputs {
  labels?: LabelsLike
}

/** A text's class from the pooled first token (the course's classifier): logits (B, num_labels). */
export class BertForSequenceClassification extends BertPreTrainedModel {
  static override readonly inputNames = [...bertInputs, 'labels']
  bert: BertModel
  dropout: Dropout
  classifier: Linear

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config)
    this.dropout = new Dropout(config.classifier_dropout ?? config.hidden_dropout_prob)
    this.classifier = new Linear(config.hidden_size, config.num_labels, { std: config.initializer_range })
  }

  /** `labels`: classes (B), or as classifierLoss says. Throws as BertModel.forward. */
  override forward(inputs: Given<BertLabelledInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<BertLabelledInputs>): SequenceClassifierOutput
  override forward(inputs: Given<BertLabelledInputs>): SequenceClassifierOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { labels, ...body } = inputs
      const { pooler_output, last_hidden_state: _, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const logits = this.classifier.forward(this.dropout.forward(pooler_output!))
      return { loss: classifierLoss(logits, labels, this.config), logits, ...rest }
    })
  }
}

/** A label for each token: logits (B, T, num_labels). */
export class BertForTokenClassification extends BertPreTrainedModel {
  static override readonly inputNames = [...bertInputs, 'labels']
  bert: BertModel
  dropout: Dropout
  classifier: Linear

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config, { add_pooling_layer: false })
    this.dropout = new Dropout(config.classifier_dropout ?? config.hidden_dropout_prob)
    this.classifier = new Linear(config.hidden_size, config.num_labels, { std: config.initializer_range })
  }

  /** `labels`: classes (B, T), -100 for tokens that do not count. Throws as BertModel.forward. */
  override forward(inputs: Given<BertLabelledInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<BertLabelledInputs>): TokenClassifierOutput
  override forward(inputs: Given<BertLabelledInputs>): TokenClassifierOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { labels, ...body } = inputs
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
export class BertForQuestionAnswering extends BertPreTrainedModel {
  static override readonly inputNames = [...bertInputs, 'start_positions', 'end_positions']
  bert: BertModel
  qa_outputs: Linear

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config, { add_pooling_layer: false })
    this.qa_outputs = new Linear(config.hidden_size, config.num_labels, { std: config.initializer_range })
  }

  /** Throws ConfigError CONFIG_VALUE unless num_labels is 2, and as BertModel.forward. */
  override forward(inputs: Given<BertSpanInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<BertSpanInputs>): QuestionAnsweringModelOutput
  override forward(inputs: Given<BertSpanInputs>): QuestionAnsweringModelOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { start_positions, end_positions, ...body } = inputs
      const { last_hidden_state, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const both = this.qa_outputs.forward(last_hidden_state) // (B, T, 2)
      if (both.shape[2] !== 2) throw new ConfigError('CONFIG_VALUE', `${this.constructor.name} ${twoLabels}`)
      const [start_logits, end_logits] = [both.select(2, 0), both.select(2, 1)]
      const loss = spanLoss(start_logits, end_logits, start_positions, end_positions)
      return { loss, start_logits, end_logits, ...rest }
    })
  }
}

const twoLabels = 'scores two labels, where an answer begins and where it ends: its config must have num_labels 2'

export interface BertChoiceInputs extends ChoiceInputs {
  /** The right choice of each question: (B). */
  labels?: LabelsLike
}

/** Which of several texts fits: inputs (B, choices, T), logits (B, choices). */
export class BertForMultipleChoice extends BertPreTrainedModel {
  static override readonly inputNames = [...bertInputs, 'labels']
  bert: BertModel
  dropout: Dropout
  classifier: Linear

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config)
    this.dropout = new Dropout(config.classifier_dropout ?? config.hidden_dropout_prob)
    this.classifier = new Linear(config.hidden_size, 1, { std: config.initializer_range })
  }

  /** Throws InputError SHAPE for inputs that are not (B, choices, T), and as BertModel.forward. */
  override forward(inputs: Given<BertChoiceInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<BertChoiceInputs>): MultipleChoiceModelOutput
  override forward(inputs: Given<BertChoiceInputs>): MultipleChoiceModelOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { labels, ...given } = inputs
      const { rows, lead } = rowsOfChoices(given)
      const { pooler_output, last_hidden_state: _, ...rest } = this.bert.forward({ ...rows, return_dict: true })
      const logits = this.classifier.forward(this.dropout.forward(pooler_output!)).reshape(lead)
      return { loss: classLoss(logits, labels), logits, ...rest }
    })
  }
}
