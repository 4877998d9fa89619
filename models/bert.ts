// BERT (Devlin et al. 2018), as transformers/models/bert/modeling_bert.py has it: configuration, parts, whole models.

import { type Activation, activation, Tanh } from '../src/nn/activation.ts'
import { SelfAttention } from '../src/nn/attention.ts'
import { Dropout } from '../src/nn/dropout.ts'
import { Embedding } from '../src/nn/embedding.ts'
import { LayerNorm } from '../src/nn/layerNorm.ts'
import { Linear } from '../src/nn/linear.ts'
import { Module, ModuleList } from '../src/nn/module.ts'
import { Parameter } from '../src/nn/parameter.ts'
import type { PrintProfile } from '../src/nn/print.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { type ConfigJson, ConfigReader, PretrainedConfig } from './config.ts'
import {
  additiveMask,
  checkLength,
  type EmbedsLike,
  type IdsLike,
  type MaskLike,
  readMask,
  readPlaces,
  readTokens,
} from './inputs.ts'
import { PreTrainedModel } from './pretrained.ts'

export class BertConfig extends PretrainedConfig {
  readonly model_type = 'bert'
  readonly vocab_size: number
  readonly hidden_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  readonly intermediate_size: number
  readonly hidden_act: string
  readonly hidden_dropout_prob: number
  readonly attention_probs_dropout_prob: number
  readonly max_position_embeddings: number
  readonly type_vocab_size: number
  readonly layer_norm_eps: number
  readonly classifier_dropout: number

  /** Throws ConfigError CONFIG_VALUE, CONFIG_UNSUPPORTED or TOO_LARGE. */
  constructor(json: ConfigJson = {}) {
    const read = new ConfigReader(json, 'BertConfig')
    super(json, read, { pad: 0 })
    this.vocab_size = read.count('vocab_size', 30522)
    this.hidden_size = read.count('hidden_size', 768)
    this.num_hidden_layers = read.count('num_hidden_layers', 12)
    this.num_attention_heads = read.count('num_attention_heads', 12)
    this.intermediate_size = read.count('intermediate_size', 3072)
    this.hidden_act = read.activation('hidden_act', 'gelu')
    this.hidden_dropout_prob = read.share('hidden_dropout_prob', 0.1)
    this.attention_probs_dropout_prob = read.share('attention_probs_dropout_prob', 0.1)
    this.max_position_embeddings = read.count('max_position_embeddings', 512)
    this.type_vocab_size = read.count('type_vocab_size', 2)
    this.layer_norm_eps = read.number('layer_norm_eps', 1e-12, { least: 0 })
    const ownDropout = read.value('classifier_dropout') ?? this.hidden_dropout_prob
    this.classifier_dropout = typeof ownDropout === 'number' ? ownDropout : read.share('classifier_dropout', 0)
    read.divides(['num_attention_heads', this.num_attention_heads], ['hidden_size', this.hidden_size])
    read.refuse('position_embedding_type', ['absolute'])
    read.refuse('is_decoder', [false])
    read.refuse('add_cross_attention', [false])
    const { hidden_size: C, intermediate_size: M } = this
    const tables = (this.vocab_size + this.max_position_embeddings + this.type_vocab_size) * C
    read.limit(tables + this.num_hidden_layers * (4 * C * C + 2 * C * M))
  }
}

/** What a BERT model takes; all of it but the ids (or embeddings) may be left out. */
export interface BertInputs {
  /** (B, T), or one row (T). */
  input_ids?: IdsLike
  /** 1 for tokens, 0 for padding: (B, T), or (B, T, T) with one row for each token. */
  attention_mask?: MaskLike
  /** 0 for the first text of a pair, 1 for the second: (B, T). */
  token_type_ids?: IdsLike
  /** Places of the tokens; 0, 1, 2, ... unless given. */
  position_ids?: IdsLike
  /** Embeddings (B, T, C) in the place of input_ids. */
  inputs_embeds?: EmbedsLike
  output_hidden_states?: boolean
  output_attentions?: boolean
}

/** Fields that are there on request. */
export interface HiddenOutputs {
  /** The embeddings and each layer's output: num_hidden_layers + 1 of (B, T, C). */
  hidden_states?: Tensor[]
  /** Each layer's attention probabilities (B, H, T, T). */
  attentions?: Tensor[]
}

export interface BertModelOutput extends HiddenOutputs {
  /** (B, T, C) */
  last_hidden_state: Tensor
  /** (B, C), through the pooler's dense layer and tanh; absent without a pooler. */
  pooler_output?: Tensor
}

/** Word + position + token type, normalised. */
class BertEmbeddings extends Module {
  word_embeddings: Embedding
  position_embeddings: Embedding
  token_type_embeddings: Embedding
  LayerNorm: LayerNorm
  dropout: Dropout

  constructor(config: BertConfig) {
    super()
    const { hidden_size: C, initializer_range: std } = config
    this.word_embeddings = new Embedding(config.vocab_size, C, { padding_idx: config.pad_token_id, std })
    this.position_embeddings = new Embedding(config.max_position_embeddings, C, { std })
    this.token_type_embeddings = new Embedding(config.type_vocab_size, C, { std })
    this.LayerNorm = new LayerNorm(C, { eps: config.layer_norm_eps })
    this.dropout = new Dropout(config.hidden_dropout_prob)
  }

  /** words (B, T, C), positions and types (B or 1, T) -> (B, T, C) */
  override forward(words: Tensor, positions: Tensor, types: Tensor): Tensor {
    const x = words.add(this.token_type_embeddings.forward(types)).add(this.position_embeddings.forward(positions))
    return this.dropout.forward(this.LayerNorm.forward(x))
  }
}

class BertSelfAttention extends SelfAttention {
  query: Linear
  key: Linear
  value: Linear
  dropout: Dropout
  readonly #heads: number

  constructor({
    hidden_size: C,
    num_attention_heads,
    attention_probs_dropout_prob,
    initializer_range: std,
  }: BertConfig) {
    super()
    this.query = new Linear(C, C, { std })
    this.key = new Linear(C, C, { std })
    this.value = new Linear(C, C, { std })
    this.dropout = new Dropout(attention_probs_dropout_prob)
    this.#heads = num_attention_heads
  }

  override forward(x: Tensor, mask: Tensor | undefined): Tensor {
    const q = this.query.forward(x).heads(this.#heads) // (B, H, T, D)
    const k = this.key.forward(x).heads(this.#heads)
    const v = this.value.forward(x).heads(this.#heads)
    return this.attend(q, k, v, { mask }).merge() // (B, T, C)
  }

  override printName({ bertSelfAttention }: PrintProfile): string {
    return bertSelfAttention
  }
}

/** Linear, then add the residual, then normalise: after attention and again after the MLP. */
class BertSelfOutput extends Module {
  dense: Linear
  LayerNorm: LayerNorm
  dropout: Dropout

  constructor(config: BertConfig, width: number = config.hidden_size) {
    super()
    this.dense = new Linear(width, config.hidden_size, { std: config.initializer_range })
    this.LayerNorm = new LayerNorm(config.hidden_size, { eps: config.layer_norm_eps })
    this.dropout = new Dropout(config.hidden_dropout_prob)
  }

  override forward(x: Tensor, residual: Tensor): Tensor {
    return this.LayerNorm.forward(this.dropout.forward(this.dense.forward(x)).add(residual))
  }
}

class BertAttention extends Module {
  self: BertSelfAttention
  output: BertSelfOutput

  constructor(config: BertConfig) {
    super()
    this.self = new BertSelfAttention(config)
    this.output = new BertSelfOutput(config)
  }

  override forward(x: Tensor, mask: Tensor | undefined): Tensor {
    return this.output.forward(this.self.forward(x, mask), x)
  }
}

class BertIntermediate extends Module {
  dense: Linear
  intermediate_act_fn: Activation

  constructor({ hidden_size, intermediate_size, hidden_act, initializer_range: std }: BertConfig) {
    super()
    this.dense = new Linear(hidden_size, intermediate_size, { std })
    this.intermediate_act_fn = activation(hidden_act)
  }

  override forward(x: Tensor): Tensor {
    return this.intermediate_act_fn.forward(this.dense.forward(x))
  }
}

/** The same as BertSelfOutput, from the width of the MLP. */
class BertOutput extends BertSelfOutput {
  constructor(config: BertConfig) {
    super(config, config.intermediate_size)
  }
}

export class BertLayer extends Module {
  attention: BertAttention
  intermediate: BertIntermediate
  output: BertOutput

  constructor(config: BertConfig) {
    super()
    this.attention = new BertAttention(config)
    this.intermediate = new BertIntermediate(config)
    this.output = new BertOutput(config)
  }

  /** (B, T, C) -> (B, T, C) */
  override forward(x: Tensor, mask: Tensor | undefined): Tensor {
    x = this.attention.forward(x, mask)
    return this.output.forward(this.intermediate.forward(x), x)
  }
}

class BertEncoder extends Module {
  layer: ModuleList<BertLayer>

  constructor(config: BertConfig) {
    super()
    this.layer = new ModuleList(Array.from({ length: config.num_hidden_layers }, () => new BertLayer(config)))
  }

  /** `hidden` begins with the embeddings and gets each layer's output; what is put into `kept` outlives the layer too. */
  override forward(hidden: Tensor[], mask: Tensor | undefined, kept: readonly Tensor[]): void {
    for (const layer of this.layer) {
      const x = hidden.at(-1)!
      const [y] = x.backend.scope(() => [layer.forward(x, mask), kept] as const)
      hidden.push(y)
    }
  }
}

/** The first token's vector through a dense layer and tanh: (B, T, C) -> (B, C). */
class BertPooler extends Module {
  dense: Linear
  activation: Tanh

  constructor({ hidden_size: C, initializer_range: std }: BertConfig) {
    super()
    this.dense = new Linear(C, C, { std })
    this.activation = new Tanh()
  }

  override forward(x: Tensor): Tensor {
    return this.activation.forward(this.dense.forward(x.select(1, 0)))
  }
}

abstract class BertPreTrainedModel extends PreTrainedModel {
  static readonly config_class = BertConfig
  static override readonly base_model_prefix = 'bert'
  static override readonly freshParts: readonly string[] = ['pooler', 'classifier', 'cls']
  declare readonly config: BertConfig
}

export class BertModel extends BertPreTrainedModel {
  embeddings: BertEmbeddings
  encoder: BertEncoder
  pooler: BertPooler | undefined

  /** `add_pooling_layer: false` leaves out the pooler, as the token-wise heads do. */
  constructor(config: BertConfig, { add_pooling_layer = true }: { add_pooling_layer?: boolean } = {}) {
    super(config)
    this.embeddings = new BertEmbeddings(config)
    this.encoder = new BertEncoder(config)
    this.pooler = add_pooling_layer ? new BertPooler(config) : undefined
  }

  /** Throws InputError for ids, masks or lengths that do not fit (codes ID_RANGE, MASK_SHAPE, TOO_LONG and others). */
  override forward(inputs: BertInputs): BertModelOutput {
    this.checkInputs(inputs, bertInputs)
    const { output_hidden_states, output_attentions } = this.outputFlags(inputs)
    return this.backend.scope(() => {
      const { words, positions, types, mask } = this.#read(inputs)
      const attentions: Tensor[] = []
      const layers = output_attentions ? this.encoder.layer : []
      const watchers = layers.map(({ attention }) =>
        attention.self.register_tap('probs', probs => void attentions.push(probs)),
      )
      const hidden = [this.embeddings.forward(words, positions, types)]
      try {
        this.encoder.forward(hidden, mask, attentions)
      } finally {
        for (const watcher of watchers) watcher.remove()
      }
      const last = hidden.at(-1)!
      return {
        last_hidden_state: last,
        ...(this.pooler && { pooler_output: this.pooler.forward(last) }),
        ...(output_hidden_states && { hidden_states: hidden }),
        ...(output_attentions && { attentions }),
      }
    })
  }

  /** The inputs as tensors: words (B, T, C), positions (1 or B, T), types (B or 1, T or 1), mask (B, 1, 1 or T, T). */
  #read(inputs: BertInputs): { words: Tensor; positions: Tensor; types: Tensor; mask: Tensor | undefined } {
    const { backend } = this
    const { vocab_size, hidden_size, max_position_embeddings, type_vocab_size } = this.config
    const { B, T, ids, embeds } = readTokens(inputs, vocab_size, hidden_size, backend)
    checkLength(T, max_position_embeddings, 'max_position_embeddings')
    const mask = inputs.attention_mask === undefined ? undefined : readMask(inputs.attention_mask, B, T, T)
    return {
      words: embeds ?? this.embeddings.word_embeddings.forward(ids),
      positions: readPlaces(inputs.position_ids, 'position_ids', max_position_embeddings, B, T, backend),
      types: readPlaces(inputs.token_type_ids ?? [0], 'token_type_ids', type_vocab_size, B, T, backend),
      mask: additiveMask(mask, backend),
    }
  }
}

/** The names that `forward` of all BERT models takes. */
const bertInputs: readonly string[] = [
  ...['input_ids', 'attention_mask', 'token_type_ids', 'position_ids', 'inputs_embeds'],
  ...['output_hidden_states', 'output_attentions'],
]

export interface LogitsOutput extends HiddenOutputs {
  /** Scores before softmax. */
  logits: Tensor
}

/** A text's class from the pooled first token (the course's classifier): logits (B, num_labels). */
export class BertForSequenceClassification extends BertPreTrainedModel {
  bert: BertModel
  dropout: Dropout
  classifier: Linear

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config)
    this.dropout = new Dropout(config.classifier_dropout)
    this.classifier = new Linear(config.hidden_size, config.num_labels, { std: config.initializer_range })
  }

  /** Throws as BertModel.forward. */
  override forward(inputs: BertInputs): LogitsOutput {
    return this.backend.scope(() => {
      const { pooler_output, last_hidden_state: _, ...rest } = this.bert.forward(inputs)
      return { logits: this.classifier.forward(this.dropout.forward(pooler_output!)), ...rest }
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
export class BertForMaskedLM extends BertPreTrainedModel {
  bert: BertModel
  cls: BertOnlyMLMHead

  constructor(config: BertConfig) {
    super(config)
    this.bert = new BertModel(config, { add_pooling_layer: false })
    this.cls = new BertOnlyMLMHead(config, this.bert.embeddings.word_embeddings.weight)
  }

  /** Throws as BertModel.forward. */
  override forward(inputs: BertInputs): LogitsOutput {
    return this.backend.scope(() => {
      const { last_hidden_state, ...rest } = this.bert.forward(inputs)
      return { logits: this.cls.forward(last_hidden_state), ...rest }
    })
  }
}
