// Finding tfjs-node and loading it. It is nobody's dependency: what is there is used, what is not is told with the next step.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import util from 'node:util'
import { VitrineError } from '../../errors.ts'
import type { TfjsNode, TfKernelBackend } from './tfjsNode.ts'

const packageName = '@tensorflow/tfjs-node'

/** Where scripts/setup-tfjs.mjs puts tfjs-node: VITRINE_TFJS, or a folder in the user's cache. */
export function tfjsFolder(): string {
  const { VITRINE_TFJS, XDG_CACHE_HOME } = process.env
  return VITRINE_TFJS || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'vitrine', 'tfjs')
}

/** The folder of this package: the nearest one above with a package.json. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** The command that installs tfjs-node, for the folder in which the user stands. */
export function setupCommand(): string {
  const script = join(packageFolder(), 'scripts', 'setup-tfjs.mjs')
  const path = relative(process.cwd(), script)
  if (path === join('scripts', 'setup-tfjs.mjs')) return 'npm run setup:tfjs'
  return `node ${path.startsWith('..') ? script : path}`
}

/** tfjs-node, the file it was loaded from, and the folder whose node_modules has it. */
export interface FoundTfjs {
  readonly tfjs: TfjsNode
  readonly path: string
  readonly folder: string
}

let found: FoundTfjs | undefined

/**
 * tfjs-node, the one that the back end 'tfjs' runs on: the user's project's, else the one that the set-up has installed. Loading it
 * takes some tenths of a second. `T` is its type where the project has it: typeof import('@tensorflow/tfjs-node'). Throws
 * VitrineError BACKEND_MISSING with the command that installs it.
 */
export function loadTfjs<T = TfjsNode>(): T & TfjsNode {
  return findTfjs().tfjs as T & TfjsNode
}

/** Its native back end. */
export function loadTensorFlow(): TfKernelBackend {
  const tensorflow = loadTfjs().findBackend('tensorflow')
  if (tensorflow) return tensorflow
  throw new VitrineError('BACKEND_MISSING', `${packageName} has no back end 'tensorflow'`)
}

/** Loaded once for each process. Throws VitrineError BACKEND_MISSING. */
export function findTfjs(): FoundTfjs {
  found ??= searchTfjs()
  return found
}

function searchTfjs(): FoundTfjs {
  const folders = process.env.VITRINE_TFJS ? [tfjsFolder()] : [packageFolder(), tfjsFolder()]
  const faults: string[] = []
  let cause: unknown
  for (const folder of new Set(folders)) {
    try {
      return requireFrom(folder)
    } catch (error) {
      cause = error
      faults.push(`${folder} (${reasonOf(error)})`)
    }
  }
  const message = `the back end 'tfjs' needs ${packageName}; looked for in ${faults.join(', ')}`
  throw new VitrineError('BACKEND_MISSING', message, { cause, hint: `run: ${setupCommand()}` })
}

function requireFrom(folder: string): FoundTfjs {
  const require = createRequire(join(folder, 'index.js'))
  const path = require.resolve(packageName)
  giveBackUtil()
  const level = process.env.TF_CPP_MIN_LOG_LEVEL
  // TensorFlow says on stderr which instructions it uses, unless it is told not to.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'
  try {
    return { tfjs: require(path), path, folder }
  } finally {
    if (level === undefined) delete process.env.TF_CPP_MIN_LOG_LEVEL
  }
}

/** Two functions that tfjs-node 4 calls and that Node has no more from version 23 on. */
function giveBackUtil(): void {
  const lost = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  }
  for (const [name, value] of Object.entries(lost)) {
    if (!(name in util)) Object.defineProperty(util, name, { value, configurable: true, writable: true })
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isAbsent = 'code' in error && error.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${packageName}'`)
  return isAbsent ? 'not installed' : error.message.split('\n')[0]!
}
