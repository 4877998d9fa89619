// remote(): a model on a server, called as the pipelines here are: our own server, Hugging Face's inference API, or one that
// speaks OpenAI's /v1/completions and /v1/embeddings.
import { RemoteError } from '../errors.ts'
import { eventError, jsonOf } from './answer.ts'
import { persistent } from './attempts.ts'
import { destinationOf, tokenFor } from './endpoint.ts'
import { jsonEvents } from './events.ts'
import { checkOptions, type RemoteOptions } from './options.ts'

type Streaming = RemoteOptions & { stream: true }

/**
 * Sends inputs to a model and gives what the server answers; with `stream: true` its events one by one. A server that is busy or
 * loading is asked again. Throws ConfigError for options that cannot be, RemoteError REMOTE_UNREACHABLE, REMOTE_TIMEOUT,
 * REMOTE_TOKEN, REMOTE_FORBIDDEN, REMOTE_MISSING, REMOTE_REFUSED, REMOTE_TOO_LARGE, REMOTE_BUSY, REMOTE_FAILED, REMOTE_REDIRECT or REMOTE_ANSWER,
 * and the reason of `signal`.
 */
export function remote<Event = unknown>(model: string, inputs: unknown, options: Streaming): AsyncGenerator<Event, void>
export function remote<Result = unknown>(model: string, inputs: unknown, options?: RemoteOptions): Promise<Result>
export function remote(
  model: string,
  inputs: unknown,
  options: RemoteOptions = {},
): Promise<unknown> | AsyncGenerator<unknown, void> {
  return options.stream ? streamed(model, inputs, options) : whole(model, inputs, options)
}

async function whole(model: string, inputs: unknown, options: RemoteOptions): Promise<unknown> {
  const response = await call(model, inputs, options)
  try {
    return await jsonOf(response)
  } catch (error) {
    throw brokenOff(error, options)
  }
}

async function* streamed(model: string, inputs: unknown, options: RemoteOptions): AsyncGenerator<unknown, void> {
  const response = await call(model, inputs, options)
  const { body } = response
  if (!body || !/^text\/event-stream/.test(response.headers.get('content-type') ?? '')) {
    throw new RemoteError('REMOTE_ANSWER', 'remote: the server gave no stream of events', { status: response.status })
  }
  try {
    for await (const event of jsonEvents(body)) {
      const error = eventError(event)
      if (error) throw error
      yield event
    }
  } catch (error) {
    throw brokenOff(error, options)
  }
}

/** The error of an answer that broke off. */
function brokenOff(error: unknown, { signal }: RemoteOptions): unknown {
  if (signal?.aborted) return signal.reason
  if (error instanceof RemoteError) return error
  return new RemoteError('REMOTE_UNREACHABLE', 'remote: the answer broke off', { cause: error })
}

/** Sends the call until there is an answer. */
async function call(model: string, inputs: unknown, options: RemoteOptions): Promise<Response> {
  checkOptions(options)
  const { endpoint, task, token: own, signal, timeout, retries = 5, max_wait = 120, stream = false } = options
  const { url, isOpenAI } = destinationOf({ model, endpoint, task })
  const token = tokenFor(url, own)
  const headers = {
    'Content-Type': 'application/json',
    Accept: stream ? 'text/event-stream' : 'application/json',
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  }
  const send = (attempt: number): Promise<Response> => {
    const body = isOpenAI ? openAIBody(model, inputs, options) : inferenceBody(inputs, options, attempt > 0)
    const limits = [
      ...(signal ? [signal] : []),
      ...(timeout === undefined ? [] : [AbortSignal.timeout(1000 * timeout)]),
    ]
    return (options.fetch ?? fetch)(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      redirect: 'manual',
      ...(limits.length > 0 && { signal: AbortSignal.any(limits) }),
    })
  }
  return persistent(send, { retries, max_wait, signal })
}

/** After a first refusal the server is asked to hold the call until its model is loaded. */
function inferenceBody(inputs: unknown, { parameters, stream }: RemoteOptions, wait_for_model: boolean): object {
  return {
    inputs,
    ...(parameters && { parameters }),
    ...(wait_for_model && { options: { wait_for_model } }),
    ...(stream && { stream }),
  }
}

function openAIBody(model: string, inputs: unknown, { parameters, stream, task }: RemoteOptions): object {
  const input = task === 'feature-extraction' ? { input: inputs } : { prompt: inputs }
  return { model, ...input, ...parameters, ...(stream && { stream }) }
}
