// GPT-2 (Radford et al. 2019), as transformers/models/gpt2/modeling_gpt2.py has it: configuration, parts, the body. Its
// heads: gpt2Heads.ts.

import { type Activation, activation, activationNames } from '../src/nn/activation.ts'
import { type AttentionContext, runLayers, SelfAttention } from '../src/nn/attention.ts'
import type { DynamicCache } from '../src/nn/cache.ts'
import { Dropout } from '../src/nn/dropout.ts'
import { Embedding } from '../src/nn/embedding.ts'
import { HeadList } from '../src/nn/heads.ts'
import { LayerNorm } from '../src/nn/layerNorm.ts'
import { Conv1D, type Conv1DOptions } from '../src/nn/linear.ts'
import { Module } from '../src/nn/module.ts'
import { ModuleList } from '../src/nn/moduleList.ts'
import { keepPlaces } from '../src/nn/resize.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { warnOnce } from '../src/warnings.ts'
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
import { causalMask, type HeadMaskLike, layerContexts, type MaskLike } from './mask.ts'
import type { AsTuple, BaseModelOutput, OutputValue } from './outputs.ts'
import { PreTrainedModel } from './pretrained.ts'

const summaryTypes = ['last', 'first', 'mean', 'cls_index'] as const

export class GPT2Config extends PretrainedConfig {
  static override readonly attribute_map = {
    hidden_size: 'n_embd',
    max_position_embeddings: 'n_positions',
    num_attention_heads: 'n_head',
    num_hidden_layers: 'n_layer',
  }

  readonly model_type = 'gpt2'
  vocab_size: number
  n_positions: number
  n_embd: number
  n_layer: number
  n_head: number
  /** Width of the MLP; 4 n_embd when undefined. */
  readonly n_inner: number | undefined
  readonly activation_function: string
  readonly resid_pdrop: number
  readonly embd_pdrop: number
  readonly attn_pdrop: number
  readonly layer_norm_epsilon: number
  /** How GPT2DoubleHeadsModel makes one vector of a text. */
  readonly summary_type: (typeof summaryTypes)[number]
  readonly summary_use_proj: boolean
  readonly summary_activation: string | undefined
  readonly summary_proj_to_labels: boolean
  readonly summary_first_dropout: number
  readonly scale_attn_weights: boolean
  /** The token classifier's dropout; hidden_dropout or else 0.1 when undefined. */
  declare readonly classifier_dropout?: number
  declare readonly hidden_dropout?: number
  /** Kept for other programs: here forward makes a cache when it is asked to. */
  readonly use_cache: boolean
  readonly scale_attn_by_inverse_layer_idx: boolean
  /** Asks for float32 attention, which is what there is here. */
  readonly reorder_and_upcast_attn: boolean

  /** Throws ConfigError MODEL_TYPE, CONFIG_VALUE, CONFIG_UNSUPPORTED or TOO_LARGE. */
  constructor(json: ConfigJson = {}) {
    const read = new ConfigReader(json, 'GPT2Config', GPT2Config.attribute_map)
    read.modelType('gpt2')
    super(json, read, { bos: 50256, eos: 50256 })
    this.vocab_size = read.count('vocab_size', 50257)
    this.n_positions = read.count('n_positions', 1024)
    this.n_embd = read.count('n_embd', 768)
    this.n_layer = read.count('n_layer', 12)
    this.n_head = read.count('n_head', 12)
    this.n_inner = read.value('n_inner') == null ? undefined : read.count('n_inner', 1)
    this.activation_function = read.activation('activation_function', 'gelu_new')
    this.resid_pdrop = read.share('resid_pdrop', 0.1)
    this.embd_pdrop = read.share('embd_pdrop', 0.1)
    this.attn_pdrop = read.share('attn_pdrop', 0.1)
    this.layer_norm_epsilon = read.number('layer_norm_epsilon', 1e-5, { least: 0 })
    this.summary_type = read.choice('summary_type', summaryTypes) ?? 'cls_index'
    this.summary_use_proj = read.flag('summary_use_proj', true)
    this.summary_activation = read.choice('summary_activation', activationNames)
    this.summary_proj_to_labels = read.flag('summary_proj_to_labels', true)
    this.summary_first_dropout = read.share('summary_first_dropout', 0.1)
    this.scale_attn_weights = read.flag('scale_attn_weights', true)
    this.use_cache = read.flag('use_cache', true)
    this.scale_attn_by_inverse_layer_idx = read.flag('scale_attn_by_inverse_layer_idx', false)
    this.reorder_and_upcast_attn = read.flag('reorder_and_upcast_attn', false)
    if (read.value('classifier_dropout') != null) this.classifier_dropout = read.share('classifier_dropout', 0)
    if (read.value('hidden_dropout') != null) this.hidden_dropout = read.share('hidden_dropout', 0)
    read.divides(['n_head', this.n_head], ['n_embd', this.n_embd])
    const { n_embd: C, n_inner: M = 4 * C } = this
    read.limit((this.vocab_size + this.n_positions) * C + this.n_layer * (4 * C * C + 2 * C * M))
  }

  get hidden_size(): number {
    return this.n_embd
  }

  set hidden_size(value: number) {
    this.n_embd = value
  }

  get max_position_embeddings(): number {
    return this.n_positions
  }

  set max_position_embeddings(value: number) {
    this.n_positions = value
  }

  get num_attention_heads(): number {
    return this.n_head
  }

  set num_attention_heads(value: number) {
    this.n_head = value
  }

  get num_hidden_layers(): number {
    return this.n_layer
  }

  set num_hidden_layers(value: number) {
    this.n_layer = value
  }
}

/** What a GPT-2 model takes; all of it but the ids (or embeddings) may be left out. */
export interface GPT2Inputs extends ForwardOptions {
  /** (B, T), or one row (T). */
  input_ids?: IdsLike
  /** 1 for tokens, 0 for padding: (B, S) with those in past_key_values; or four dims to add to the scores. */
  attention_mask?: MaskLike
  /** Adds the word embeddings of these ids, as Hugging Face does: BertTokenizer's zeros change the result. */
  token_type_ids?: IdsLike
  /** Places of the new tokens; they go on from the cache unless given. */
  position_ids?: IdsLike
  /** Factors of attention probabilities, 0 to turn a head off: (H), (L, H) or (L, B, H, T, S). */
  head_mask?: HeadMaskLike
  /** Embeddings (B, T, C) in the place of input_ids. */
  inputs_embeds?: EmbedsLike
}

export const gpt2Inputs: readonly string[] = [
  ...['input_ids', 'attention_mask', 'token_type_ids', 'position_ids', 'head_mask', 'inputs_embeds'],
  ...forwardOptions,
]

export class GPT2Attention extends SelfAttention {
  c_attn: Conv1D
  c_proj: Conv1D
  attn_dropout: Dropout
  resid_dropout: Dropout
  readonly heads: HeadList
  readonly #scale: number

  constructor(config: GPT2Config, layer: number) {
    super()
    const { n_embd: C, n_head: H, initializer_range: std } = config
    this.heads = new HeadList(H, C / H)
    this.c_attn = new Conv1D(3 * C, C, { std }) // q, k and v of all heads in one product
    this.c_proj = new Conv1D(C, C, residualInitial(config))
    this.attn_dropout = new Dropout(config.attn_pdrop)
    this.resid_dropout = new Dropout(config.resid_pdrop)
    const divisor = config.scale_attn_weights ? Math.sqrt(C / H) : 1
    this.#scale = 1 / divisor / (config.scale_attn_by_inverse_layer_idx ? layer + 1 : 1)
  }

  override forward(x: Tensor, context: AttentionContext): Tensor {
    const parts = this.c_attn.forward(x).split3()
    const [q, k, v] = parts.map(part => part.heads(this.heads.count)) as typeof parts // (B, H, T, D)
    const y = this.attend(q, k, v, context, { scale: this.#scale })
    return this.resid_dropout.forward(this.c_proj.forward(y.merge())) // (B, T, C)
  }

  /** Cuts heads out for good. Throws InputError HEAD_RANGE. */
  prune_heads(heads: readonly number[]): void {
    const C = this.c_proj.nx
    const places = this.heads.prune(heads)
    const ofAll = [0, C, 2 * C].flatMap(start => places.map(place => start + place))
    keepPlaces(this.c_attn.weight, 1, ofAll)
    keepPlaces(this.c_attn.bias, 0, ofAll)
    keepPlaces(this.c_proj.weight, 0, places)
  }
}

class GPT2MLP extends Module {
  c_fc: Conv1D
  c_proj: Conv1D
  act: Activation
  dropout: Dropout

  constructor(config: GPT2Config) {
    super()
    const { n_embd: C, n_inner: M = 4 * C, initializer_range: std } = config
    this.c_fc = new Conv1D(M, C, { std })
    this.c_proj = new Conv1D(C, M, residualInitial(config))
    this.act = activation(config.activation_function)
    this.dropout = new Dropout(config.resid_pdrop)
  }

  override forward(x: Tensor): Tensor {
    return this.dropout.forward(this.c_proj.forward(this.c_fc.activated(this.act, x)))
  }
}

/**
 * Fresh weights that feed the residual stream: their deviation is smaller the more layers add to it (GPT-2 paper, 2.3).
 */
function residualInitial({ initializer_range, n_layer }: GPT2Config): Conv1DOptions {
  return { std: initializer_range / Math.sqrt(2 * n_layer), drawnTwice: true }
}

export class GPT2Block extends Module {
  ln_1: LayerNorm
  attn: GPT2Attention
  ln_2: LayerNorm
  mlp: GPT2MLP

  constructor(config: GPT2Config, layer: number) {
    super()
    this.ln_1 = new LayerNorm(config.n_embd, { eps: config.layer_norm_epsilon })
    this.attn = new GPT2Attention(config, layer)
    this.ln_2 = new LayerNorm(config.n_embd, { eps: config.layer_norm_epsilon })
    this.mlp = new GPT2MLP(config)
  }

  /** (B, T, C) -> (B, T, C) */
  override forward(x: Tensor, context: AttentionContext): Tensor {
    x = x.add(this.attn.forward(this.ln_1.forward(x), context))
    x = x.add(this.mlp.forward(this.ln_2.forward(x)))
    return x
  }
}

/** What all GPT-2 classes say about their checkpoints, which may have stored masks beside the weights. */
export const gpt2Rules = {
  base_model_prefix: 'transformer',
  freshParts: ['score', 'classifier', 'qa_outputs', 'multiple_choice_head'],
  ignoredWeights: [/(^|\.)attn\.(masked_)?bias$/],
  heads: {
    lm_head: 'the language-modelling head',
    score: 'the head that classifies texts',
    classifier: 'the head that classifies tokens',
    qa_outputs: 'the question-answering head',
    multiple_choice_head: 'the multiple-choice head',
  },
} as const

export abstract class GPT2PreTrainedModel extends PreTrainedModel {
  static readonly config_class = GPT2Config
  static override readonly base_model_prefix: string = gpt2Rules.base_model_prefix
  static override readonly freshParts: readonly string[] = gpt2Rules.freshParts
  static override readonly ignoredWeights: readonly RegExp[] = gpt2Rules.ignoredWeights
  static override readonly heads: Readonly<Record<string, string>> = gpt2Rules.heads
  static override readonly inputNames = gpt2Inputs
  declare readonly config: GPT2Config
}

export class GPT2Model extends GPT2PreTrainedModel {
  wte: Embedding
  wpe: Embedding
  drop: Dropout
  h: ModuleList<GPT2Block>
  ln_f: LayerNorm

  constructor(config: GPT2Config) {
    super(config)
    const { n_embd: C, initializer_range: std } = config
    this.wte = new Embedding(config.vocab_size, C, { std })
    this.wpe = new Embedding(config.n_positions, C, { std })
    this.drop = new Dropout(config.embd_pdrop)
    this.h = new ModuleList(Array.from({ length: config.n_layer }, (_, layer) => new GPT2Block(config, layer)))
    this.ln_f = new LayerNorm(C, { eps: config.layer_norm_epsilon })
    this.prune_heads(config.pruned_heads)
  }

  /** Throws InputError for ids, masks or lengths that do not fit (codes ID_RANGE, MASK_SHAPE, TOO_LONG and others). */
  override forward(inputs: Given<GPT2Inputs> & AsTuple): OutputValue[]
  override forward(inputs: Given<GPT2Inputs>): BaseModelOutput
  override forward(inputs: Given<GPT2Inputs>): BaseModelOutput | OutputValue[] {
    return this.output(inputs, inputs =>
      this.withCache(inputs, cache => {
        const { output_hidden_states, output_attentions } = this.wants(inputs)
        const { x, contexts } = this.#read(inputs, cache)
        const watched = output_attentions ? ({ attn }: GPT2Block) => attn : undefined
        const { hidden, attentions } = runLayers(this.h, this.drop.forward(x), contexts, watched)
        const last = this.ln_f.forward(hidden.pop()!)
        return {
          last_hidden_state: last,
          past_key_values: inputs.use_cache === false ? undefined : cache,
          hidden_states: output_hidden_states ? [...hidden, last] : undefined,
          attentions: output_attentions ? attentions : undefined,
        }
      }),
    )
  }

  /** The inputs as tensors: the sum of all embeddings (B, T, C), and what each layer's attention needs. */
  #read(inputs: GPT2Inputs, cache: DynamicCache | undefined): { x: Tensor; contexts: AttentionContext[] } {
    const { backend, config } = this
    const { vocab_size: V, n_embd, n_head: H, n_positions } = config
    const tokens = readTokens(inputs, V, n_embd, backend)
    const { B, T, ids, embeds } = tokens
    const past = cache?.get_seq_length() ?? 0
    const sizes = { B, H, T, S: past + T }
    checkLength(sizes.S, n_positions, 'n_positions')
    const { attention_mask, head_mask, token_type_ids } = inputs
    if (attention_mask === undefined) warnOfPadding(tokens, config.pad_token_id)
    const places = readPlaces(inputs.position_ids, n_positions, sizes, backend, past)
    let x = (embeds ?? this.wte.forward(ids)).add(this.wpe.forward(places))
    if (token_type_ids !== undefined) {
      warnOnce('GPT2_TOKEN_TYPES', tokenTypesWarning)
      x = x.add(this.wte.forward(readTypes(token_type_ids, V, sizes, backend)))
    }
    const mask = attention_mask === undefined ? undefined : causalMask(attention_mask, sizes, backend)
    const heads = this.attentionModules().map(attention => attention.heads.count)
    return { x, contexts: layerContexts({ mask, causal: !mask, head_mask }, heads, sizes, cache, backend) }
  }

  override get_input_embeddings(): Embedding {
    return this.wte
  }

  override attentionModules(): readonly GPT2Attention[] {
    return this.h.map(({ attn }) => attn)
  }
}

const tokenTypesWarning =
  'GPT-2 adds the word embeddings of token_type_ids to its input, as in Hugging Face, so the zeros that BertTokenizer ' +
  'gives change every logit: call the tokenizer with { return_token_type_ids: false }.'
