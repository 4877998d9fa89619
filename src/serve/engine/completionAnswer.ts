// One of the answers of /v1/completions: pieces of text as they become certain, and why it ended.
import type { AnswerText } from './answerText.ts'
import type { TokenLogProbability } from './logProbabilities.ts'
import type { CompletionLogprobs, LogprobLists } from './logprobLists.ts'

/** A part of an answer. */
export interface CompletionChoice {
  readonly index: number
  readonly text: string
  readonly logprobs: CompletionLogprobs | null
  readonly finish_reason: 'stop' | 'length' | null
}

interface AnswerParts {
  readonly index: number
  readonly text: AnswerText
  readonly lists: LogprobLists | undefined
  /** Whether a token ends texts. */
  readonly isLast: (id: number) => boolean
}

/** How likely a token was, and which were the likeliest. */
export interface Chance {
  readonly logprob: number
  readonly best: readonly TokenLogProbability[]
}

export class CompletionAnswer {
  readonly #parts: AnswerParts
  #hasEnded = false

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  get index(): number {
    return this.#parts.index
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Takes a token, the last one or not; gives what has become certain with it, if anything has. */
  put(id: number, isEnd: boolean, chance: Chance | undefined): CompletionChoice | undefined {
    const { index, text, lists, isLast } = this.#parts
    const before = text.text.length
    text.put(id)
    if (chance) lists?.add(text.text.slice(before), chance.logprob, chance.best)
    this.#hasEnded = isEnd || text.isStopped
    const piece = text.take(this.#hasEnded)
    if (piece === '' && !this.#hasEnded) return undefined
    const reason = text.isStopped || isLast(id) ? 'stop' : 'length'
    return { index, text: piece, logprobs: lists?.take() ?? null, finish_reason: this.#hasEnded ? reason : null }
  }
}
