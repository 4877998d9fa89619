// The back ends by name: the one place that knows them all.
import type { Backend, BackendName } from '../backend.ts'
import { ConfigError, nearestName, valueText } from '../errors.ts'
import { BaseBackend } from './base.ts'
import { ReferenceBackend } from './reference.ts'
import { TfjsBackend } from './tfjs/tfjs.ts'
import { WasmBackend } from './wasm/wasm.ts'

const openers: Readonly<Record<BackendName, () => Backend>> = {
  reference: () => new ReferenceBackend(),
  wasm: () => WasmBackend.open(),
  tfjs: () => TfjsBackend.open(),
}

export const backendNames = Object.keys(openers) as readonly BackendName[]

/**
 * Opens a back end with a memory of its own: 'wasm' (fast, the default) or 'reference' (plain TypeScript, the
 * definition). Throws ConfigError UNKNOWN_BACKEND.
 */
export async function openBackend(name: BackendName = 'wasm'): Promise<Backend> {
  return open(name)
}

function open(name: BackendName): Backend {
  if (Object.hasOwn(openers, name)) return openers[name]()
  const near = nearestName(String(name), backendNames)
  throw new ConfigError('UNKNOWN_BACKEND', `there is no back end ${valueText(name)}`, {
    hint: near ? `did you mean '${near}'?` : `known: ${backendNames.join(', ')}`,
  })
}

const opened = new Map<BackendName, Backend>()

/**
 * The back end that all models made by name share, opened at the first use, and anew when somebody has disposed of it;
 * a back end itself is given back as it is. Throws ConfigError UNKNOWN_BACKEND for anything else, VitrineError
 * DISPOSED.
 */
export function sharedBackend(backend: Backend | BackendName = 'wasm'): Backend {
  if (typeof backend !== 'string') return checked(backend)
  const shared = opened.get(backend)
  if (shared && !shared.disposed) return shared
  const fresh = open(backend)
  opened.set(backend, fresh)
  return fresh
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
