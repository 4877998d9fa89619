// What can go wrong with a hub, as errors: by the status of an answer, and by what the network says.
import { HubError } from '../errors.ts'

/** Faults that the next try may not have. */
const passing = ['UNREACHABLE', 'TIMEOUT', 'RATE_LIMITED', 'HUB_FAULT']

export function isPassing(error: unknown): error is HubError {
  return error instanceof HubError && passing.includes(error.code)
}

/** Faults of the hub or of the way there, after which a copy in the cache is as good as it was. */
export function leavesCopy(error: unknown): error is HubError {
  return isPassing(error) || (error instanceof HubError && keeping.includes(error.code))
}

const keeping = ['REPOSITORY_NOT_FOUND', 'GATED', 'FORBIDDEN', 'UNAUTHORIZED', 'HUB_ANSWER']

export interface Asked {
  /** What was asked for. */
  readonly about: string
  readonly host: string
  readonly hasToken: boolean
}

/**
 * The HubError of an answer that is none: REPOSITORY_NOT_FOUND, REVISION_NOT_FOUND, ENTRY_NOT_FOUND, GATED, UNAUTHORIZED,
 * FORBIDDEN, RATE_LIMITED, HUB_FAULT, or HUB_ANSWER for other statuses (huggingface_hub/utils/_http.py).
 */
export function statusFault({ status, headers }: Response, body: string, { about, host, hasToken }: Asked): HubError {
  const fault = (code: string, message: string, hint?: string): HubError =>
    new HubError(code, `${about}: ${message}`, {
      ...(hint !== undefined && { hint }),
      status,
      host,
      ...waitOf(headers),
    })
  const said = `${headers.get('x-error-message') ?? body}`.replaceAll(/\s+/g, ' ').slice(0, 200)
  const kind = headers.get('x-error-code')
  const pass = hasToken
    ? 'check that your token may read it'
    : 'if it is private, set HF_TOKEN to a token that may read it; on an endpoint of your own give the option token'
  if (kind === 'GatedRepo') {
    return fault(
      'GATED',
      `its owner wants to know who uses it (${status})`,
      `accept its conditions on its page at ${host}, and set HF_TOKEN to a token of the same account`,
    )
  }
  if (kind === 'RevisionNotFound') return fault('REVISION_NOT_FOUND', `${host} has the model, but no such revision`)
  if (kind === 'EntryNotFound') return fault('ENTRY_NOT_FOUND', `${host} has the model, but no such file`)
  if (status === 401 && /invalid credentials|invalid (user )?token/i.test(said)) {
    return fault('UNAUTHORIZED', `${host} does not accept the token (401)`, 'make a new one, or set token to false')
  }
  if (kind === 'RepoNotFound' || status === 401 || status === 404) {
    const message = `${about} is neither a folder here nor a model on ${host} that you may see (${status})`
    return new HubError('REPOSITORY_NOT_FOUND', message, { hint: `check the spelling; ${pass}`, status, host })
  }
  if (status === 403) return fault('FORBIDDEN', `${host} refuses (403)${said && `: ${said}`}`, pass)
  if (status === 429) {
    return fault(
      'RATE_LIMITED',
      `${host} has had too many requests (429)`,
      'wait a while; with a token one may ask more often',
    )
  }
  if (status >= 500 || status === 408) return fault('HUB_FAULT', `${host} fails (${status})`, 'try again later')
  return fault('HUB_ANSWER', `${host} answers ${status}`, 'is HF_ENDPOINT the address of a hub?')
}

/** Retry-After in seconds: a number or a date. */
function waitOf(headers: Headers): { retryAfter?: number } {
  const text = headers.get('retry-after')?.trim()
  if (!text) return {}
  const wait = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isFinite(wait) ? { retryAfter: Math.max(0, wait) } : {}
}

/** The HubError UNREACHABLE for what fetch throws. */
export function networkFault(about: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause
  const inner = cause.cause instanceof Error ? cause.cause : cause
  const reason = 'code' in inner ? String(inner.code) : inner.message
  const proxy = unheededProxy()
  return new HubError('UNREACHABLE', `${about}: the connection failed (${reason})`, {
    hint:
      proxy === undefined
        ? 'is there a network? HF_ENDPOINT names another hub or mirror, HF_HUB_OFFLINE=1 takes what the cache has'
        : `${proxy} is set, which Node heeds only when started with NODE_USE_ENV_PROXY=1, and Node 20 never`,
    reason,
    cause,
  })
}

/** The variable that names a proxy which Node was not told to use. */
function unheededProxy(): string | undefined {
  const { NODE_USE_ENV_PROXY, NODE_OPTIONS = '' } = process.env
  if (NODE_USE_ENV_PROXY === '1' || [...process.execArgv, NODE_OPTIONS].join(' ').includes('--use-env-proxy'))
    return undefined
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find(name => process.env[name])
}

/** The HubError TIMEOUT. */
export function silence(about: string, milliseconds: number): HubError {
  return new HubError('TIMEOUT', `${about}: nothing came for ${milliseconds / 1000} s`, {
    hint: 'try again; HF_HUB_DOWNLOAD_TIMEOUT and HF_HUB_ETAG_TIMEOUT set how many seconds to wait',
    timeout: milliseconds / 1000,
  })
}
