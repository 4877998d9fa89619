// The body of POST /v1/completions, checked: OpenAI's fields, and some of Hugging Face's beside them.

import { RequestFields } from '../requestFields.ts'
import { badField } from '../serveError.ts'

export interface CompletionRequest {
  readonly kind: 'completion'
  readonly model: string
  /** Texts, or their tokens. */
  readonly prompts: readonly (string | readonly number[])[]
  readonly max_tokens: number
  readonly temperature: number
  readonly top_p: number
  /** Answers for each prompt. */
  readonly n: number
  readonly stream: boolean
  readonly include_usage: boolean
  /** So many of the likeliest tokens at each place; undefined for no log-probabilities at all. */
  readonly logprobs: number | undefined
  /** The prompt belongs to the text. */
  readonly echo: boolean
  readonly stop: readonly string[]
  readonly presence_penalty: number
  readonly frequency_penalty: number
  /** Numbers that are added to the scores of tokens. */
  readonly logit_bias: readonly (readonly [id: number, bias: number])[]
  readonly seed: number | undefined
  /** Hugging Face's names, for generate(). */
  readonly sampling: Readonly<Record<string, number>>
  /** For the tokenizer. */
  readonly add_special_tokens: boolean
  readonly skip_special_tokens: boolean
  readonly compact: boolean
}

/** At most so many answers, and prompts, in one request. */
const mostAnswers = 128
const mostPrompts = 256

/** Throws ServeError 400. */
export function completionRequest(body: unknown): CompletionRequest {
  const fields = new RequestFields(body)
  const n = fields.whole('n', { least: 1, most: mostAnswers }) ?? 1
  const stream = fields.boolean('stream') ?? false
  const request: CompletionRequest = {
    kind: 'completion',
    model: fields.text('model') ?? '',
    prompts: promptsOf(fields.value('prompt')),
    max_tokens: fields.whole('max_tokens') ?? 16,
    temperature: fields.number('temperature', { least: 0, most: 2 }) ?? 1,
    top_p: fields.number('top_p', { least: 0, most: 1 }) ?? 1,
    n,
    stream,
    include_usage: usageOf(fields.value('stream_options'), stream),
    logprobs: fields.whole('logprobs', { most: 20 }),
    echo: fields.boolean('echo') ?? false,
    stop: stopsOf(fields.value('stop')),
    presence_penalty: fields.number('presence_penalty', { least: -2, most: 2 }) ?? 0,
    frequency_penalty: fields.number('frequency_penalty', { least: -2, most: 2 }) ?? 0,
    logit_bias: biasOf(fields.object('logit_bias')),
    seed: fields.whole('seed'),
    sampling: samplingOf(fields),
    add_special_tokens: fields.boolean('add_special_tokens') ?? true,
    skip_special_tokens: fields.boolean('skip_special_tokens') ?? true,
    compact: fields.boolean('compact') ?? false,
  }
  fields.only('best_of', n, 'every answer is returned, so best_of can only be n')
  fields.only('suffix', '', 'these models do not fill in the middle of a text')
  fields.ignore('user')
  fields.end()
  return request
}

function promptsOf(prompt: unknown): (string | number[])[] {
  if (typeof prompt === 'string') return [prompt]
  if (isTokens(prompt)) return [prompt]
  const isList = Array.isArray(prompt) && prompt.length > 0
  if (isList && (prompt.every(one => typeof one === 'string') || prompt.every(isTokens))) {
    if (prompt.length <= mostPrompts) return prompt
    throw badField('prompt', `there are ${prompt.length} prompts, at most ${mostPrompts} fit into a request`)
  }
  throw badField('prompt', 'prompt must be a text, a list of texts, a list of token ids or a list of such lists')
}

function isTokens(prompt: unknown): prompt is number[] {
  return Array.isArray(prompt) && prompt.length > 0 && prompt.every(id => Number.isInteger(id))
}

function stopsOf(stop: unknown): string[] {
  const stops: unknown[] = stop === undefined ? [] : [stop].flat()
  if (stops.length <= 4 && stops.every(text => typeof text === 'string' && text !== '')) return stops as string[]
  throw badField('stop', 'stop must be a text or up to four, none of them empty')
}

function usageOf(options: unknown, stream: boolean): boolean {
  if (options === undefined) return false
  if (!stream) throw badField('stream_options', 'stream_options goes with stream: true')
  const fields = new RequestFields(options)
  const usage = fields.boolean('include_usage') ?? false
  fields.end()
  return usage
}

function biasOf(given: Readonly<Record<string, unknown>>): [number, number][] {
  return Object.entries(given).map(([token, bias]) => {
    const isBias = typeof bias === 'number' && bias >= -100 && bias <= 100
    if (/^\d{1,9}$/.test(token) && isBias) return [Number(token), bias]
    throw badField('logit_bias', 'logit_bias must be an object of token ids and numbers from -100 to 100')
  })
}

function samplingOf(fields: RequestFields): Record<string, number> {
  const given = {
    top_k: fields.whole('top_k'),
    min_p: fields.number('min_p', { least: 0, most: 1 }),
    typical_p: fields.number('typical_p', { least: 0, most: 1 }),
    repetition_penalty: fields.number('repetition_penalty', { least: 0 }),
    no_repeat_ngram_size: fields.whole('no_repeat_ngram_size'),
    min_new_tokens: fields.whole('min_tokens'),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<string, number>
}
