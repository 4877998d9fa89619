// GPT-2 (Radford et al. 2019), as transformers/models/gpt2/modeling_gpt2.py has it: configuration, parts, whole models.

import { type Activation, activation } from '../src/nn/activation.ts'
import { SelfAttention } from '../src/nn/attention.ts'
import { DynamicCache, type LayerCache } from '../src/nn/cache.ts'
import { Dropout } from '../src/nn/dropout.ts'
import { Embedding } from '../src/nn/embedding.ts'
import { LayerNorm } from '../src/nn/layerNorm.ts'
import { Conv1D, type Conv1DOptions, Linear } from '../src/nn/linear.ts'
import { Module, ModuleList } from '../src/nn/module.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { warnOnce } from '../src/warnings.ts'
import { CausalLM } from './causalLM.ts'
import { type ConfigJson, ConfigReader, PretrainedConfig } from './config.ts'
import {
  causalMask,
  checkLength,
  type EmbedsLike,
  type IdsLike,
  type MaskLike,
  readMask,
  readPlaces,
  readTokens,
} from './inputs.ts'
import { PreTrainedModel } from './pretrained.ts'

/** The names that other architectures give to the same fields. */
const aliases = {
  hidden_size: 'n_embd',
  max_position_embeddings: 'n_positions',
  num_attention_heads: 'n_head',
  num_hidden_layers: 'n_layer',
}

export class GPT2Config extends PretrainedConfig {
  readonly model_type = 'gpt2'
  readonly vocab_size: number
  readonly n_positions: number
  readonly n_embd: number
  readonly n_layer: number
  readonly n_head: number
  readonly n_inner: number
  readonly activation_function: string
  readonly resid_pdrop: number
  readonly embd_pdrop: number
  readonly attn_pdrop: number
  readonly layer_norm_epsilon: number
  readonly scale_attn_weights: boolean
  readonly scale_attn_by_inverse_layer_idx: boolean

  /** Throws ConfigError CONFIG_VALUE, CONFIG_UNSUPPORTED or TOO_LARGE. */
  constructor(json: ConfigJson = {}) {
    const read = new ConfigReader(json, 'GPT2Config', aliases)
    super(json, read, { bos: 50256, eos: 50256 })
    this.vocab_size = read.count('vocab_size', 50257)
    this.n_positions = read.count('n_positions', 1024)
    this.n_embd = read.count('n_embd', 768)
    this.n_layer = read.count('n_layer', 12)
    this.n_head = read.count('n_head', 12)
    this.n_inner = read.value('n_inner') === null ? 4 * this.n_embd : read.count('n_inner', 4 * this.n_embd)
    this.activation_function = read.activation('activation_function', 'gelu_new')
    this.resid_pdrop = read.share('resid_pdrop', 0.1)
    this.embd_pdrop = read.share('embd_pdrop', 0.1)
    this.attn_pdrop = read.share('attn_pdrop', 0.1)
    this.layer_norm_epsilon = read.number('layer_norm_epsilon', 1e-5, { least: 0 })
    this.scale_attn_weights = read.flag('scale_attn_weights', true)
    this.scale_attn_by_inverse_layer_idx = read.flag('scale_attn_by_inverse_layer_idx', false)
    read.divides(['n_head', this.n_head], ['n_embd', this.n_embd])
    read.refuse('add_cross_attention', [false])
    const { n_embd: C, n_inner: M } = this
    read.limit((this.vocab_size + this.n_positions) * C + this.n_layer * (4 * C * C + 2 * C * M))
  }
}

/** What a GPT-2 model takes; all of it but the ids (or embeddings) may be left out. */
export interface GPT2Inputs {
  /** (B, T), or one row (T). */
  input_ids?: IdsLike
  /** 1 for tokens, 0 for padding: (B, S) with those in past_key_values. */
  attention_mask?: MaskLike
  /** Adds the word embeddings of these ids, as Hugging Face does: BertTokenizer's zeros change the result. */
  token_type_ids?: IdsLike
  /** Places of the new tokens; they go on from the cache unless given. */
  position_ids?: IdsLike
  /** Embeddings (B, T, C) in the place of input_ids. */
  inputs_embeds?: EmbedsLike
  /** Keys and values of the tokens before; the new ones are added to it. */
  past_key_values?: DynamicCache
  /** Make a cache and give it back; false unless past_key_values is given. */
  use_cache?: boolean
  output_hidden_states?: boolean
  output_attentions?: boolean
}

export interface GPT2ModelOutput {
  /** (B, T, C), normalised by ln_f. */
  last_hidden_state: Tensor
  /** The cache, to hand in with the next tokens and to dispose of at the end. */
  past_key_values?: DynamicCache
  /** The embeddings and each block's output, n_layer + 1 of (B, T, C); the last one is after ln_f, not before. */
  hidden_states?: Tensor[]
  /** Each layer's attention probabilities (B, H, T, S). */
  attentions?: Tensor[]
}

export class GPT2Attention extends SelfAttention {
  c_attn: Conv1D
  c_proj: Conv1D
  attn_dropout: Dropout
  resid_dropout: Dropout
  readonly #heads: number
  readonly #scale: number

  constructor(config: GPT2Config, layer: number) {
    super()
    const { n_embd: C, initializer_range: std } = config
    this.c_attn = new Conv1D(3 * C, C, { std }) // q, k and v of all heads in one product
    this.c_proj = new Conv1D(C, C, residualInitial(config))
    this.attn_dropout = new Dropout(config.attn_pdrop)
    this.resid_dropout = new Dropout(config.resid_pdrop)
    this.#heads = config.n_head
    const width = config.scale_attn_weights ? Math.sqrt(C / config.n_head) : 1
    this.#scale = 1 / width / (config.scale_attn_by_inverse_layer_idx ? layer + 1 : 1)
  }

  override forward(x: Tensor, mask: Tensor | undefined, past?: LayerCache): Tensor {
    const parts = this.c_attn.forward(x).split3()
    const [q, k, v] = parts.map(part => part.heads(this.#heads)) as typeof parts // (B, H, T, D)
    const y = this.attend(q, k, v, { causal: !mask, mask, scale: this.#scale }, past)
    return this.resid_dropout.forward(this.c_proj.forward(y.merge())) // (B, T, C)
  }
}

class GPT2MLP extends Module {
  c_fc: Conv1D
  c_proj: Conv1D
  act: Activation
  dropout: Dropout

  constructor(config: GPT2Config) {
    super()
    const { n_embd: C, n_inner: M, initializer_range: std } = config
    this.c_fc = new Conv1D(M, C, { std })
    this.c_proj = new Conv1D(C, M, residualInitial(config))
    this.act = activation(config.activation_function)
    this.dropout = new Dropout(config.resid_pdrop)
  }

  override forward(x: Tensor): Tensor {
    return this.dropout.forward(this.c_proj.forward(this.act.forward(this.c_fc.forward(x))))
  }
}

/** Fresh weights that feed the residual stream: their deviation is smaller the more layers add to it (GPT-2 paper, 2.3). */
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
  override forward(x: Tensor, mask: Tensor | undefined, past?: LayerCache): Tensor {
    x = x.add(this.attn.forward(this.ln_1.forward(x), mask, past))
    x = x.add(this.mlp.forward(this.ln_2.forward(x)))
    return x
  }
}

/** The names that `forward` of all GPT-2 models takes. */
const gpt2Inputs: readonly string[] = [
  ...['input_ids', 'attention_mask', 'token_type_ids', 'position_ids', 'inputs_embeds'],
  ...['past_key_values', 'use_cache', 'output_hidden_states', 'output_attentions'],
]

/** Masks that old checkpoints store beside the weights. */
const storedMasks = [/(^|\.)attn\.(masked_)?bias$/]

export class GPT2Model extends PreTrainedModel {
  static readonly config_class = GPT2Config
  static override readonly base_model_prefix = 'transformer'
  static override readonly ignoredWeights = storedMasks
  declare readonly config: GPT2Config
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
  }

  /** Throws InputError for ids, masks or lengths that do not fit (codes ID_RANGE, MASK_SHAPE, TOO_LONG and others). */
  override forward(inputs: GPT2Inputs): GPT2ModelOutput {
    this.checkInputs(inputs, gpt2Inputs)
    const { output_hidden_states, output_attentions } = this.outputFlags(inputs)
    const cache = inputs.past_key_values ?? (inputs.use_cache ? new DynamicCache() : undefined)
    const output = this.backend.scope(() => {
      const { embeds, mask } = this.#read(inputs, cache?.get_seq_length() ?? 0)
      const attentions: Tensor[] = []
      const watched = output_attentions ? this.h : []
      const watchers = watched.map(({ attn }) => attn.register_tap('probs', probs => void attentions.push(probs)))
      const hidden = [this.drop.forward(embeds)]
      try {
        this.#runBlocks(hidden, mask, cache, attentions)
      } finally {
        for (const watcher of watchers) watcher.remove()
      }
      const last = this.ln_f.forward(hidden.pop()!)
      return {
        last_hidden_state: last,
        ...(output_hidden_states && { hidden_states: [...hidden, last] }),
        ...(output_attentions && { attentions }),
      }
    })
    return cache ? { ...output, past_key_values: cache } : output
  }

  /** `hidden` begins with the embeddings and gets each block's output; what is put into `kept` outlives the block too. */
  #runBlocks(
    hidden: Tensor[],
    mask: Tensor | undefined,
    cache: DynamicCache | undefined,
    kept: readonly Tensor[],
  ): void {
    for (const [layer, block] of this.h.entries()) {
      const x = hidden.at(-1)!
      const [y] = this.backend.scope(() => [block.forward(x, mask, cache?.layer(layer)), kept] as const)
      hidden.push(y)
    }
  }

  /** The inputs as tensors: word and position embeddings (B, T, C), and a mask (B, 1, T, S) where there is padding. */
  #read(inputs: GPT2Inputs, past: number): { embeds: Tensor; mask: Tensor | undefined } {
    const { backend } = this
    const { vocab_size, n_embd, n_positions } = this.config
    const { B, T, ids, embeds } = readTokens(inputs, vocab_size, n_embd, backend)
    checkLength(past + T, n_positions, 'n_positions')
    const places = readPlaces(inputs.position_ids, 'position_ids', n_positions, B, T, backend, past)
    let x = (embeds ?? this.wte.forward(ids)).add(this.wpe.forward(places))
    if (inputs.token_type_ids !== undefined) {
      warnOnce('GPT2_TOKEN_TYPES', tokenTypesWarning)
      x = x.add(this.wte.forward(readPlaces(inputs.token_type_ids, 'token_type_ids', vocab_size, B, T, backend)))
    }
    const mask = inputs.attention_mask === undefined ? undefined : readMask(inputs.attention_mask, B, T, past + T)
    return { embeds: x, mask: causalMask(mask, T, backend) }
  }
}

const tokenTypesWarning =
  'GPT-2 adds the word embeddings of token_type_ids to its input, as in Hugging Face, so the zeros that BertTokenizer ' +
  'gives change every logit: call the tokenizer with { return_token_type_ids: false }.'

export interface CausalLMOutput {
  /** Scores of the next token before softmax: (B, T, V), or (B, 1, V) with logits_to_keep: 1. */
  logits: Tensor
  past_key_values?: DynamicCache
  hidden_states?: Tensor[]
  attentions?: Tensor[]
}

export interface CausalLMInputs extends GPT2Inputs {
  /** Compute logits for so many of the last tokens only; 0 is all. */
  logits_to_keep?: number
}

export class GPT2LMHeadModel extends CausalLM {
  static readonly config_class = GPT2Config
  static override readonly base_model_prefix = 'transformer'
  static override readonly ignoredWeights = storedMasks
  declare readonly config: GPT2Config
  transformer: GPT2Model
  lm_head: Linear

  constructor(config: GPT2Config) {
    super(config)
    this.transformer = new GPT2Model(config)
    const tied = config.tie_word_embeddings ? { weight: this.transformer.wte.weight } : {}
    const { n_embd, vocab_size, initializer_range: std } = config
    this.lm_head = new Linear(n_embd, vocab_size, { bias: false, std, ...tied })
  }

  /** Throws as GPT2Model.forward. */
  override forward({ logits_to_keep = 0, ...inputs }: CausalLMInputs): CausalLMOutput {
    return this.backend.scope(() => {
      const { last_hidden_state, ...rest } = this.transformer.forward(inputs)
      const wanted = logits_to_keep > 0 ? last_hidden_state.slice(1, -logits_to_keep) : last_hidden_state
      return { logits: this.lm_head.forward(wanted), ...rest }
    })
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
