// The options of serve(), checked.
import type { BackendName } from '../backend.ts'
import { backendNames } from '../backends/index.ts'
import { ConfigError, nearestName, valueText } from '../errors.ts'

export interface ServeOptions {
  /** 8080 unless given; 0 takes any that is free. */
  port?: number
  /** 127.0.0.1 unless given: nobody but this machine gets in. */
  host?: string
  /** Requests must carry it as `Authorization: Bearer`; without one everybody is answered. */
  token?: string
  /** Where to compute; 'wasm' unless given. */
  backend?: BackendName
  /** Requests that are worked on at once and take turns, token by token; 4 unless given. */
  parallel?: number
  /** Requests that may wait; 64 unless given. The next one gets 503. */
  queue?: number
  /** The most bytes of a request's body; 1 MiB unless given. */
  bodyLimit?: number
  /** Names that requests may call this server beside localhost and addresses. */
  allowedHosts?: readonly string[]
  /** Called after each request. */
  onRequest?: (entry: RequestEntry) => void
  /** Called with errors that are the server's own. */
  onFault?: (error: unknown) => void
}

export interface RequestEntry {
  readonly method: string
  readonly url: string
  /** 0 when the client went away. */
  readonly status: number
  readonly seconds: number
}

export type ServeSettings = Required<Omit<ServeOptions, 'token' | 'onRequest' | 'onFault'>> &
  Pick<ServeOptions, 'token' | 'onRequest' | 'onFault'>

const usual = {
  port: 8080,
  host: '127.0.0.1',
  backend: 'wasm',
  parallel: 4,
  queue: 64,
  bodyLimit: 2 ** 20,
  allowedHosts: [],
} as const satisfies ServeOptions

const names = [...Object.keys(usual), 'token', 'onRequest', 'onFault']

/** Throws ConfigError UNKNOWN_OPTION or OPTION_VALUE. */
export function checkedOptions(options: ServeOptions): ServeSettings {
  const unknown = Object.keys(options).find(name => !names.includes(name))
  if (unknown !== undefined) {
    const near = nearestName(unknown, names)
    throw new ConfigError('UNKNOWN_OPTION', `serve: there is no option ${unknown}`, {
      option: unknown,
      hint: near ? `did you mean ${near}?` : `known: ${names.join(', ')}`,
    })
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as ServeOptions
  const settings = { ...usual, ...given }
  const whole = (name: 'port' | 'parallel' | 'queue' | 'bodyLimit', least: number, most: number): void => {
    const value = settings[name]
    const fits = Number.isInteger(value) && value >= least && value <= most
    if (!fits) throw fault(name, `must be a whole number from ${least} to ${most}`, value)
  }
  whole('port', 0, 65535)
  whole('parallel', 1, 64)
  whole('queue', 0, 100_000)
  whole('bodyLimit', 1, 2 ** 30)
  if (!backendNames.includes(settings.backend)) {
    throw fault('backend', `must be one of ${backendNames.join(', ')}`, settings.backend)
  }
  const { token } = settings
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new ConfigError('OPTION_VALUE', 'serve: token must be visible ASCII characters without spaces', {
      option: 'token',
    })
  }
  return settings
}

function fault(option: string, wanted: string, value: unknown): ConfigError {
  return new ConfigError('OPTION_VALUE', `serve: ${option} ${wanted}, got ${valueText(value)}`, { option })
}
