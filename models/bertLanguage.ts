// BERT's heads that predict tokens and sentences, as transformers/models/bert/modeling_bert.py has them. The body:
// bert.ts.
import { type Activation, activation } from '../src/nn/activation.ts'
import { DynamicCache } from '../src/nn/cache.ts'
import { LayerNorm } from '../src/nn/layerNorm.ts'
import { Linear } from '../src/nn/linear.ts'
import { Module } from '../src/nn/module.ts'
import { Parameter } from '../src/nn/parameter.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { warnOnce } from '../src/warnings.ts'
import { BertConfig, BertModel, BertPreTrainedModel, bertInputs } from './bert.ts'
import type { BertLabelledInputs } from './bertHeads.ts'
import { CausalLM } from './causalLM.ts'
import type { Given } from './forwardOptions.ts'
import { lastPlaces } from './inputs.ts'
import { classLoss, type LabelsLike, nextTokenLoss } from './losses.ts'
import type {
  AsTuple,
  BertForPreTrainingOutput,
  CausalLMOutput,
  MaskedLMOutput,
  NextSentencePredictorOutput,
  OutputValue,
} from './outputs.ts'

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
    return this.LayerNorm.forward(this.dense.activated(this.transform_act_fn, x))
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
export class BertForMaskedLM extends BertPreTrainedModel {
  static override readonly inputNames = [...bertInputs, 'labels']
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
  override forward(inputs: Given<BertLabelledInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<BertLabelledInputs>): MaskedLMOutput
  override forward(inputs: Given<BertLabelledInputs>): MaskedLMOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { labels, ...body } = inputs
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
export class BertForNextSentencePrediction extends BertPreTrainedModel {
  static override readonly inputNames = [...bertInputs, 'labels', 'next_sentence_label']
  bert: BertModel
  cls: BertOnlyNSPHead

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config)
    this.cls = new BertOnlyNSPHead(config)
  }

  /** `labels`: 0 or 1 (B). Throws as BertModel.forward. */
  override forward(inputs: Given<BertNextSentenceInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<BertNextSentenceInputs>): NextSentencePredictorOutput
  override forward(inputs: Given<BertNextSentenceInputs>): NextSentencePredictorOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { next_sentence_label, labels = next_sentence_label, ...body } = inputs
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
export class BertForPreTraining extends BertPreTrainedModel {
  static override readonly inputNames = [...bertInputs, 'labels', 'next_sentence_label']
  bert: BertModel
  cls: BertPreTrainingHeads

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config)
    this.cls = new BertPreTrainingHeads(config, this.bert.embeddings.word_embeddings.weight)
  }

  /** The loss is the sum of both, and there when both labels are. Throws as BertModel.forward. */
  override forward(inputs: Given<BertPreTrainingInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<BertPreTrainingInputs>): BertForPreTrainingOutput
  override forward(inputs: Given<BertPreTrainingInputs>): BertForPreTrainingOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { labels, next_sentence_label, ...body } = inputs
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
  static override readonly ignoredWeights = BertPreTrainedModel.ignoredWeights
  static override readonly heads = BertPreTrainedModel.heads
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

  /**
   * `labels`: token ids (B, T), those of the inputs themselves; each place is to predict the next. Throws as
   * BertModel.forward.
   */
  override forward(inputs: Given<BertLMInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<BertLMInputs>): CausalLMOutput
  override forward(inputs: Given<BertLMInputs>): CausalLMOutput | OutputValue[] {
    return this.output(inputs, inputs => {
      const { labels, logits_to_keep = 0, ...body }: BertLMInputs = inputs
      const { last_hidden_state, pooler_output: _, ...rest } = this.bert.forward({ ...body, return_dict: true })
      const wanted = lastPlaces(last_hidden_state, 1, logits_to_keep)
      const logits = this.cls.forward(wanted)
      return { loss: nextTokenLoss(logits, labels), logits, ...rest }
    })
  }

  override get_output_embeddings(): Linear {
    return this.cls.predictions.decoder
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
