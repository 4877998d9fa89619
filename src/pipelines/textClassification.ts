// The text-classification pipeline (transformers/pipelines/text_classification.py): texts in, labels and scores out.
import { AutoModelForSequenceClassification } from '../../models/auto.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inBatches, type PaddedBatch, padRows, rowsOf } from './batches.ts'
import { checkChoice, checkWhole, only } from './options.ts'
import { highest, ranking, sigmoidOf, softmaxOf } from './scores.ts'
import { type SharedOptions, type Stream, TaskPipeline } from './task.ts'
import { checkText, type EncodedRow, encodeText, type TokenizerOptions, tokenizerOptions } from './tokenizer.ts'

export interface Classification {
  label: string
  score: number
}

/** One text, or a pair of texts. */
export type TextOrPair = string | { text: string; text_pair?: string }

export interface TextClassificationOptions extends SharedOptions, TokenizerOptions {
  /** So many labels with the highest scores, in a list; null is all. Without it one label for each text. */
  top_k?: number | null
  /** What makes scores of logits; softmax for several labels, sigmoid for one or for a multi-label problem unless given. */
  function_to_apply?: 'softmax' | 'sigmoid' | 'none'
  /** All labels in the order of their numbers; top_k: null has taken its place in Hugging Face. */
  return_all_scores?: boolean
}

/** A model that gives logits (B, num_labels). */
export type SequenceClassifier = PreTrainedModel & { forward(inputs: PaddedBatch): { logits: Tensor } }

type SeveralLabels = TextClassificationOptions & { top_k: number | null }
type Pair = Exclude<TextOrPair, string>
type Result = Classification | Classification[]

export interface TextClassificationPipeline {
  /** One text gives `[{ label, score }]`, a pair one object; with top_k there is a list for each text. */
  (text: string, options?: TextClassificationOptions): Promise<Classification[]>
  (pair: Pair, options: SeveralLabels): Promise<Classification[]>
  (pair: Pair, options?: TextClassificationOptions): Promise<Classification>
  (texts: readonly TextOrPair[], options: SeveralLabels): Promise<Classification[][]>
  (texts: readonly TextOrPair[], options?: TextClassificationOptions): Promise<Classification[]>
  (texts: Stream<TextOrPair>, options: SeveralLabels): AsyncGenerator<Classification[]>
  (texts: Stream<TextOrPair>, options?: TextClassificationOptions): AsyncGenerator<Classification>
}

/** Classifies texts. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export class TextClassificationPipeline extends TaskPipeline<
  SequenceClassifier,
  TextOrPair,
  TextClassificationOptions,
  Result
> {
  static override readonly task = 'text-classification'
  static override readonly models = AutoModelForSequenceClassification
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
    const { text, text_pair } = typeof input === 'object' && input !== null ? input : { text: input }
    if (text_pair !== undefined) checkText(text_pair, this.task)
    const pair = text_pair === undefined ? {} : { text_pair }
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
