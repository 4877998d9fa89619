// The back ends by name: the one place that knows them all.
import type { Backend, BackendName } from '../backend.ts'
import { ConfigError, nearestName, valueText } from '../errors.ts'
import { BaseBackend } from './base.ts'
import { ReferenceBackend } from './reference.ts'
import { TfjsBackend } from './tfjs/tfjs.ts'
import type { WasmOptions } from './wasm/options.ts'
import { WasmBackend } from './wasm/wasm.ts'

/** Options of opening: those of the back end 'wasm'. The others have none. */
export type OpenOptions = WasmOptions

const openers: Readonly<Record<BackendName, (options?: OpenOptions) => Backend>> = {
  reference: () => new ReferenceBackend(),
  wasm: options => WasmBackend.open(options),
  tfjs: () => TfjsBackend.open(),
}

export const backendNames = Object.keys(openers) as readonly BackendName[]

/**
 * Opens a back end with a memory of its own: 'wasm' (fast, the default), 'reference' (plain TypeScript, the definition) or
 * 'tfjs'. Throws ConfigError UNKNOWN_BACKEND, and UNKNOWN_OPTION or OPTION_VALUE for its options.
 */
export async function openBackend(name: BackendName = 'wasm', options?: OpenOptions): Promise<Backend> {
  return open(name, options)
}

function open(name: BackendName, options?: OpenOptions): Backend {
  if (Object.hasOwn(openers, name)) {
    if (options && name !== 'wasm') refuseOptions(name, options)
    return openers[name](options)
  }
  const near = nearestName(String(name), backendNames)
  throw new ConfigError('UNKNOWN_BACKEND', `there is no back end ${valueText(name)}`, {
    hint: near ? `did you mean '${near}'?` : `known: ${backendNames.join(', ')}`,
  })
}

/** Throws ConfigError UNKNOWN_OPTION when there are any. */
function refuseOptions(name: BackendName, options: OpenOptions): void {
  const [unknown] = Object.keys(options)
  if (unknown === undefined) return
  throw new ConfigError('UNKNOWN_OPTION', `the back end '${name}' has no option '${unknown}'`, {
    hint: "options are for the back end 'wasm'",
  })
}

const opened = new Map<BackendName, Backend>()

/**
 * The back end that all models made by name share, opened at the first use with what the environment says, and anew when
 * somebody has disposed of it; a back end itself is given back as it is. Throws ConfigError UNKNOWN_BACKEND for anything
 * else, VitrineError DISPOSED.
 */
export function sharedBackend(backend: Backend | BackendName = 'wasm'): Backend {
  if (typeof backend !== 'string') return checked(backend)
  const shared = opened.get(backend)
  if (shared && !shared.disposed) return shared
  const fresh = open(backend)
  opened.set(backend, fresh)
  return fresh
}

/** @internal Disposes of all back ends that are shared. */
export function disposeShared(): void {
  for (const backend of opened.values()) backend.dispose()
  opened.clear()
}

function checked(backend: Backend): Backend {
  if (!(backend instanceof BaseBackend)) {
    throw new ConfigError(
      'UNKNOWN_BACKEND',
      `backend must be a name or an opened back end, got ${valueText(backend)}`,
      {
        hint: `backend: '${backendNames.join("' or '")}', or await openBackend()`,
      },
    )
  }
  // Throws when it was disposed of.
  backend.scope(() => undefined)
  return backend
}
