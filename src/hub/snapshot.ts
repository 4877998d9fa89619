// A model's folder in the cache with the files that are needed: asked for, fetched, put in place, or taken as they are.
import { join } from 'node:path'
import { chooseForm } from '../checkpoint/weightForms.ts'
import { ConfigError, HubError } from '../errors.ts'
import { warnOnce } from '../warnings.ts'
import { type CachedFolder, cachedFolder } from './cachedFolder.ts'
import { leavesCopy } from './faults.ts'
import { type Fetching, fetchFiles } from './fetchFiles.ts'
import { type Listing, listingUrl, readListing } from './listing.ts'
import { checkPath, checkRevision, isCommit } from './names.ts'
import type { GivenHubOptions } from './options.ts'
import { RepositoryCache } from './repositoryCache.ts'
import { type HubSettings, hubSettings } from './settings.ts'
import { inFolder, plannedFiles, shardsOf, type Wanted } from './wanted.ts'

/** A file of a plan. */
export interface PlannedFile {
  readonly file: string
  readonly size: number
  /** It need not be fetched. */
  readonly isCached: boolean
}

/** One model at one revision, and how it is asked for. */
export class Snapshot {
  readonly #name: string
  readonly #options: GivenHubOptions
  readonly #settings: HubSettings
  readonly #revision: string
  readonly #subfolder: string
  readonly #cache: RepositoryCache

  /** `name` has the form of one on the hub. Throws ConfigError UNSAFE_NAME, and what hubSettings throws. */
  constructor(name: string, options: GivenHubOptions, settings: HubSettings = hubSettings(options)) {
    this.#name = name
    this.#options = options
    this.#settings = settings
    this.#revision = options.revision ?? 'main'
    this.#subfolder = options.subfolder ?? ''
    checkRevision(this.#revision)
    if (this.#subfolder !== '') checkPath(this.#subfolder, 'the subfolder')
    this.#cache = new RepositoryCache(settings.cacheDir, name)
  }

  /**
   * The folder with the wanted files. A copy in the cache is taken without asking when the revision is a commit or when no connection may
   * be opened, and with a warning when the hub cannot be asked. Throws HubError, FileError and ConfigError.
   */
  async folder({ files, ...more }: Wanted): Promise<string> {
    const wanted = { ...more, files: [...new Set(files)] }
    const { force_download: isForced = false } = this.#options
    for (const file of wanted.files) checkPath(file, 'the file')
    if (isForced && this.#settings.isOffline) {
      throw new ConfigError('OPTION_VALUE', 'force_download needs a connection, and none may be opened', {
        hint: 'local_files_only, HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set',
      })
    }
    const copy = isForced ? undefined : cachedFolder(this.#cache, this.#revision, this.#subfolder, wanted)
    if (copy && (this.#settings.isOffline || (copy.isComplete && isCommit(this.#revision)))) return this.#taken(copy)
    if (this.#settings.isOffline) throw this.#offlineFault()
    try {
      return await this.#fetched(await this.#list(copy === undefined), wanted)
    } catch (error) {
      if (!copy || !leavesCopy(error)) throw error
      warnOnce('HUB_COPY_TAKEN', `${error.message}. The copy of '${this.#name}' in the cache is taken.`)
      return this.#taken(copy)
    }
  }

  /** What `folder` would fetch, and what of it is there already. Throws HubError and FileError. */
  async plan(wanted: Wanted): Promise<{ commit: string; files: PlannedFile[] }> {
    if (this.#settings.isOffline) throw this.#offlineFault()
    const listing = await this.#list(true)
    const files = plannedFiles(wanted, this.#namesIn(listing), this.#place).map(name => {
      const file = inFolder(this.#subfolder, name)
      const { size } = listing.files.get(file)!
      return { file, size, isCached: this.#cache.sizeOf(listing.commit, file) === size }
    })
    return { commit: listing.commit, files }
  }

  get #place(): string {
    return this.#subfolder === '' ? this.#name : `${this.#name}/${this.#subfolder}`
  }

  #offlineFault(): HubError {
    const { cacheDir } = this.#settings
    const message = `'${this.#name}' (${this.#revision}) is neither a folder here nor whole in the cache ${cacheDir}`
    return new HubError('OFFLINE', message, {
      hint: 'no connection may be opened: local_files_only, HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set',
      name: this.#name,
      revision: this.#revision,
    })
  }

  /** Tells of a copy's files as if they had just come. */
  #taken({ folder, files }: CachedFolder): string {
    for (const file of files) {
      for (const status of ['initiate', 'done'] as const) {
        this.#options.progress_callback?.({ status, name: this.#name, file })
      }
    }
    return folder
  }

  /** Without patience when there is a copy to fall back on. */
  #list(isPatient: boolean): Promise<Listing> {
    const { endpoint, answerTimeout: timeout, token, tries, backOff } = this.#settings
    const connection = { token, timeout, signal: this.#options.signal }
    const url = listingUrl(endpoint, this.#name, this.#revision)
    return readListing(url, `'${this.#name}'`, connection, { tries: isPatient ? tries : 1, backOff })
  }

  /** Paths of the files in the folder, from there on. */
  #namesIn({ files }: Listing): string[] {
    const start = this.#subfolder === '' ? '' : `${this.#subfolder}/`
    return [...files.keys()].filter(path => path.startsWith(start)).map(path => path.slice(start.length))
  }

  async #fetched(listing: Listing, wanted: Wanted): Promise<string> {
    const names = this.#namesIn(listing)
    const fetching: Fetching = {
      name: this.#name,
      listing,
      cache: this.#cache,
      settings: this.#settings,
      isForced: this.#options.force_download ?? false,
      signal: this.#options.signal,
      tell: this.#options.progress_callback,
    }
    const bring = (files: readonly string[]) =>
      fetchFiles(
        fetching,
        files.map(file => inFolder(this.#subfolder, file)),
      )
    const folder = join(this.#cache.snapshot(listing.commit), this.#subfolder)
    const { files, weights } = wanted
    const form = weights && chooseForm(weights, names, this.#place)
    await bring(files.filter(file => names.includes(file)))
    for (const file of files) {
      if (!names.includes(file)) await this.#cache.markAbsent(listing.commit, inFolder(this.#subfolder, file))
    }
    if (form) {
      wanted.accept?.(folder)
      await bring([form.file])
      if (form.isIndex) await bring(this.#shards(join(folder, form.file), names))
    }
    await this.#cache.setCommit(this.#revision, listing.commit)
    return folder
  }

  /** The files that an index names. Throws HubError ENTRY_NOT_FOUND when the model lacks one. */
  #shards(indexPath: string, names: readonly string[]): string[] {
    const shards = shardsOf(indexPath)
    const missing = shards.filter(shard => !names.includes(shard))
    if (missing.length === 0) return shards
    throw new HubError(
      'ENTRY_NOT_FOUND',
      `'${this.#place}' lacks files that its index names: ${missing.slice(0, 4).join(', ')}`,
      {
        hint: 'the model is incomplete on the hub: tell its owner, or try another revision',
        missing,
      },
    )
  }
}
