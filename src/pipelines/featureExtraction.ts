// The feature-extraction pipeline (transformers/pipelines/feature_extraction.py): texts in, vectors out, one for each token or,
// as in transformers.js, one for each text.
import { AutoModel } from '../../models/auto.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import { InputError } from '../errors.ts'
import { concat, type Tensor } from '../tensor/tensor.ts'
import { inBatches, type PaddedBatch, padRows, tokenRowsOf } from './batches.ts'
import { checkChoice, optionFault } from './options.ts'
import type { Known, NoOptions, Value } from './optionTypes.ts'
import { type Pooling, type Precision, packedSigns, pooled, poolings, precisions, unit } from './pooling.ts'
import { type SharedOptions, type Stream, TaskPipeline } from './task.ts'
import { type EncodedRow, encodeText } from './tokenizer.ts'

export interface FeatureExtractionOptions extends SharedOptions {
  /**
   * One vector for each text: the mean of its tokens, its first one ('cls', 'first_token') or its last one ('last_token',
   * 'eos'); 'none' unless given.
   */
  pooling?: Pooling
  /** Make vectors of length 1. */
  normalize?: boolean
  /** Keep the sign of each number only, eight in a byte. Needs pooling. */
  quantize?: boolean
  /** How bytes are counted; 'binary' unless given. */
  precision?: Precision
  truncation?: boolean | string
  /** Options for the tokenizer, such as `{ max_length: 128 }`. */
  tokenize_kwargs?: Readonly<Record<string, unknown>>
  /** Tensors in the place of nested lists. */
  return_tensors?: boolean
}

/** One text's result: (1, T, C), with pooling a vector (C), as a tensor (1, C). */
type Features = number[][][] | number[] | Tensor

/** A model whose first output is a tensor (B, T, C). */
export type FeatureModel = PreTrainedModel & {
  forward(inputs: PaddedBatch): { last_hidden_state?: Tensor; logits?: Tensor }
}

type Options = FeatureExtractionOptions

/** One of four results: tensors or arrays, of texts or of their tokens, as the options say. */
type Choice<Made, Own, Results extends { tensor: unknown; pooledTensor: unknown; tokens: unknown; pooled: unknown }> =
  Value<Made, Own, 'return_tensors', false> extends infer AsTensor
    ? Value<Made, Own, 'pooling', 'none'> extends infer How
      ? AsTensor extends true
        ? How extends 'none'
          ? Results['tensor']
          : Results['pooledTensor']
        : How extends 'none'
          ? Results['tokens']
          : Results['pooled']
      : never
    : never

type OfText<Made, Own> = Choice<
  Made,
  Own,
  { tensor: Tensor; pooledTensor: Tensor; tokens: number[][][]; pooled: number[][] }
>
type OfTexts<Made, Own> = Choice<
  Made,
  Own,
  { tensor: Tensor[]; pooledTensor: Tensor; tokens: number[][][][]; pooled: number[][] }
>
type OfStream<Made, Own> = Choice<
  Made,
  Own,
  { tensor: Tensor; pooledTensor: Tensor; tokens: number[][][]; pooled: number[] }
>

export interface FeatureExtractionPipeline<Made extends Options = NoOptions> {
  /**
   * A text gives (1, T, C), a list one of these for each text, without padding whatever the batch_size; with pooling (1, C),
   * and a list (B, C).
   */
  <const Own extends Options = NoOptions>(text: string, options?: Known<Own, Options>): Promise<OfText<Made, Own>>
  <const Own extends Options = NoOptions>(
    texts: readonly string[],
    options?: Known<Own, Options>,
  ): Promise<OfTexts<Made, Own>>
  <const Own extends Options = NoOptions>(
    texts: Stream<string>,
    options?: Known<Own, Options>,
  ): AsyncGenerator<OfStream<Made, Own>>
  <const Own extends Options = NoOptions>(
    texts: string | readonly string[],
    options?: Known<Own, Options>,
  ): Promise<OfText<Made, Own> | OfTexts<Made, Own>>
}

/** Gives the vectors of texts. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export class FeatureExtractionPipeline<const Made extends Options = NoOptions> extends TaskPipeline<
  FeatureModel,
  string,
  Options,
  Features,
  Made
> {
  static override readonly task = 'feature-extraction'
  static override readonly models = AutoModel
  static override readonly options = [
    ...(['pooling', 'normalize', 'quantize', 'precision', 'truncation', 'tokenize_kwargs'] as const),
    ...(['return_tensors', 'batch_size'] as const),
  ]

  /** Heads too: their logits are the features. */
  static override accepts(): boolean {
    return true
  }

  protected override check(options: FeatureExtractionOptions): void {
    const { pooling = 'none', precision, truncation, tokenize_kwargs = {} } = options
    checkChoice(this.task, 'pooling', pooling, poolings)
    checkChoice(this.task, 'precision', precision, precisions)
    if (options.quantize && (pooling === 'none' || options.return_tensors)) {
      throw optionFault(this.task, 'quantize', 'quantize needs a pooling, and gives no tensors')
    }
    if (truncation === undefined || !('truncation' in tokenize_kwargs)) return
    throw optionFault(this.task, 'truncation', 'truncation stands both in the call and in tokenize_kwargs')
  }

  protected override single(
    features: Features,
    _: string,
    { pooling = 'none', return_tensors }: FeatureExtractionOptions,
  ) {
    return pooling === 'none' || return_tensors ? features : [features]
  }

  /** Pooled tensors (1, C) become one (B, C), as in transformers.js. */
  protected override several(results: Features[], { pooling = 'none', return_tensors }: FeatureExtractionOptions) {
    if (pooling === 'none' || !return_tensors || results.length === 0) return results
    return this.model.backend.scope(() => concat(results as Tensor[], 0))
  }

  protected override async process(texts: readonly string[], options: FeatureExtractionOptions): Promise<Features[]> {
    const { truncation, tokenize_kwargs = {} } = options
    const forTokenizer = { ...tokenize_kwargs, ...(truncation !== undefined && { truncation }) }
    const rows = texts.map(text => encodeText(this.tokenizer, text, forTokenizer, this.task))
    const vectors = await inBatches(
      rows.map(row => [row]),
      options,
      batch => this.#vectors(batch),
    )
    return rows.map((row, i) => this.#features(row, vectors[i]![0]!, options))
  }

  #vectors(rows: readonly EncodedRow[]): number[][][] {
    return this.model.backend.scope(() => {
      const { last_hidden_state, logits } = this.model.forward(padRows(rows, this.tokenizer))
      const tensor = last_hidden_state ?? logits
      if (tensor?.shape.length === 3) {
        return tokenRowsOf(tensor, rows, this.tokenizer.padding_side).map(row => row.map(vector => Array.from(vector)))
      }
      const message = `${this.task}: ${this.model.constructor.name} gives no vectors for tokens`
      throw new InputError('NO_FEATURES', message, { hint: 'load the folder with AutoModel' })
    })
  }

  #features({ attention_mask }: EncodedRow, tokens: number[][], options: FeatureExtractionOptions): Features {
    const { pooling = 'none', normalize, quantize, precision = 'binary', return_tensors } = options
    const shaped = (vector: readonly number[]): number[] => (normalize ? unit(vector) : [...vector])
    const { backend } = this.model
    if (pooling === 'none') {
      const features = [tokens.map(shaped)]
      return return_tensors ? backend.tensor(features) : features
    }
    const read = tokens.filter((_, i) => attention_mask[i] === 1)
    const vector = shaped(pooled(read, pooling))
    if (return_tensors) return backend.tensor([vector])
    if (!quantize) return vector
    if (vector.length % 8 === 0) return packedSigns(vector, precision)
    throw optionFault(this.task, 'quantize', `quantize needs vectors of a multiple of 8 numbers, got ${vector.length}`)
  }
}
