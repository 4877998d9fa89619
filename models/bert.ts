// BERT (Devlin et al. 2018), as transformers/models/bert/modeling_bert.py has it: configuration, parts, the body. Its
// heads: bertHeads.ts and bertLanguage.ts.

import { type Activation, activation, Tanh } from '../src/nn/activation.ts'
import { type AttentionContext, type LayersOutput, runLayers, SelfAttention } from '../src/nn/attention.ts'
import type { DynamicCache } from '../src/nn/cache.ts'
import { Dropout } from '../src/nn/dropout.ts'
import { Embedding } from '../src/nn/embedding.ts'
import { HeadList } from '../src/nn/heads.ts'
import { LayerNorm } from '../src/nn/layerNorm.ts'
import { Linear } from '../src/nn/linear.ts'
import { Module } from '../src/nn/module.ts'
import { ModuleList } from '../src/nn/moduleList.ts'
import type { PrintProfile } from '../src/nn/print.ts'
import { relativeScores } from '../src/nn/relativePositions.ts'
import { keepPlaces } from '../src/nn/resize.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { PretrainedConfig } from './config.ts'
import { type ConfigJson, ConfigReader } from './configReader.ts'
import { type ForwardOptions, forwardOptions, type Given } from './forwardOptions.ts'
import {
  checkLength,
  type EmbedsLike,
  type IdsLike,
  readPlaces,
  readTokens,
  readTypes,
  warnOfPadding,
} from './inputs.ts'
import { decoderMask, encoderMask, type HeadMaskLike, layerContexts, type MaskLike } from './mask.ts'
import type { AsTuple, BaseModelOutputWithPooling, OutputValue } from './outputs.ts'
import { PreTrainedModel } from './pretrained.ts'

const positionTypes = ['absolute', 'relative_key', 'relative_key_query'] as const

export class BertConfig extends PretrainedConfig {
  readonly model_type = 'bert'
  vocab_size: number
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
  /** How places are told to the model: added to the words, or as distances in each attention. */
  readonly position_embedding_type: (typeof positionTypes)[number]
  /** Kept for other programs: here forward makes a cache when it is asked to. */
  readonly use_cache: boolean
  /** The classifier's dropout; hidden_dropout_prob when undefined. */
  readonly classifier_dropout: number | undefined

  /** Throws ConfigError MODEL_TYPE, CONFIG_VALUE, CONFIG_UNSUPPORTED or TOO_LARGE. */
  constructor(json: ConfigJson = {}) {
    const read = new ConfigReader(json, 'BertConfig')
    read.modelType('bert')
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
    this.position_embedding_type = read.choice('position_embedding_type', positionTypes) ?? 'absolute'
    this.use_cache = read.flag('use_cache', true)
    this.classifier_dropout = read.value('classifier_dropout') == null ? undefined : read.share('classifier_dropout', 0)
    read.divides(['num_attention_heads', this.num_attention_heads], ['hidden_size', this.hidden_size])
    const { hidden_size: C, intermediate_size: M } = this
    const tables = (this.vocab_size + this.max_position_embeddings + this.type_vocab_size) * C
    read.limit(tables + this.num_hidden_layers * (4 * C * C + 2 * C * M))
  }
}

/** What a BERT model takes; all of it but the ids (or embeddings) may be left out. */
export interface BertInputs extends ForwardOptions {
  /** (B, T), or one row (T). */
  input_ids?: IdsLike
  /**
   * 1 for tokens, 0 for padding: (B, S) with those in past_key_values; also (B, T, S), or four dims to add to the
   * scores.
   */
  attention_mask?: MaskLike
  /** 0 for the first text of a pair, 1 for the second: (B, T). */
  token_type_ids?: IdsLike
  /** Places of the tokens; 0, 1, 2, ... unless given. */
  position_ids?: IdsLike
  /** Factors of attention probabilities, 0 to turn a head off: (H), (L, H) or (L, B, H, T, S). */
  head_mask?: HeadMaskLike
  /** Embeddings (B, T, C) in the place of input_ids. */
  inputs_embeds?: EmbedsLike
}

export const bertInputs: readonly string[] = [
  ...['input_ids', 'attention_mask', 'token_type_ids', 'position_ids', 'head_mask', 'inputs_embeds'],
  ...forwardOptions,
]

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

  /** words (B, T, C), types and positions (B or 1, T), the latter unless attention tells them -> (B, T, C) */
  override forward(words: Tensor, types: Tensor, positions: Tensor | undefined): Tensor {
    let x = words.add(this.token_type_embeddings.forward(types))
    if (positions) x = x.add(this.position_embeddings.forward(positions))
    return this.dropout.forward(this.LayerNorm.forward(x))
  }
}

class BertSelfAttention extends SelfAttention {
  query: Linear
  key: Linear
  value: Linear
  dropout: Dropout
  /** A vector for each distance, with relative positions. */
  distance_embedding: Embedding | undefined
  readonly heads: HeadList
  readonly #withKeys: boolean

  constructor(config: BertConfig) {
    super()
    const { hidden_size: C, num_attention_heads: H, initializer_range: std, position_embedding_type } = config
    this.heads = new HeadList(H, C / H)
    this.query = new Linear(C, C, { std })
    this.key = new Linear(C, C, { std })
    this.value = new Linear(C, C, { std })
    this.dropout = new Dropout(config.attention_probs_dropout_prob)
    if (position_embedding_type !== 'absolute') {
      this.distance_embedding = new Embedding(2 * config.max_position_embeddings - 1, C / H, { std })
    }
    this.#withKeys = position_embedding_type === 'relative_key_query'
  }

  override forward(x: Tensor, context: AttentionContext): Tensor {
    const { count, width } = this.heads
    const q = this.query.forward(x).heads(count) // (B, H, T, D)
    const k = this.key.forward(x).heads(count)
    const v = this.value.forward(x).heads(count)
    const table = this.distance_embedding
    const bias =
      table &&
      ((asking: Tensor, keys: Tensor) => relativeScores(asking, keys, table, this.#withKeys).div(Math.sqrt(width)))
    return this.attend(q, k, v, context, { bias }).merge() // (B, T, C)
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
    return this.LayerNorm.forward(this.dense.added(residual, this.dropout, x))
  }
}

export class BertAttention extends Module {
  self: BertSelfAttention
  output: BertSelfOutput

  constructor(config: BertConfig) {
    super()
    this.self = new BertSelfAttention(config)
    this.output = new BertSelfOutput(config)
  }

  override forward(x: Tensor, context: AttentionContext): Tensor {
    return this.output.forward(this.self.forward(x, context), x)
  }

  get heads(): HeadList {
    return this.self.heads
  }

  /** Cuts heads out for good. Throws InputError HEAD_RANGE. */
  prune_heads(heads: readonly number[]): void {
    const places = this.self.heads.prune(heads)
    for (const { weight, bias } of [this.self.query, this.self.key, this.self.value]) {
      keepPlaces(weight, 0, places)
      keepPlaces(bias!, 0, places)
    }
    keepPlaces(this.output.dense.weight, 1, places)
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
    return this.dense.activated(this.intermediate_act_fn, x)
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
  override forward(x: Tensor, context: AttentionContext): Tensor {
    x = this.attention.forward(x, context)
    return this.output.forward(this.intermediate.forward(x), x)
  }
}

class BertEncoder extends Module {
  layer: ModuleList<BertLayer>

  constructor(config: BertConfig) {
    super()
    this.layer = new ModuleList(Array.from({ length: config.num_hidden_layers }, () => new BertLayer(config)))
  }

  /**
   * The embeddings and each layer's output (B, T, C); with `watch` also each layer's attention probabilities (B, H, T,
   * S).
   */
  override forward(x: Tensor, contexts: readonly AttentionContext[], watch: boolean): LayersOutput {
    return runLayers(this.layer, x, contexts, watch ? layer => layer.attention.self : undefined)
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
    return this.dense.activated(this.activation, x.select(1, 0))
  }
}

export abstract class BertPreTrainedModel extends PreTrainedModel {
  static readonly config_class = BertConfig
  static override readonly base_model_prefix = 'bert'
  static override readonly freshParts: readonly string[] = ['pooler', 'classifier', 'qa_outputs', 'cls']
  static override readonly ignoredWeights: readonly RegExp[] = [/(^|\.)embeddings\.(position_ids|token_type_ids)$/]
  static override readonly heads: Readonly<Record<string, string>> = {
    cls: 'the pre-training head',
    pooler: 'the pooler',
    classifier: 'a head that classifies',
    qa_outputs: 'the question-answering head',
  }
  static override readonly inputNames = bertInputs
  declare readonly config: BertConfig
}

export class BertModel extends BertPreTrainedModel {
  static override readonly ownOptions = ['add_pooling_layer']
  embeddings: BertEmbeddings
  encoder: BertEncoder
  pooler: BertPooler | undefined

  /** `add_pooling_layer: false` leaves out the pooler, as the token-wise heads do. */
  constructor(config: BertConfig, { add_pooling_layer = true }: { add_pooling_layer?: boolean } = {}) {
    super(config)
    this.embeddings = new BertEmbeddings(config)
    this.encoder = new BertEncoder(config)
    this.pooler = add_pooling_layer ? new BertPooler(config) : undefined
    this.prune_heads(config.pruned_heads)
  }

  /** Throws InputError for ids, masks or lengths that do not fit (codes ID_RANGE, MASK_SHAPE, TOO_LONG and others). */
  override forward(inputs: Given<BertInputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<BertInputs>): BaseModelOutputWithPooling
  override forward(inputs: Given<BertInputs>): BaseModelOutputWithPooling | OutputValue[] {
    return this.output(inputs, inputs =>
      this.withCache(inputs, cache => {
        const { output_hidden_states, output_attentions } = this.wants(inputs)
        const { words, types, positions, contexts } = this.#read(inputs, cache)
        const x = this.embeddings.forward(words, types, positions)
        const { hidden, attentions } = this.encoder.forward(x, contexts, output_attentions)
        const last = hidden.at(-1)!
        return {
          last_hidden_state: last,
          pooler_output: this.pooler?.forward(last),
          past_key_values: inputs.use_cache === false ? undefined : cache,
          hidden_states: output_hidden_states ? hidden : undefined,
          attentions: output_attentions ? attentions : undefined,
        }
      }),
    )
  }

  /** The inputs as tensors: words (B, T, C), types and positions (B or 1, T), and what each layer's attention needs. */
  #read(inputs: BertInputs, cache: DynamicCache | undefined) {
    const { backend, config } = this
    const { vocab_size, hidden_size, max_position_embeddings: places, num_attention_heads: H, is_decoder } = config
    const tokens = readTokens(inputs, vocab_size, hidden_size, backend)
    const { B, T, ids, embeds } = tokens
    const past = cache?.get_seq_length() ?? 0
    const sizes = { B, H, T, S: past + T }
    checkLength(sizes.S, places, 'max_position_embeddings')
    const { attention_mask, head_mask, token_type_ids } = inputs
    if (attention_mask === undefined) warnOfPadding(tokens, config.pad_token_id)
    const readMask = is_decoder ? decoderMask : encoderMask
    const mask = attention_mask === undefined ? undefined : readMask(attention_mask, sizes, backend)
    const causal = is_decoder && attention_mask === undefined
    const heads = this.attentionModules().map(attention => attention.heads.count)
    return {
      words: embeds ?? this.embeddings.word_embeddings.forward(ids),
      types:
        token_type_ids === undefined
          ? backend.zeros([1, 1], 'int32')
          : readTypes(token_type_ids, config.type_vocab_size, sizes, backend),
      positions:
        config.position_embedding_type === 'absolute'
          ? readPlaces(inputs.position_ids, places, sizes, backend, past)
          : undefined,
      contexts: layerContexts({ mask, causal, head_mask }, heads, sizes, cache, backend),
    }
  }

  override get_input_embeddings(): Embedding {
    return this.embeddings.word_embeddings
  }

  override attentionModules(): readonly BertAttention[] {
    return this.encoder.layer.map(({ attention }) => attention)
  }
}
