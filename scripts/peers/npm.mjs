// Peers from the npm registry. Each has a folder of its own, with install scripts off: what is not in the packages is not had.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'

/** The package with llama.cpp compiled for this machine. */
export const llamaBinary = `@node-llama-cpp/${
  { 'darwin-arm64': 'mac-arm64-metal', 'darwin-x64': 'mac-x64', 'win32-x64': 'win-x64', 'win32-arm64': 'win-arm64' }[
    `${process.platform}-${process.arch}`
  ] ?? `linux-${process.arch}`
}`

/** Installs packages (`name@version`) into a folder and writes entry.mjs, which imports the first of them. */
export function installNpm(folder, packages, options = []) {
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  run('npm', ['install', '--ignore-scripts', ...quiet, ...options, ...packages], folder)
  const name = packages[0].replace(/@[^@/]+$/, '')
  writeFileSync(join(folder, 'entry.mjs'), `export * from '${name}'\n`)
}

/** A version of Node: the package `node-PLATFORM-ARCH` holds the program itself. */
export function installNode(folder, version) {
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `node@npm:${name}@${version}`], folder)
  run(join(folder, 'node_modules', 'node', 'bin', 'node'), ['--version'])
}
