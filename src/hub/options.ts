// The options of from_pretrained that are about where a model comes from, in Hugging Face's names.
import { ConfigError, valueText } from '../errors.ts'
import type { ProgressCallback } from '../progress.ts'

export interface HubOptions {
  /** The folder of the cache; HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub unless given. */
  cache_dir?: string | null
  /** A branch, a tag or a commit; 'main' unless given. */
  revision?: string | null
  /** A folder inside the model's folder. */
  subfolder?: string | null
  /** true: take what the cache has and open no connection. */
  local_files_only?: boolean | null
  /**
   * What proves who you are: a token, false for none, true for the saved one. Unless given the saved one (HF_TOKEN or the file
   * HF_HOME/token) is used where there is one. Saved tokens go to huggingface.co alone, a token that is given to HF_ENDPOINT.
   */
  token?: string | boolean | null
  /** true: fetch the files again although the cache has them. */
  force_download?: boolean | null
  /** Told how far the download has come, in transformers.js's events. */
  progress_callback?: ProgressCallback | null
  /**
   * Ends the download and, of a model, the reading of its weights: the promise rejects with the signal's reason, and
   * what had come of the file, or was in memory, is removed.
   */
  signal?: AbortSignal | null
}

/** The options that were given. */
export type GivenHubOptions = { [name in keyof HubOptions]?: NonNullable<HubOptions[name]> }

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isFlag = (value: unknown): boolean => typeof value === 'boolean'

/** Each option with what it may be. */
const checks: Readonly<Record<keyof HubOptions, readonly [fits: (value: unknown) => boolean, wanted: string]>> = {
  cache_dir: [isText, 'the path of a folder'],
  revision: [isText, "a branch, a tag or a commit, such as 'main'"],
  subfolder: [value => typeof value === 'string', 'the name of a folder'],
  local_files_only: [isFlag, 'true or false'],
  token: [value => isFlag(value) || isText(value), 'a token, true or false'],
  force_download: [isFlag, 'true or false'],
  progress_callback: [value => typeof value === 'function', 'a function'],
  signal: [value => value instanceof AbortSignal, 'an AbortSignal, the `signal` of an AbortController'],
}

export const hubOptionNames: readonly string[] = Object.keys(checks)

/** Takes these options out of all; `others` are the rest. null and undefined are as good as not given. Throws ConfigError OPTION_VALUE. */
export function hubOptions<O extends object>(options: O): [own: GivenHubOptions, others: O] {
  const entries = Object.entries(options)
  const own = entries.filter(([name, value]) => hubOptionNames.includes(name) && value !== undefined && value !== null)
  for (const [name, value] of own) {
    const [fits, wanted] = checks[name as keyof HubOptions]
    if (fits(value)) continue
    const shown = name === 'token' ? typeof value : valueText(value)
    throw new ConfigError('OPTION_VALUE', `from_pretrained: ${name} must be ${wanted}, got ${shown}`, { option: name })
  }
  const others = entries.filter(([name]) => !hubOptionNames.includes(name))
  return [Object.fromEntries(own), Object.fromEntries(others) as O]
}

/** What a model's loading heeds when its folder is there: who is told of it, and what ends it. */
export function hubOptionsOfFolder({ progress_callback, signal }: GivenHubOptions): GivenHubOptions {
  return { ...(progress_callback && { progress_callback }), ...(signal && { signal }) }
}
