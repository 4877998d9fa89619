// What came back: a value, or an error of its kind.
import { RemoteError } from '../errors.ts'

/** Codes by HTTP status; others are REMOTE_FAILED from 500 on and REMOTE_REFUSED below. */
const codes: Readonly<Record<number, string>> = {
  401: 'REMOTE_TOKEN',
  403: 'REMOTE_FORBIDDEN',
  404: 'REMOTE_MISSING',
  413: 'REMOTE_TOO_LARGE',
  429: 'REMOTE_BUSY',
  502: 'REMOTE_BUSY',
  503: 'REMOTE_BUSY',
  504: 'REMOTE_BUSY',
}

/** The JSON of an answer. Throws RemoteError REMOTE_ANSWER when it is none. */
export async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = `remote: ${hostOf(response)} answered what is not JSON: ${text.slice(0, 100)}`
    throw new RemoteError('REMOTE_ANSWER', message, { cause, status: response.status })
  }
}

/** The error that an answer tells of. */
export async function errorOf(response: Response): Promise<RemoteError> {
  const { status } = response
  if (status >= 300 && status < 400) return redirected(response)
  const text = await response.text()
  const told = bodyOf(text)
  const retry_after = secondsOf(response.headers.get('retry-after'))
  const code = codes[status] ?? (status >= 500 ? 'REMOTE_FAILED' : 'REMOTE_REFUSED')
  return new RemoteError(
    code,
    `remote: ${hostOf(response)} answered ${status}: ${told.message ?? text.slice(0, 200)}`,
    {
      status,
      ...(told.code !== undefined && { remote_code: told.code }),
      ...(retry_after !== undefined && { retry_after }),
      ...(told.estimated_time !== undefined && { estimated_time: told.estimated_time }),
      ...(code === 'REMOTE_TOKEN' && { hint: 'pass { token }' }),
    },
  )
}

/** An error that came as an event. */
export function eventError(event: unknown): RemoteError | undefined {
  const { message, code } = toldBy(event)
  if (message === undefined) return undefined
  return new RemoteError('REMOTE_FAILED', `remote: the stream ended with an error: ${message}`, {
    ...(code !== undefined && { remote_code: code }),
  })
}

/** A redirect is not followed: the token belongs to the host that it was given for. */
function redirected(response: Response): RemoteError {
  const to = response.headers.get('location') ?? 'another place'
  return new RemoteError('REMOTE_REDIRECT', `remote: ${hostOf(response)} sends us on to ${to.slice(0, 200)}`, {
    status: response.status,
    hint: 'if that is right, make it the endpoint',
  })
}

interface Told {
  readonly message?: string
  readonly code?: string
  readonly estimated_time?: number
}

function bodyOf(text: string): Told {
  try {
    return toldBy(JSON.parse(text))
  } catch {
    return {}
  }
}

/** `{ error }` with a text, a list of them, or OpenAI's object. */
function toldBy(body: unknown): Told {
  const { error, code, estimated_time } = Object(body)
  const isObject = typeof error === 'object' && error !== null && !Array.isArray(error)
  const inner = isObject ? error : { message: error, code }
  const texts = [inner.message].flat().filter(text => typeof text === 'string')
  return {
    ...(texts.length > 0 && { message: texts.join('; ') }),
    ...(typeof inner.code === 'string' && { code: inner.code }),
    ...(typeof estimated_time === 'number' && { estimated_time }),
  }
}

function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000)
}

function hostOf({ url }: Response): string {
  return URL.canParse(url) ? new URL(url).host : 'the server'
}
