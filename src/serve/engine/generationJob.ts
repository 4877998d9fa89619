// Text generation as text-generation-inference tells it: an event for each token, details at the end.
import { StopStringCriteria, type TokenTexts } from '../../generation/stopping/stopString.ts'
import type { TextGenerationOptions, TextGenerationPipeline } from '../../pipelines/textGeneration.ts'
import { AnswerText, type FinishReason } from './answerText.ts'
import { LogProbabilities } from './logProbabilities.ts'

export interface StreamToken {
  id: number
  text: string
  logprob: number
  special: boolean
}

/** An event of the stream; the last one has the text and the details. */
export interface TextGenerationStreamOutput {
  /** 1 for the first token. */
  index: number
  token: StreamToken
  top_tokens?: StreamToken[]
  generated_text: string | null
  details: StreamDetails | null
}

export interface StreamDetails {
  finish_reason: FinishReason
  generated_tokens: number
  /** Tokens of the prompt. */
  input_length: number
  seed: number | null
}

export interface GenerationWishes {
  readonly options: TextGenerationOptions
  /** So many likely tokens beside each one that was taken. */
  readonly top_n_tokens: number
}

/** JSON has no infinities. */
const leastLogprob = -9999

/** The events of one prompt. Throws what the pipeline throws. */
export async function* generationEvents(
  generator: TextGenerationPipeline,
  prompt: string,
  { options, top_n_tokens }: GenerationWishes,
): AsyncGenerator<TextGenerationStreamOutput, void> {
  const { tokenizer } = generator
  const prepared = generator.prepare(prompt, options)
  const scores = new LogProbabilities()
  const answer = new AnswerText({ decode: prepared.decode, prompt: prepared.input_ids })
  const special = new Set(tokenizer.all_special_ids)
  const told = (id: number, logprob: number, piece?: string): StreamToken => {
    const name = special.has(id) ? tokenizer.convert_ids_to_tokens?.(id) : undefined
    const text = piece || (name ?? piece ?? tokenizer.decode([id]))
    return { id, text, logprob: Math.max(logprob, leastLogprob), special: special.has(id) }
  }
  const ids = [...prepared.input_ids]
  for await (const { step, tokens, ended } of prepared.steps({ logits_processor: scores })) {
    const [id, isEnd] = [tokens[0]!, ended[0]!]
    ids.push(id)
    answer.put(id)
    const whole = options.return_full_text === false ? answer.text : prompt + answer.text
    yield {
      index: step + 1,
      token: told(id, scores.of(0, id), answer.take(isEnd)),
      ...(top_n_tokens > 0 && {
        top_tokens: scores.best(0, top_n_tokens).map(({ id, logprob }) => told(id, logprob)),
      }),
      generated_text: isEnd ? whole : null,
      details: isEnd
        ? {
            finish_reason: reasonOf(generator, prepared.settings, ids),
            generated_tokens: step + 1,
            input_length: prepared.input_ids.length,
            seed: options.seed ?? null,
          }
        : null,
    }
  }
}

/** Why a text ended. */
function reasonOf(
  { model, tokenizer }: TextGenerationPipeline,
  { eos_token_id, stop_strings }: TextGenerationOptions,
  ids: readonly number[],
): FinishReason {
  const ends = [eos_token_id === undefined ? model.generation_config.eos_token_id : eos_token_id].flat()
  if (ends.includes(ids.at(-1)!)) return 'eos_token'
  if (!stop_strings) return 'length'
  const criterion = new StopStringCriteria(tokenizer as typeof tokenizer & TokenTexts, stop_strings)
  return criterion.stop({ ids: [Int32Array.from(ids)], step: 0 })[0] ? 'stop_sequence' : 'length'
}
