// Log-probabilities in the form of /v1/completions: lists that grow token by token and are handed out in parts.
import type { PipelineTokenizer } from '../../pipelines/tokenizer.ts'
import type { TokenLogProbability } from './logProbabilities.ts'

/** OpenAI's four lists, one entry for each token. */
export interface CompletionLogprobs {
  readonly tokens: string[]
  readonly token_logprobs: (number | null)[]
  readonly top_logprobs: (Record<string, number> | null)[] | null
  /** Where each token begins in the text. */
  readonly text_offset: number[]
}

/** JSON has no infinities. */
const leastLogprob = -9999

export class LogprobLists {
  readonly #tokenizer: PipelineTokenizer
  readonly #count: number
  #offset: number
  #lists: CompletionLogprobs

  /** `count` likely tokens are told beside each one; `offset` is where the text begins. */
  constructor(tokenizer: PipelineTokenizer, count: number, offset = 0) {
    this.#tokenizer = tokenizer
    this.#count = count
    this.#offset = offset
    this.#lists = emptyLists(count)
  }

  /** `text` is what the token added to the answer. */
  add(text: string, logprob: number | null, best: readonly TokenLogProbability[] | null): void {
    const lists = this.#lists
    lists.tokens.push(text)
    lists.token_logprobs.push(logprob === null ? null : Math.max(logprob, leastLogprob))
    lists.top_logprobs?.push(best && this.#named(best))
    lists.text_offset.push(this.#offset)
    this.#offset += text.length
  }

  #named(best: readonly TokenLogProbability[]): Record<string, number> {
    const pairs = best.map(
      ({ id, logprob }) => [this.#tokenizer.decode([id]), Math.max(logprob, leastLogprob)] as const,
    )
    // Of two tokens with one text the likelier one counts.
    return Object.fromEntries(pairs.toReversed())
  }

  /** What has come since the last call. */
  take(): CompletionLogprobs {
    const lists = this.#lists
    this.#lists = emptyLists(this.#count)
    return lists
  }
}

function emptyLists(count: number): CompletionLogprobs {
  return { tokens: [], token_logprobs: [], top_logprobs: count > 0 ? [] : null, text_offset: [] }
}
