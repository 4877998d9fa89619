// tfjs-node, the same that the back end 'tfjs' runs on: `npm run setup:tfjs` sets it up, and it is linked here.
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './command.mjs'

const setup = fileURLToPath(new URL('../setup-tfjs.mjs', import.meta.url))

/** Node >= 23 has lost two functions of util that tfjs-node calls. Imported before it, this gives them back. */
const entry = `import util from 'node:util'
util.isNullOrUndefined ??= value => value === null || value === undefined
util.isArray ??= Array.isArray
const { default: tf } = await import('@tensorflow/tfjs-node')
export default tf
`

/** Throws when the set-up fails, with what it misses. */
export function installTfjs(folder) {
  run(process.execPath, [setup])
  const there = run(process.execPath, [setup, '--where']).trim()
  symlinkSync(join(there, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'entry.mjs'), entry)
}
