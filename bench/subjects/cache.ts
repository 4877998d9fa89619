// Where everything that benches make or fetch is kept: outside of version control.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository, seen from the sources and from the compiled copy alike. */
export const root = rootAbove(dirname(fileURLToPath(import.meta.url)))

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder))
}

export const cacheFolder = join(root, '.cache', 'bench')

/** Folder of what `npm run setup:peers` installed for a peer. */
export function peerFolder(peer: string): string {
  return join(root, '.cache', 'peers', peer)
}
