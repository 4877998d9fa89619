// What the environment says about the hub: where it is, where its cache lies, and who is asking. Read at every call.
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { GivenHubOptions } from './options.ts'

export interface HubSettings {
  /** The hub's address, without a slash at the end. */
  readonly endpoint: string
  /** The cache: an absolute path. */
  readonly cacheDir: string
  /** No connection may be opened. */
  readonly isOffline: boolean
  /** For `endpoint` and no other host. */
  readonly token: string | undefined
  /** Milliseconds to wait for the beginning of an answer, and for more of a file. */
  readonly answerTimeout: number
  readonly idleTimeout: number
  /** Tries without any progress, and the milliseconds before the second one, which double from then on. */
  readonly tries: number
  readonly backOff: number
}

type Environment = Readonly<Record<string, string | undefined>>

const home = 'https://huggingface.co'

/** What options and environment say together (huggingface_hub/constants.py). Throws ConfigError HUB_ENDPOINT, HUB_TOKEN or OPTION_VALUE. */
export function hubSettings(options: GivenHubOptions, env: Environment = process.env): HubSettings {
  const endpoint = endpointOf(env)
  const isOffline = (options.local_files_only ?? false) || isTrue(env.HF_HUB_OFFLINE || env.TRANSFORMERS_OFFLINE)
  return {
    endpoint,
    cacheDir: resolve(options.cache_dir === undefined ? cacheDirOf(env) : expanded(options.cache_dir, {})),
    isOffline,
    token: isOffline ? undefined : tokenFor(endpoint, options.token, env),
    answerTimeout: seconds(env.HF_HUB_ETAG_TIMEOUT, 10),
    idleTimeout: seconds(env.HF_HUB_DOWNLOAD_TIMEOUT, 10),
    tries: 5,
    backOff: 500,
  }
}

/** HF_HUB_CACHE, or hub in HF_HOME, or in the usual folder. */
function cacheDirOf(env: Environment): string {
  const given = env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE
  return given ? expanded(given, env) : join(homeFolder(env), 'hub')
}

function homeFolder(env: Environment): string {
  if (env.HF_HOME) return expanded(env.HF_HOME, env)
  return join(env.XDG_CACHE_HOME ? expanded(env.XDG_CACHE_HOME, env) : join(homedir(), '.cache'), 'huggingface')
}

/** A path with ~ and $NAME or ${NAME} replaced, as Python does. */
function expanded(path: string, env: Environment): string {
  const named = path.replaceAll(/\$(?:(\w+)|\{(\w+)\})/g, (text, a, b) => env[a ?? b] ?? text)
  return named.replace(/^~(?=$|[\\/])/, () => homedir())
}

function endpointOf(env: Environment): string {
  const text = env.HF_ENDPOINT || home
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash)
    return url.href.replace(/\/+$/, '')
  throw new ConfigError('HUB_ENDPOINT', `HF_ENDPOINT is '${text}', which is no address of a hub`, {
    hint: `such as ${home}; unset it for that one`,
  })
}

function isTrue(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? '')
}

function seconds(value: string | undefined, usual: number): number {
  const number = Number(value || usual)
  return 1000 * (Number.isFinite(number) && number > 0 ? number : usual)
}

/** A saved token belongs to huggingface.co: to any other address goes only the one that the call gives. */
function tokenFor(endpoint: string, given: string | boolean | undefined, env: Environment): string | undefined {
  if (typeof given === 'string') return checked(given, 'the option token')
  if (given === false || endpoint !== home) return undefined
  if (given === undefined && isTrue(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined
  const saved = savedToken(env)
  if (saved === undefined && given === true) {
    throw new ConfigError('HUB_TOKEN', 'token is true, but no token is saved', {
      hint: 'set HF_TOKEN, or log in with huggingface_hub, which writes the file',
    })
  }
  return saved
}

function savedToken(env: Environment): string | undefined {
  const stated = (env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN || '').trim()
  if (stated !== '') return checked(stated, 'HF_TOKEN')
  const path = env.HF_TOKEN_PATH ? expanded(env.HF_TOKEN_PATH, env) : join(homeFolder(env), 'token')
  const text = readText(path)?.trim()
  return text ? checked(text, path) : undefined
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The token itself is in no message. */
function checked(token: string, place: string): string {
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token
  throw new ConfigError('HUB_TOKEN', `${place} holds characters that no token has`, {
    hint: 'copy it again, without blanks',
  })
}
