// The question-answering pipeline (transformers/pipelines/question_answering.py): a question and a text in, the part of the text
// that answers it out.
import { AutoModelForQuestionAnswering } from '../../models/auto.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import { InputError, type VitrineError } from '../errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { bestSpans } from './answerSpans.ts'
import { inBatches, type PaddedBatch, padRows, rowsOf } from './batches.ts'
import { checkWhole, optionFault } from './options.ts'
import type { Known, NoOptions, Value } from './optionTypes.ts'
import { fastPieces, type QuestionLimits, type QuestionPiece, slowPieces } from './questionPieces.ts'
import { type SharedOptions, type Stream, TaskPipeline } from './task.ts'
import { checkText, limitOf, type PipelineTokenizer } from './tokenizer.ts'

export interface QuestionContext {
  question: string
  context: string
}

/** Several questions, about one text or about one each. */
export interface QuestionsContexts {
  question: readonly string[]
  context: string | readonly string[]
}

export interface Answer {
  score: number
  /** Start and end in the text, in code points. */
  start: number
  end: number
  answer: string
}

export interface QuestionAnsweringOptions extends SharedOptions {
  /** So many answers, in a list. Without it, or with 1, one answer. */
  top_k?: number
  /** The most tokens of an answer; 15 unless given. */
  max_answer_len?: number
  /** The most tokens of a piece of a long text, question included; 384 or the tokenizer's limit unless given. */
  max_seq_len?: number
  /** Tokens that pieces share; half of max_seq_len, at most 128, unless given. */
  doc_stride?: number
  /** The most tokens of the question; 64 unless given. Python's tokenizers only. */
  max_question_len?: number
  /** The empty answer is an answer too. */
  handle_impossible_answer?: boolean
  /** Answers begin and end with words; true unless given. Fast tokenizers only. */
  align_to_words?: boolean
  /** Fill pieces up: 'max_length' to max_seq_len. Fast tokenizers only. */
  padding?: boolean | string
}

/** A model that gives start_logits and end_logits (B, T). */
export type AnsweringModel = PreTrainedModel & {
  forward(inputs: PaddedBatch): { start_logits: Tensor; end_logits: Tensor }
}

interface Logits {
  readonly start: Float32Array
  readonly end: Float32Array
}

type Result = Answer | Answer[]
type Options = QuestionAnsweringOptions

type Answers<TopK> = TopK extends 1 ? Answer : number extends TopK ? Result : Answer[]

/** What a question gives: an answer, or a list of them. */
type Item<Made, Own> = Answers<Value<Made, Own, 'top_k', 1>>

export interface QuestionAnsweringPipeline<Made extends Options = NoOptions> {
  /** Above 1, top_k gives a list, also where there is one answer, which Hugging Face unwraps. */
  <const Own extends Options = NoOptions>(
    question: string,
    context: string,
    options?: Known<Own, Options>,
  ): Promise<Item<Made, Own>>
  <const Own extends Options = NoOptions>(
    input: QuestionContext,
    options?: Known<Own, Options>,
  ): Promise<Item<Made, Own>>
  <const Own extends Options = NoOptions>(
    inputs: readonly QuestionContext[] | QuestionsContexts,
    options?: Known<Own, Options>,
  ): Promise<Item<Made, Own>[]>
  <const Own extends Options = NoOptions>(
    inputs: Stream<QuestionContext>,
    options?: Known<Own, Options>,
  ): AsyncGenerator<Item<Made, Own>>
  <const Own extends Options = NoOptions>(
    inputs: QuestionContext | readonly QuestionContext[] | QuestionsContexts,
    options?: Known<Own, Options>,
  ): Promise<Item<Made, Own> | Item<Made, Own>[]>
}

/** Finds the part of a text that answers a question. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export class QuestionAnsweringPipeline<const Made extends Options = NoOptions> extends TaskPipeline<
  AnsweringModel,
  QuestionContext,
  Options,
  Result,
  Made
> {
  static override readonly task = 'question-answering'
  static override readonly models = AutoModelForQuestionAnswering
  static override readonly shortening = 'give a smaller max_seq_len'
  static override readonly options = [
    ...(['top_k', 'max_answer_len', 'max_seq_len', 'doc_stride', 'max_question_len'] as const),
    ...(['handle_impossible_answer', 'align_to_words', 'padding', 'batch_size'] as const),
  ]

  protected override nextStep(error: VitrineError): string | undefined {
    if (error.code === 'TRUNCATION') return 'the question leaves no room for the text: give a larger max_seq_len'
    return super.nextStep(error)
  }

  protected override check(options: QuestionAnsweringOptions): void {
    for (const name of ['top_k', 'max_answer_len', 'max_seq_len', 'doc_stride', 'max_question_len'] as const) {
      checkWhole(this.task, name, options[name], 1)
    }
    const { max_seq_len, doc_stride } = limitsOf(options, this.tokenizer)
    if (doc_stride <= max_seq_len) return
    throw optionFault(this.task, 'doc_stride', `doc_stride (${doc_stride}) is larger than max_seq_len (${max_seq_len})`)
  }

  /** @internal transformers.js hands in the question and the text one after the other. */
  override call(first: unknown, second?: unknown, third?: QuestionAnsweringOptions): unknown {
    const isApart = typeof first === 'string' || typeof second === 'string'
    const inputs = isApart ? { question: first, context: second } : first
    return super.call(questionsOf(inputs), isApart ? third : (second as QuestionAnsweringOptions | undefined))
  }

  protected override async process(
    inputs: readonly QuestionContext[],
    options: QuestionAnsweringOptions,
  ): Promise<Result[]> {
    const limits = limitsOf(options, this.tokenizer)
    const cut = this.tokenizer.is_fast ? fastPieces : slowPieces
    const pieces = inputs.map(input => {
      checkInput(input, this.task)
      return cut(this.tokenizer, input.question, input.context, limits)
    })
    const logits = await inBatches(pieces, options, batch => this.#logits(batch))
    return inputs.map((_, i) => {
      const answers = this.#answers(pieces[i]!, logits[i]!, options)
      return (options.top_k ?? 1) === 1 ? answers[0]! : answers
    })
  }

  /** The logits of each piece, without the places that were filled up. */
  #logits(pieces: readonly QuestionPiece[]): Logits[] {
    return this.model.backend.scope(() => {
      const { start_logits, end_logits } = this.model.forward(padRows(pieces, this.tokenizer))
      const [starts, ends] = [rowsOf(start_logits), rowsOf(end_logits)]
      return pieces.map(({ input_ids: { length } }, row) => {
        const first = this.tokenizer.padding_side === 'left' ? starts[row]!.length - length : 0
        const cut = (logits: Float32Array): Float32Array => logits.subarray(first, first + length)
        return { start: cut(starts[row]!), end: cut(ends[row]!) }
      })
    })
  }

  #answers(
    pieces: readonly QuestionPiece[],
    logits: readonly Logits[],
    { top_k = 1, max_answer_len = 15, handle_impossible_answer, align_to_words = true }: QuestionAnsweringOptions,
  ): Answer[] {
    const answers: Answer[] = []
    let noAnswer = Infinity
    for (const [i, piece] of pieces.entries()) {
      // Answers that become equal when they are stretched to words are joined, so more of them are looked at.
      const candidates = align_to_words ? top_k * 2 + 10 : top_k
      const found = bestSpans({ ...logits[i]!, allowed: piece.allowed, top_k: candidates, max_answer_len })
      noAnswer = Math.min(noAnswer, found.noAnswer)
      for (const { score, start, end } of found.spans) this.#add(answers, { score, ...piece.place(start, end) })
    }
    if (handle_impossible_answer) answers.push({ score: noAnswer, start: 0, end: 0, answer: '' })
    if (answers.length === 0) answers.push({ score: 0, start: 0, end: 0, answer: '' })
    return answers.sort((a, b) => b.score - a.score).slice(0, top_k)
  }

  /** Fast tokenizers: the scores of equal answers are added up. */
  #add(answers: Answer[], answer: Answer): void {
    const text = answer.answer.toLowerCase()
    const same = this.tokenizer.is_fast ? answers.find(other => other.answer.toLowerCase() === text) : undefined
    if (same) same.score += answer.score
    else answers.push(answer)
  }
}

function limitsOf(options: QuestionAnsweringOptions, tokenizer: PipelineTokenizer): QuestionLimits {
  const { max_question_len = 64, align_to_words = true, padding = 'do_not_pad' } = options
  const max_seq_len = options.max_seq_len ?? Math.min(limitOf(tokenizer), 384)
  const doc_stride = options.doc_stride ?? Math.min(Math.floor(max_seq_len / 2), 128)
  return { max_seq_len, doc_stride, max_question_len, align_to_words, padding }
}

/** Several questions become several inputs, where there is one text, or as many. */
function questionsOf(inputs: unknown): QuestionContext | readonly QuestionContext[] | Stream<QuestionContext> {
  const { question, context } = Object(inputs) as Partial<QuestionsContexts>
  if (!Array.isArray(question)) return inputs as QuestionContext
  if (!Array.isArray(context)) return question.map(one => ({ question: one, context: context as string }))
  if (question.length !== context.length) return inputs as QuestionContext
  return question.map((one, i) => ({ question: one, context: context[i]! }))
}

/** Throws InputError RAGGED, TEXT_TYPE or EMPTY_INPUT. */
function checkInput(input: QuestionContext, task: string): void {
  if (Array.isArray(Object(input).question)) {
    const message = `${task}: there are not as many texts as questions`
    throw new InputError('RAGGED', message, { hint: 'give one text, or one for each question' })
  }
  for (const name of ['question', 'context'] as const) {
    const text: unknown = Object(input)[name]
    checkText(text, `${task}: ${name}`, "call it with { question: '…', context: '…' }")
    if (text === '') throw new InputError('EMPTY_INPUT', `${task}: the ${name} is empty`)
  }
}
