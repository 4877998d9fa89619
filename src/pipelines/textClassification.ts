// The text-classification pipeline (transformers/pipelines/text_classification.py): texts in, labels and scores out.
import type { SequenceClassifierOutput } from '../../models/outputs.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import { ConfigError, nearestName } from '../errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { batchesOf, type PaddedBatch, padRows } from './batches.ts'
import { encodeText, type PipelineTokenizer, paddingOf } from './tokenizer.ts'

export interface Classification {
  label: string
  score: number
}

/** One text, or a pair of texts. */
export type TextOrPair = string | { text: string; text_pair?: string }

export interface TextClassificationOptions {
  /** So many labels with the highest scores, in a list; null is all. Without it one label for each text. */
  top_k?: number | null
  /** What makes scores of logits; softmax for several labels, sigmoid for one or for a multi-label problem unless given. */
  function_to_apply?: 'softmax' | 'sigmoid' | 'none'
  /** All labels in the order of their numbers; top_k: null has taken its place in Hugging Face. */
  return_all_scores?: boolean
  /** Texts in one pass of the model; 1 unless given. */
  batch_size?: number
  truncation?: boolean | string
  max_length?: number
  padding?: boolean | string
}

/** A model that gives logits (B, num_labels). */
export type SequenceClassifier = PreTrainedModel & { forward(inputs: PaddedBatch): SequenceClassifierOutput }

const ownOptions = ['top_k', 'function_to_apply', 'return_all_scores', 'batch_size']
const tokenizerOptions = ['truncation', 'max_length', 'padding']

export class TextClassificationPipeline {
  readonly task = 'text-classification'
  readonly model: SequenceClassifier
  readonly tokenizer: PipelineTokenizer

  constructor(model: SequenceClassifier, tokenizer: PipelineTokenizer) {
    this.model = model
    this.tokenizer = tokenizer
  }

  /**
   * One text gives `[{ label, score }]`, a list of texts one such object for each, a `{ text, text_pair }` one object; with
   * top_k the objects become lists of them. Throws ConfigError for unknown options, and what tokenizer and model throw.
   */
  async run(inputs: TextOrPair | readonly TextOrPair[], options: TextClassificationOptions = {}): Promise<unknown> {
    checkOptions(options)
    const texts: readonly TextOrPair[] = isList(inputs) ? inputs : [inputs]
    const results = this.#classify(texts, options)
    if (isList(inputs)) return results
    const isLegacyText = typeof inputs === 'string' && options.top_k === undefined
    return isLegacyText ? results : results[0]
  }

  #classify(texts: readonly TextOrPair[], options: TextClassificationOptions): (Classification | Classification[])[] {
    const forTokenizer = Object.fromEntries(Object.entries(options).filter(([name]) => tokenizerOptions.includes(name)))
    return batchesOf(texts, options.batch_size ?? 1).flatMap(batch => {
      const rows = batch.map(input => {
        const { text, text_pair } = typeof input === 'string' ? { text: input, text_pair: undefined } : input
        const pair = text_pair === undefined ? {} : { text_pair }
        return encodeText(this.tokenizer, text, { ...pair, ...forTokenizer })
      })
      const logits = this.#logits(padRows(rows, paddingOf(this.tokenizer)))
      return logits.map(row => this.#result(row, options))
    })
  }

  #logits(batch: PaddedBatch): number[][] {
    return this.model.backend.scope(() => {
      const { logits } = this.model.forward(batch)
      return rowsOf(logits)
    })
  }

  #result(logits: readonly number[], options: TextClassificationOptions): Classification | Classification[] {
    const { id2label } = this.model.config
    const scores = this.#scores(logits, options.function_to_apply)
    const all = scores.map((score, i) => ({ label: id2label[i] ?? `LABEL_${i}`, score }))
    if (options.top_k === undefined && options.return_all_scores) return all
    const best = [...all].sort((a, b) => b.score - a.score)
    if (options.top_k === undefined) return best[0]!
    return options.top_k === null ? best : best.slice(0, options.top_k)
  }

  #scores(logits: readonly number[], wanted: TextClassificationOptions['function_to_apply']): number[] {
    const { problem_type, num_labels } = this.model.config
    const isMulti = problem_type === 'multi_label_classification' || num_labels === 1
    const chosen = wanted ?? (problem_type === 'regression' ? 'none' : isMulti ? 'sigmoid' : 'softmax')
    if (chosen === 'none') return [...logits]
    if (chosen === 'sigmoid') return logits.map(x => 1 / (1 + Math.exp(-x)))
    const max = Math.max(...logits)
    const exps = logits.map(x => Math.exp(x - max))
    const sum = exps.reduce((a, b) => a + b, 0)
    return exps.map(x => x / sum)
  }
}

function isList(inputs: TextOrPair | readonly TextOrPair[]): inputs is readonly TextOrPair[] {
  return Array.isArray(inputs)
}

function rowsOf(logits: Tensor): number[][] {
  const [rows, cols] = logits.dims2()
  const data = logits.data
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * cols, (row + 1) * cols)))
}

function checkOptions(options: TextClassificationOptions): void {
  const known = [...ownOptions, ...tokenizerOptions]
  const unknown = Object.keys(options).find(name => !known.includes(name))
  if (unknown !== undefined) {
    const near = nearestName(unknown, known)
    throw new ConfigError('UNKNOWN_OPTION', `text-classification: there is no option ${unknown}`, {
      hint: near ? `did you mean ${near}?` : `known: ${known.join(', ')}`,
    })
  }
  const { top_k, function_to_apply } = options
  if (typeof top_k === 'number' && (!Number.isInteger(top_k) || top_k < 1)) {
    throw new ConfigError(
      'OPTION_VALUE',
      `text-classification: top_k must be null or a whole number from 1 on, got ${top_k}`,
    )
  }
  if (function_to_apply !== undefined && !['softmax', 'sigmoid', 'none'].includes(function_to_apply)) {
    const message = `text-classification: function_to_apply must be softmax, sigmoid or none, got ${String(function_to_apply)}`
    throw new ConfigError('OPTION_VALUE', message)
  }
}
