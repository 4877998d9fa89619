// What `npm run setup:peers` has installed: finding it, importing it, and running its tools.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { peerFolder, root } from '../subjects/cache.ts'

/** Why an installed peer is not there; undefined when it is. */
export function notInstalled(peer: string): string | undefined {
  return existsSync(join(peerFolder(peer), 'installed.json'))
    ? undefined
    : `not installed: npm run setup:peers -- ${peer}`
}

/** The module of a peer. The caller says what it uses of it. */
export async function importPeer<Module>(peer: string): Promise<Module> {
  return (await import(pathToFileURL(join(peerFolder(peer), 'entry.mjs')).href)) as Module
}

/** The version of a package in a peer's folder. */
export function versionIn(peer: string, name: string): string {
  const { version } = JSON.parse(readFileSync(join(peerFolder(peer), 'node_modules', name, 'package.json'), 'utf8'))
  return String(version)
}

/** The Python of a virtual environment that the set-up made. */
export function pythonIn(peer: string): string {
  return join(peerFolder(peer), 'venv', 'bin', 'python')
}

/** Runs one of the converters. Throws with the end of what it printed. */
export function convert(script: string, args: readonly string[]): void {
  const missing = notInstalled('convert')
  if (missing) throw new Error(`the converter is ${missing}`)
  const path = join(root, 'bench', 'peers', 'convert', script)
  const { status, stderr, error } = spawnSync(pythonIn('convert'), [path, ...args], { encoding: 'utf8' })
  if (status === 0) return
  throw new Error(`${script} failed: ${error?.message ?? stderr.trim().split('\n').slice(-3).join(' | ')}`)
}
