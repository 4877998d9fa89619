// POST /v1/completions: prompts continued one after the other, n answers each, told piece by piece.
import { InputError } from '../../errors.ts'
import type { GenerationOptions } from '../../generation/options.ts'
import type { GenerationStep } from '../../generation/outputs.ts'
import { generatedRows } from '../../pipelines/generatedRows.ts'
import type { TextGenerationPipeline } from '../../pipelines/textGeneration.ts'
import { encodeText } from '../../pipelines/tokenizer.ts'
import type { CompletionRequest } from '../openai/completionRequest.ts'
import { AnswerText } from './answerText.ts'
import { CompletionAnswer, type CompletionChoice } from './completionAnswer.ts'
import { LogProbabilities } from './logProbabilities.ts'
import { LogprobLists } from './logprobLists.ts'
import type { Done } from './messages.ts'
import { AnswerPenalties } from './penalties.ts'
import { promptEcho } from './promptEcho.ts'
import type { ServedModel } from './servedModel.ts'

/** The result: how many tokens were read and written. */
export interface CompletionUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

/** Yields pieces of answers, and returns the usage. Throws InputError TOO_LONG, ID_RANGE and what generate() throws. */
export async function* completionJob(
  served: ServedModel,
  request: CompletionRequest,
  signal: AbortSignal,
): AsyncGenerator<CompletionChoice, Done> {
  const generator = await served.pipelineOf('text-generation')
  const prompts = request.prompts.map(prompt => idsOf(generator, prompt, request))
  let completion_tokens = 0
  for (const [place, ids] of prompts.entries()) {
    completion_tokens += yield* answers(generator, ids, { request, first: place * request.n, signal })
  }
  const prompt_tokens = prompts.reduce((sum, { length }) => sum + length, 0)
  const usage: CompletionUsage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
  return { result: usage, tokens: completion_tokens }
}

/** The tokens of a prompt; the [SEP] that BertTokenizer puts behind a text would end it. */
function idsOf(
  { tokenizer, model }: TextGenerationPipeline,
  prompt: string | readonly number[],
  { add_special_tokens, max_tokens }: CompletionRequest,
): readonly number[] {
  const isText = typeof prompt === 'string'
  const encoded = isText ? encodeText(tokenizer, prompt, { add_special_tokens }, 'completions').input_ids : prompt
  const isClosed = isText && add_special_tokens && encoded.length > 0 && encoded.at(-1) === tokenizer.sep_token_id
  const ids = isClosed ? encoded.slice(0, -1) : encoded
  const wanted = ids.length + max_tokens
  // The last token is not read, so it needs no place.
  if (wanted <= model.maxLength + 1) return ids
  const message = `the model has ${model.maxLength} places: ${ids.length} tokens of the prompt and ${max_tokens} of the answer do not fit`
  throw new InputError('TOO_LONG', message, { option: 'max_tokens', tokens: wanted, places: model.maxLength })
}

interface Answering {
  readonly request: CompletionRequest
  /** The index of the first answer. */
  readonly first: number
  readonly signal: AbortSignal
}

/** The answers to one prompt; returns how many tokens they have. */
async function* answers(
  generator: TextGenerationPipeline,
  prompt: readonly number[],
  { request, first, signal }: Answering,
): AsyncGenerator<CompletionChoice, number> {
  const { n, logprobs, echo, max_tokens, stop: stops } = request
  const { tokenizer } = generator
  const decode = decoderOf(generator, request)
  const scores = logprobs === undefined ? undefined : new LogProbabilities()
  const echoed = echo ? promptEcho(generator, prompt, { decode, logprobs }) : undefined
  const ends = [generator.model.generation_config.eos_token_id].flat()
  const rows = Array.from({ length: n }, (_, row) => {
    const lists = scores && new LogprobLists(tokenizer, logprobs ?? 0, echoed?.text.length)
    const text = new AnswerText({ decode, prompt, stops })
    return new CompletionAnswer({ index: first + row, text, lists, isLast: id => ends.includes(id) })
  })
  for (const { index } of rows) if (echoed) yield { index, ...echoed, finish_reason: null }
  if (max_tokens === 0) {
    for (const { index } of rows) yield { index, text: '', logprobs: null, finish_reason: 'length' }
    return 0
  }
  let count = 0
  for await (const { tokens, ended } of steps(generator, prompt, request, { scores, signal })) {
    for (const [row, answer] of rows.entries()) {
      if (answer.hasEnded) continue
      count++
      const id = tokens[row]!
      const chance = scores && { logprob: scores.of(row, id), best: scores.best(row, logprobs!) }
      const choice = answer.put(id, ended[row]!, chance)
      if (choice) yield choice
    }
    // Rows that a stop text has ended are unknown to generate().
    if (rows.every(({ hasEnded }) => hasEnded)) break
  }
  return count
}

function decoderOf(
  { tokenizer }: TextGenerationPipeline,
  { skip_special_tokens, compact }: CompletionRequest,
): (ids: readonly number[]) => string {
  return ids => tokenizer.decode(ids, { skip_special_tokens, ...(compact && { compact }) })
}

interface Stepping {
  readonly scores: LogProbabilities | undefined
  readonly signal: AbortSignal
}

/** The steps of generate() for n answers; without any prompt it begins with the model's bos_token_id. */
async function* steps(
  { model }: TextGenerationPipeline,
  prompt: readonly number[],
  request: CompletionRequest,
  { scores, signal }: Stepping,
): AsyncGenerator<GenerationStep, void> {
  const { n, max_tokens, temperature, top_p, presence_penalty, frequency_penalty, logit_bias, seed } = request
  const isDrawn = temperature > 0
  const isPenalised = presence_penalty !== 0 || frequency_penalty !== 0
  const options: GenerationOptions = {
    max_new_tokens: max_tokens,
    do_sample: isDrawn,
    ...(isDrawn && { temperature, top_p, top_k: 0, num_return_sequences: n }),
    ...request.sampling,
    ...(logit_bias.length > 0 && { sequence_bias: logit_bias.map(([id, bias]) => [[id], bias] as const) }),
    logits_processor: [
      ...(scores ? [scores] : []),
      ...(isPenalised ? [new AnswerPenalties(presence_penalty, frequency_penalty, prompt.length)] : []),
    ],
    ...(seed !== undefined && { seed }),
    signal,
  }
  // Without a draw all answers are the same, and generate() gives one for each prompt.
  const input_ids = Array.from({ length: isDrawn ? 1 : n }, () => [...prompt])
  const output = yield* model.stream(prompt.length > 0 ? { input_ids } : {}, options)
  generatedRows(output)
}
