// tfjs-node's own install step: it fetches libtensorflow and a compiled binding from its makers' storage, which is often blocked.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runWatched } from './command.mjs'
import { folder, librariesFolder, packageFolder } from './folder.mjs'

/** Seconds until something must have come, and until all must be there. */
const patience = { toBegin: 30, toEnd: 900 }

/** Returns undefined when it ended well, else why it did not. */
export async function ownInstall() {
  removeNative()
  const isStuck = seconds => seconds > patience.toEnd || (seconds > patience.toBegin && !hasBegun())
  const args = ['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false', '--foreground-scripts']
  const failure = await runWatched('npm', args, folder, isStuck)
  if (failure === undefined && existsSync(librariesFolder)) return undefined
  return /^\w*Error: .*/m.exec(failure ?? '')?.[0] ?? failure ?? 'it left no library behind'
}

function hasBegun() {
  const deps = join(packageFolder, 'deps')
  return existsSync(deps) && readdirSync(deps).length > 0
}

/** Removes the native part, of whatever origin. */
export function removeNative() {
  for (const name of ['deps', 'lib']) rmSync(join(packageFolder, name), { recursive: true, force: true })
}
