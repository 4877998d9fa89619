// The options of remote(), checked.
import { ConfigError, nearestName, valueText } from '../errors.ts'

export interface RemoteOptions {
  /** Where to call: 'http://127.0.0.1:8080', '…/v1' for OpenAI's form; Hugging Face's inference API unless given. */
  endpoint?: string
  /** Goes to the endpoint as a Bearer token, and nowhere else. */
  token?: string
  /** A task other than the model's usual one, such as 'feature-extraction'. */
  task?: string
  /** Parameters of the task; in OpenAI's form more fields of the body. */
  parameters?: Readonly<Record<string, unknown>>
  /** The answer in parts as they come. */
  stream?: boolean
  /** Ends the call, and the work at the other end. */
  signal?: AbortSignal
  /** How often a call is sent again when the server is busy or loading; 5 unless given. At most twice when it is not there. */
  retries?: number
  /** Seconds that all the waiting between these may take; 120 unless given. */
  max_wait?: number
  /** Seconds that one attempt may take; no limit unless given. */
  timeout?: number
  /** In the place of the global fetch. */
  fetch?: typeof globalThis.fetch
}

const names = [
  ...(['endpoint', 'token', 'task', 'parameters', 'stream', 'signal', 'retries', 'max_wait', 'timeout'] as const),
  'fetch',
] satisfies (keyof RemoteOptions)[]

/** Throws ConfigError UNKNOWN_OPTION or OPTION_VALUE. */
export function checkOptions(options: RemoteOptions): void {
  const unknown = Object.keys(options).find(name => !(names as readonly string[]).includes(name))
  if (unknown !== undefined) {
    const near = nearestName(unknown, names)
    throw new ConfigError('UNKNOWN_OPTION', `remote: there is no option ${unknown}`, {
      option: unknown,
      hint: near ? `did you mean ${near}?` : `known: ${names.join(', ')}`,
    })
  }
  const { token, parameters, signal, retries, max_wait, timeout } = options
  const isToken = token === undefined || (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token))
  // A token does not stand in messages.
  if (!isToken) throw fault('token', 'must be visible ASCII characters')
  const isObject = parameters === undefined || (typeof parameters === 'object' && parameters !== null)
  if (!isObject) throw fault('parameters', `must be an object, got ${valueText(parameters)}`)
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw fault('signal', 'must be an AbortSignal')
  for (const [name, value] of Object.entries({ retries, max_wait, timeout })) {
    if (value === undefined || (typeof value === 'number' && value >= 0)) continue
    throw fault(name, `must be a number from 0 on, got ${valueText(value)}`)
  }
}

function fault(option: string, what: string): ConfigError {
  return new ConfigError('OPTION_VALUE', `remote: ${option} ${what}`, { option })
}
