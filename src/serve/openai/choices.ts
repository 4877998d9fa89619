// Answers whose pieces came one after the other, each as a whole.
import type { CompletionChoice } from '../engine/completionAnswer.ts'
import type { CompletionLogprobs } from '../engine/logprobLists.ts'

/** The `count` choices that pieces in any order make. */
export function joinedChoices(pieces: readonly CompletionChoice[], count: number): CompletionChoice[] {
  return Array.from({ length: count }, (_, index) => {
    const own = pieces.filter(piece => piece.index === index)
    return {
      text: own.map(({ text }) => text).join(''),
      index,
      logprobs: joinedLogprobs(own.flatMap(({ logprobs }) => (logprobs ? [logprobs] : []))),
      finish_reason: own.at(-1)?.finish_reason ?? null,
    }
  })
}

function joinedLogprobs(lists: readonly CompletionLogprobs[]): CompletionLogprobs | null {
  if (lists.length === 0) return null
  return {
    tokens: lists.flatMap(({ tokens }) => tokens),
    token_logprobs: lists.flatMap(({ token_logprobs }) => token_logprobs),
    top_logprobs: lists[0]!.top_logprobs && lists.flatMap(({ top_logprobs }) => top_logprobs ?? []),
    text_offset: lists.flatMap(({ text_offset }) => text_offset),
  }
}
