// The text-classification pipeline (transformers/pipelines/text_classification.py): texts in, labels and scores out.
import { AutoModelForSequenceClassification } from '../../models/auto.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkNames as checkPairNames } from '../tokenizers/call/callOptions.ts'
import { inBatches, type PaddedBatch, padRows, rowsOf } from './batches.ts'
import { checkChoice, checkWhole, only } from './options.ts'
import type { Given, Known, NoOptions, Value } from './optionTypes.ts'
import { highest, ranking, sigmoidOf, softmaxOf } from './scores.ts'
import { type SharedOptions, type Stream, TaskPipeline } from './task.ts'
import { checkText, type EncodedRow, encodeText, type TokenizerOptions, tokenizerOptions } from './tokenizer.ts'

export interface Classification {
  label: string
  score: number
}

/** One text, or a pair of texts. */
export type TextOrPair = string | { text: string; text_pair?: string | null }

export interface TextClassificationOptions extends SharedOptions, TokenizerOptions {
  /** So many labels with the highest scores, in a list; null is all. Without it one label for each text. */
  top_k?: number | null
  /** What makes scores of logits; softmax for several labels, sigmoid for one or for a multi-label problem unless given. */
  function_to_apply?: 'softmax' | 'sigmoid' | 'none' | null
  /** All labels in the order of their numbers; top_k: null has taken its place in Hugging Face. */
  return_all_scores?: boolean
}

/** A model that gives logits (B, num_labels). */
export type SequenceClassifier = PreTrainedModel & { forward(inputs: PaddedBatch): { logits: Tensor } }

type Pair = Exclude<TextOrPair, string>
type Result = Classification | Classification[]
type Options = TextClassificationOptions

type Labels<TopK, All> = TopK extends undefined
  ? All extends true
    ? Classification[]
    : Classification
  : Classification[]

/** What a text gives: a label, or several with top_k or return_all_scores. */
type Item<Made, Own> = Labels<Value<Made, Own, 'top_k', undefined>, Value<Made, Own, 'return_all_scores', false>>

/** What a text gives that is no list: a list, unless this very call says top_k. */
type Single<Made, Own, TopK = Given<Own, 'top_k'>> = TopK extends undefined
  ? Item<Made, Omit<Own, 'top_k'>>[]
  : Classification[]

export interface TextClassificationPipeline<Made extends Options = NoOptions> {
  /** One text gives `[{ label, score }]`, a pair one object; with top_k there is a list for each text. */
  <const Own extends Options = NoOptions>(text: string, options?: Known<Own, Options>): Promise<Single<Made, Own>>
  <const Own extends Options = NoOptions>(pair: Pair, options?: Known<Own, Options>): Promise<Item<Made, Own>>
  <const Own extends Options = NoOptions>(
    texts: readonly TextOrPair[],
    options?: Known<Own, Options>,
  ): Promise<Item<Made, Own>[]>
  <const Own extends Options = NoOptions>(
    texts: Stream<TextOrPair>,
    options?: Known<Own, Options>,
  ): AsyncGenerator<Item<Made, Own>>
  <const Own extends Options = NoOptions>(
    texts: string | readonly TextOrPair[],
    options?: Known<Own, Options>,
  ): Promise<Single<Made, Own> | Item<Made, Own>[]>
  <const Own extends Options = NoOptions>(
    texts: TextOrPair | readonly TextOrPair[],
    options?: Known<Own, Options>,
  ): Promise<Single<Made, Own> | Item<Made, Own> | Item<Made, Own>[]>
}

/** Classifies texts. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export class TextClassificationPipeline<const Made extends Options = NoOptions> extends TaskPipeline<
  SequenceClassifier,
  TextOrPair,
  Options,
  Result,
  Made
> {
  static override readonly task = 'text-classification'
  static override readonly models = AutoModelForSequenceClassification
  static override readonly nullable = ['top_k']
  static override readonly options = [
    ...(['top_k', 'function_to_apply', 'return_all_scores', 'batch_size'] as const),
    ...tokenizerOptions,
  ]

  protected override check({ top_k, function_to_apply }: TextClassificationOptions): void {
    if (top_k !== null) checkWhole(this.task, 'top_k', top_k, 1)
    checkChoice(this.task, 'function_to_apply', function_to_apply, ['softmax', 'sigmoid', 'none'])
  }

  /** As in Hugging Face, a text alone gives a list unless this very call has a top_k. */
  protected override single(
    result: Result,
    input: TextOrPair,
    _: TextClassificationOptions,
    own: TextClassificationOptions,
  ): unknown {
    return typeof input === 'string' && own.top_k === undefined ? [result] : result
  }

  protected override async process(
    texts: readonly TextOrPair[],
    options: TextClassificationOptions,
  ): Promise<Result[]> {
    const rows = texts.map(text => [this.#encode(text, options)])
    const logits = await inBatches(rows, options, batch =>
      this.model.backend.scope(() => rowsOf(this.model.forward(padRows(batch, this.tokenizer)).logits)),
    )
    return logits.map(([row]) => this.#result(row!, options))
  }

  /** Throws InputError TEXT_TYPE. */
  #encode(input: TextOrPair, options: TextClassificationOptions): EncodedRow {
    if (Array.isArray(input)) checkText(input, this.task, 'a pair of texts is { text, text_pair }')
    const isPair = typeof input === 'object' && input !== null
    if (isPair) checkPairNames(input, ['text', 'text_pair'], `${this.task}: a pair`)
    const { text, text_pair } = isPair ? input : { text: input }
    const hasPair = text_pair !== undefined && text_pair !== null
    if (hasPair) checkText(text_pair, this.task)
    const pair = hasPair ? { text_pair } : {}
    return encodeText(this.tokenizer, text, { ...pair, ...only(options, tokenizerOptions) }, this.task)
  }

  #result(logits: Float32Array, { top_k, function_to_apply, return_all_scores }: TextClassificationOptions): Result {
    const { id2label } = this.model.config
    const scores = this.#scores(logits, function_to_apply)
    const named = (i: number): Classification => ({ label: id2label[i] ?? `LABEL_${i}`, score: scores[i]! })
    if (top_k === undefined) return return_all_scores ? scores.map((_, i) => named(i)) : named(highest(scores))
    return ranking(scores)
      .slice(0, top_k ?? scores.length)
      .map(named)
  }

  #scores(logits: Float32Array, wanted: TextClassificationOptions['function_to_apply']): number[] {
    const { problem_type, num_labels } = this.model.config
    const isMulti = problem_type === 'multi_label_classification' || num_labels === 1
    const chosen = wanted ?? (problem_type === 'regression' ? 'none' : isMulti ? 'sigmoid' : 'softmax')
    if (chosen === 'none') return Array.from(logits)
    return chosen === 'sigmoid' ? sigmoidOf(logits) : softmaxOf(logits)
  }
}
