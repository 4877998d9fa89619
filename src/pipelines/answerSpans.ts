// The likely answers among the tokens of a text: pairs of a first and a last token (decode_spans and select_starts_ends of
// transformers/pipelines/question_answering.py).
import { ranking, softmaxOf } from './scores.ts'

export interface AnswerSpan {
  readonly score: number
  /** First and last token. */
  readonly start: number
  readonly end: number
}

export interface SpanSearch {
  /** Logits of a token being the first, and the last, of the answer. */
  readonly start: ArrayLike<number>
  readonly end: ArrayLike<number>
  /** Which tokens can be in an answer; the first one, [CLS], stands for there being none. */
  readonly allowed: readonly boolean[]
  readonly top_k: number
  /** The most tokens of an answer. */
  readonly max_answer_len: number
}

/** The best spans, at most top_k, and the probability that there is no answer. */
export function bestSpans({ start, end, allowed, top_k, max_answer_len }: SpanSearch): {
  spans: AnswerSpan[]
  noAnswer: number
} {
  const [starts, ends] = [start, end].map(logits => {
    const masked = Array.from(logits, (logit, token) => (allowed[token] ? logit : -10000))
    return softmaxOf(masked)
  }) as [number[], number[]]
  const noAnswer = starts[0]! * ends[0]!
  starts[0] = 0
  ends[0] = 0
  const spans = starts.flatMap((first, from) =>
    ends.slice(from, from + max_answer_len).map((last, i) => ({ score: first * last, start: from, end: from + i })),
  )
  const best = ranking(spans.map(({ score }) => score)).slice(0, top_k)
  const isAnswer = ({ score, start, end }: AnswerSpan): boolean => score > 0 && allowed[start]! && allowed[end]!
  return { spans: best.map(i => spans[i]!).filter(isAnswer), noAnswer }
}
