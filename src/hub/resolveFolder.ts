// The door between names and folders: what from_pretrained is given becomes a folder on the disk.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { checkFolder } from '../checkpoint/folder.ts'
import { FileError } from '../errors.ts'
import { isRepositoryName } from './names.ts'
import type { GivenHubOptions } from './options.ts'
import type { Wanted } from './wanted.ts'

/**
 * The folder of a model: `name` itself when it is one, else the copy of the hub's model of that name in the cache, fetched where that is
 * needed. Throws FileError FOLDER_MISSING (no folder, and no name on the hub) or NOT_A_FOLDER, HubError, ConfigError, what `accept`
 * throws, and the reason of the signal.
 */
export async function resolveFolder(name: string, options: GivenHubOptions, wanted: Wanted): Promise<string> {
  options.signal?.throwIfAborted()
  if (isLocal(name)) {
    const folder = options.subfolder ? join(name, options.subfolder) : name
    checkFolder(folder)
    return folder
  }
  if (!isRepositoryName(name)) {
    throw new FileError(
      'FOLDER_MISSING',
      `there is no model folder '${name}', and it is no name of a model on the hub`,
      {
        path: name,
        hint: "give the path of a folder with config.json and its weights, or a name such as 'owner/model'",
      },
    )
  }
  // Whoever reads folders alone has no use for what opens connections.
  const { Snapshot } = await import('./snapshot.ts')
  return new Snapshot(name, options).folder(wanted)
}

/** Whether something lies there, or what was given is no text at all: checkFolder says what is wrong with that. */
function isLocal(name: unknown): boolean {
  return typeof name !== 'string' || name === '' || statSync(name, { throwIfNoEntry: false }) !== undefined
}
