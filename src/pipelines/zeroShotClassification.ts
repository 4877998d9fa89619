// The zero-shot-classification pipeline (transformers/pipelines/zero_shot_classification.py): a model that knows whether one
// text follows from another chooses among labels that it was never trained on.
import { AutoModelForSequenceClassification } from '../../models/auto.ts'
import { InputError } from '../errors.ts'
import { warnOnce } from '../warnings.ts'
import { inBatches, padRows, rowsOf } from './batches.ts'
import { optionFault } from './options.ts'
import { ranking, softmaxOf } from './scores.ts'
import { type SharedOptions, type Stream, TaskPipeline } from './task.ts'
import type { SequenceClassifier } from './textClassification.ts'
import { type EncodedRow, encodeText, limitOf } from './tokenizer.ts'

export interface ZeroShotResult {
  sequence: string
  /** The labels, likely ones first. */
  labels: string[]
  scores: number[]
}

export interface ZeroShotOptions extends SharedOptions {
  /** The labels: a list, or one text with commas between them. */
  candidate_labels?: string | readonly string[]
  /** How a label becomes a statement; `{}` is the label. 'This example is {}.' unless given. */
  hypothesis_template?: string
  /** Labels do not exclude each other: each has a probability of its own. */
  multi_label?: boolean
}

type Labels = string | readonly string[]

export interface ZeroShotClassificationPipeline {
  /** Labels are the second argument, or the option candidate_labels. */
  (text: string, labels: Labels, options?: ZeroShotOptions): Promise<ZeroShotResult>
  (text: string, options?: ZeroShotOptions): Promise<ZeroShotResult>
  (texts: readonly string[], labels: Labels, options?: ZeroShotOptions): Promise<ZeroShotResult[]>
  (texts: readonly string[], options?: ZeroShotOptions): Promise<ZeroShotResult[]>
  (texts: Stream<string>, labels: Labels, options?: ZeroShotOptions): AsyncGenerator<ZeroShotResult>
  (texts: Stream<string>, options?: ZeroShotOptions): AsyncGenerator<ZeroShotResult>
  (
    texts: string | readonly string[],
    labels?: Labels | ZeroShotOptions,
    options?: ZeroShotOptions,
  ): Promise<ZeroShotResult | ZeroShotResult[]>
}

/** Chooses among labels that a model was not trained on. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export class ZeroShotClassificationPipeline extends TaskPipeline<
  SequenceClassifier,
  string,
  ZeroShotOptions,
  ZeroShotResult
> {
  static override readonly task = 'zero-shot-classification'
  static override readonly models = AutoModelForSequenceClassification
  static override readonly shortening = 'load the tokenizer with { model_max_length }, to which texts are cut'
  static override readonly options = ['candidate_labels', 'hypothesis_template', 'multi_label', 'batch_size']

  protected override check({ hypothesis_template = '{}' }: ZeroShotOptions): void {
    if (hypothesis_template.includes('{}')) return
    throw optionFault(this.task, 'hypothesis_template', 'hypothesis_template has no {} where the label goes')
  }

  /** @internal */
  override call(
    texts: string | readonly string[] | Stream<string>,
    second?: Labels | ZeroShotOptions,
    third?: ZeroShotOptions,
  ): unknown {
    return super.call(texts, isLabels(second) ? { ...third, candidate_labels: second } : second)
  }

  /** Throws InputError EMPTY_INPUT without labels. */
  protected override async process(texts: readonly string[], options: ZeroShotOptions): Promise<ZeroShotResult[]> {
    const { hypothesis_template = 'This example is {}.', multi_label = false } = options
    const labels = labelsOf(options)
    if (labels.length === 0) {
      throw new InputError('EMPTY_INPUT', `${this.task}: there are no candidate_labels`, {
        hint: "pass { candidate_labels: ['…', '…'] }",
      })
    }
    const pairs = texts.map(text =>
      labels.map(label =>
        this.#encode(
          text,
          hypothesis_template.replaceAll('{}', () => label),
        ),
      ),
    )
    const logits = await inBatches(pairs, options, batch =>
      this.model.backend.scope(() => rowsOf(this.model.forward(padRows(batch, this.tokenizer)).logits)),
    )
    return texts.map((sequence, i) => {
      const scores = this.#scores(logits[i]!, multi_label)
      // Python turns an ascending order round: of equal scores the last label comes first.
      const order = ranking(scores.toReversed()).map(place => labels.length - 1 - place)
      return { sequence, labels: order.map(j => labels[j]!), scores: order.map(j => scores[j]!) }
    })
  }

  /** The text is cut, not the statement, when the two are too long together. */
  #encode(text: string, statement: string): EncodedRow {
    const isLimited = Number.isFinite(limitOf(this.tokenizer))
    const options = { text_pair: statement, ...(isLimited && { truncation: 'only_first' }) }
    return encodeText(this.tokenizer, text, options, this.task)
  }

  #scores(logits: readonly Float32Array[], multi_label: boolean): number[] {
    const entailment = this.#entailment()
    if (!multi_label && logits.length > 1) return softmaxOf(logits.map(row => row.at(entailment)!))
    const contradiction = entailment === 0 ? -1 : 0
    return logits.map(row => softmaxOf([row.at(contradiction)!, row.at(entailment)!])[1]!)
  }

  /** The label that says that one text follows from the other; the last one, with a warning, when none is called so. */
  #entailment(): number {
    const place = this.model.config.id2label.findIndex(label => /^entail/i.test(label))
    if (place >= 0) return place
    const message = `${this.task}: no label of the model begins with 'entail', so its last one is taken; this is no model for the task.`
    warnOnce('NO_ENTAILMENT', message)
    return place
  }
}

function isLabels(argument: Labels | ZeroShotOptions | undefined): argument is Labels {
  return typeof argument === 'string' || Array.isArray(argument)
}

function labelsOf({ candidate_labels = [] }: ZeroShotOptions): string[] {
  if (typeof candidate_labels !== 'string') return [...candidate_labels]
  return candidate_labels
    .split(',')
    .map(label => label.trim())
    .filter(label => label !== '')
}
