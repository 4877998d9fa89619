// Where a call goes, in which form, and whether a token may go there.
import { ConfigError, valueText } from '../errors.ts'
import { warnOnce } from '../warnings.ts'

/** The inference API of Hugging Face. */
const huggingFace = 'https://router.huggingface.co/hf-inference'

export interface Destination {
  readonly url: URL
  /** OpenAI's form, which endpoints ending in /v1 have, or that of the inference API. */
  readonly isOpenAI: boolean
}

/** What a call is about, as far as its address depends on it. */
export interface Target {
  readonly model: string
  readonly endpoint?: string | undefined
  readonly task?: string | undefined
}

/**
 * Without an endpoint the environment's HF_INFERENCE_ENDPOINT counts, or else Hugging Face's own. Throws ConfigError ENDPOINT or
 * MODEL_NAME.
 */
export function destinationOf({ model, endpoint, task }: Target): Destination {
  const base = baseOf(endpoint ?? environment('HF_INFERENCE_ENDPOINT') ?? huggingFace)
  const path = base.pathname.replace(/\/+$/, '')
  const isOpenAI = path.endsWith('/v1')
  const name = pathOf(model)
  const route = isOpenAI
    ? task === 'feature-extraction'
      ? '/embeddings'
      : '/completions'
    : `/models/${name}${task === undefined ? '' : `/pipeline/${encodeURIComponent(task)}`}`
  const url = new URL(base)
  url.pathname = path + route
  return { url, isOpenAI }
}

function baseOf(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const fits = url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === ''
  if (fits) return url
  throw new ConfigError('ENDPOINT', `remote: endpoint must be a URL of http or https, got ${valueText(endpoint)}`, {
    option: 'endpoint',
    hint: "'http://127.0.0.1:8080' is where vitrine serve listens",
  })
}

function pathOf(model: string): string {
  const parts = typeof model === 'string' ? model.split('/') : ['']
  if (parts.every(part => !/^\.*$/.test(part))) return parts.map(encodeURIComponent).join('/')
  throw new ConfigError('MODEL_NAME', `remote: ${valueText(model)} is no name of a model`)
}

/** The token for a place: the caller's own, or Hugging Face's of the environment, which goes to Hugging Face alone. */
export function tokenFor({ protocol, hostname }: URL, own: string | undefined): string | undefined {
  const isHuggingFace = protocol === 'https:' && /(^|\.)huggingface\.co$/.test(hostname)
  const token = own ?? (isHuggingFace ? environment('HF_TOKEN') : undefined)
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
  if (token !== undefined && protocol === 'http:' && !isHere) {
    warnOnce('TOKEN_PLAIN', `remote: the token goes to ${hostname} over http, where others can read it.`)
  }
  return token
}

function environment(name: string): string | undefined {
  return globalThis.process?.env[name] || undefined
}
