// The only file that opens a connection: one GET, its redirects followed by rules, its silence limited.
import { HubError } from '../errors.ts'
import { networkFault, silence, statusFault } from './faults.ts'

export interface Connection {
  /** Sent to the host of the first address and to no other. */
  readonly token: string | undefined
  /** Milliseconds of silence after which an answer or its rest is given up. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The body in pieces. Throws HubError UNREACHABLE or TIMEOUT, and the reason of the signal. */
  chunks(): AsyncGenerator<Uint8Array, void>
}

const mostRedirects = 5

/**
 * Asks for an address. `about` is what it is, for messages. Throws HubError for every answer but 200, 206 and 416 (see statusFault),
 * and UNREACHABLE, TIMEOUT, UNSAFE_REDIRECT or REDIRECT_LOOP; the reason of the signal.
 */
export async function request(
  url: URL,
  about: string,
  { token, timeout, signal }: Connection,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const watch = new Watch(timeout, signal, `${url.host}: ${about}`)
  let at = url
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const own = token !== undefined && at.origin === url.origin ? { authorization: `Bearer ${token}` } : {}
    const response = await watch.during(() =>
      fetch(at, {
        redirect: 'manual',
        signal: watch.signal,
        // Sizes and hashes are those of the file, not of what a server makes of it.
        headers: { 'accept-encoding': 'identity', 'user-agent': 'vitrine', ...headers, ...own },
      }),
    )
    const location = response.headers.get('location')
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel()
      at = redirected(at, location, about)
      continue
    }
    if (response.ok || response.status === 416) return answerOf(response, watch)
    const text = await watch.during(() => beginning(response))
    throw statusFault(response, text, { about, host: at.host, hasToken: token !== undefined })
  }
  throw new HubError('REDIRECT_LOOP', `${about}: ${url.host} sends from one address to the next without an end`, {
    url: url.href,
  })
}

/** The next address. A hub outside may not send into the own machine or network, nor from https back to http. */
function redirected(from: URL, location: string, about: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  const isSafe =
    to !== undefined &&
    /^https?:$/.test(to.protocol) &&
    !(from.protocol === 'https:' && to.protocol === 'http:') &&
    (isPrivate(from.hostname) || !isPrivate(to.hostname))
  if (isSafe) return to
  throw new HubError(
    'UNSAFE_REDIRECT',
    `${about}: ${from.host} sends to '${location.slice(0, 80)}', which is not followed`,
    {
      hint: 'is HF_ENDPOINT the address of a hub, or a proxy in between?',
      location,
    },
  )
}

/** Whether a host is this machine or one of the own network, as far as its address alone tells. */
export function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  if (host.includes(':')) return /^(::1?$|f[cd]|fe[89ab]|::ffff:)/.test(host)
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(host)) return false
  const [a = 0, b = 0] = host.split('.').map(Number)
  return (
    [0, 10, 127].includes(a) || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254)
  )
}

function answerOf(response: Response, watch: Watch): Answer {
  return {
    status: response.status,
    headers: response.headers,
    async *chunks() {
      const reader = response.body?.getReader()
      if (!reader) return
      try {
        for (;;) {
          const { done, value } = await watch.during(() => reader.read())
          if (done) return
          yield value
        }
      } finally {
        // Whoever stops early has no use for the rest, nor for how its end goes.
        await reader.cancel().catch(() => undefined)
      }
    },
  }
}

/** As much of an error's page as a message may need. */
async function beginning(response: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > 2000) break
  }
  return text
}

/** Ends a request that says nothing for too long, or that nobody wants any more. */
class Watch {
  readonly signal: AbortSignal
  readonly #timeout: number
  readonly #user: AbortSignal | undefined
  readonly #about: string
  readonly #end = new AbortController()

  constructor(timeout: number, user: AbortSignal | undefined, about: string) {
    this.#timeout = timeout
    this.#user = user
    this.#about = about
    this.signal = user ? AbortSignal.any([user, this.#end.signal]) : this.#end.signal
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#user?.throwIfAborted()
    const timer = setTimeout(() => this.#end.abort(silence(this.#about, this.#timeout)), this.#timeout)
    try {
      return await work()
    } catch (error) {
      this.#user?.throwIfAborted()
      if (this.#end.signal.aborted) throw this.#end.signal.reason
      throw networkFault(this.#about, error)
    } finally {
      clearTimeout(timer)
    }
  }
}
