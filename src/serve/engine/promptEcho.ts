// The prompt as the beginning of an answer, with what the model thought of its tokens.
import type { TextGenerationPipeline } from '../../pipelines/textGeneration.ts'
import { bestOf, logSum } from './logProbabilities.ts'
import { type CompletionLogprobs, LogprobLists } from './logprobLists.ts'

interface EchoOptions {
  readonly decode: (ids: readonly number[]) => string
  /** So many likely tokens at each place; undefined for no log-probabilities. */
  readonly logprobs: number | undefined
}

/** The first token has no log-probability: nothing stood before it. */
export function promptEcho(
  generator: TextGenerationPipeline,
  ids: readonly number[],
  { decode, logprobs }: EchoOptions,
): { text: string; logprobs: CompletionLogprobs | null } {
  const text = decode(ids)
  if (logprobs === undefined || ids.length === 0) return { text, logprobs: null }
  const lists = new LogprobLists(generator.tokenizer, logprobs)
  const logits = logitsOf(generator, ids)
  let length = 0
  for (const [place, id] of ids.entries()) {
    const end = decode(ids.slice(0, place + 1)).length
    const before = logits[place - 1]
    lists.add(
      text.slice(length, end),
      before ? before[id]! - logSum(before) : null,
      before ? bestOf(before, logprobs) : null,
    )
    length = Math.max(length, end)
  }
  return { text, logprobs: lists.take() }
}

/** The scores (T, V) behind each token. */
function logitsOf({ model }: TextGenerationPipeline, ids: readonly number[]): Float32Array[] {
  return model.backend.scope(() => {
    const shape = { shape: [1, ids.length], dtype: 'int32' } as const
    const { backend, vocabularySize: V } = model
    const places = ids.map((_, place) => place)
    const { logits } = model.forward({
      input_ids: backend.tensor([...ids], shape),
      attention_mask: backend.tensor(
        ids.map(() => 1),
        shape,
      ),
      position_ids: backend.tensor(places, shape),
      ...{ use_cache: false, logits_to_keep: 0, output_hidden_states: false, output_attentions: false },
      return_dict: true,
    })
    const data = Float32Array.from(logits.data)
    return ids.map((_, place) => data.subarray(place * V, (place + 1) * V))
  })
}
