// Names that come from users, servers and files, before they become part of a path or an address.
import { ConfigError } from '../errors.ts'

const part = /^[\w.-]{1,96}$/

/** Whether a text has the form of a model's name on the hub: `name` or `owner/name`, by huggingface_hub's rules. */
export function isRepositoryName(name: string): boolean {
  const parts = name.split('/')
  return (
    parts.length <= 2 &&
    parts.every(each => part.test(each) && !/^[.-]|[.-]$/.test(each)) &&
    !/--|\.\.|\.git$/.test(name)
  )
}

/** Whether a text is a whole commit: 40 hexadecimal digits in lower case. */
export function isCommit(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{40}$/.test(text)
}

/** Names that are devices on Windows, with any ending. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * Whether a path with `/` stays where it is put, under the rules of every system: no empty parts, `.` or `..`, nothing absolute, no
 * drive, no device, no control characters, no names that Windows would change.
 */
export function isSafePath(path: string): boolean {
  if (path.length > 1024 || /[\\:*?"<>|\p{Cc}]/u.test(path)) return false
  return path.split('/').every(each => each !== '' && !/[. ]$/.test(each) && !device.test(each))
}

/** Throws ConfigError UNSAFE_NAME unless `value` is a safe path; `what` says what it is to be. */
export function checkPath(value: string, what: string): void {
  if (isSafePath(value)) return
  throw new ConfigError('UNSAFE_NAME', `${what} ${JSON.stringify(value)} is no name that can be used`, {
    hint: "it must be relative, with '/' between its parts and no '..'",
  })
}

/** Throws ConfigError UNSAFE_NAME for what cannot be a branch, tag or commit. */
export function checkRevision(revision: string): void {
  checkPath(revision, 'the revision')
  if (!/[\s~^[]|^-|@\{|\.lock$/.test(revision)) return
  throw new ConfigError('UNSAFE_NAME', `the revision ${JSON.stringify(revision)} cannot be a branch, tag or commit`, {
    hint: "such as 'main', 'refs/pr/1' or a commit of 40 digits",
  })
}

/** The folder of a model in the cache: models--owner--name. */
export function cacheFolderName(repository: string): string {
  return `models--${repository.replace('/', '--')}`
}

/** The model that a folder of the cache belongs to; undefined when it is none's. */
export function repositoryOf(folderName: string): string | undefined {
  if (!folderName.startsWith('models--')) return undefined
  const name = folderName.slice('models--'.length).replace('--', '/')
  return isRepositoryName(name) ? name : undefined
}
