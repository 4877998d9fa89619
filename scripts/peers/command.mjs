// Running other programs, and where what they install is kept.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const peersFolder = fileURLToPath(new URL('../../.cache/peers', import.meta.url))

export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** Runs a program and returns what it printed. Throws with the end of its output when it fails. */
export function run(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status === 0) return stdout
  const told = error?.message ?? `${stdout}${stderr}`.trim().split('\n').slice(-12).join('\n')
  throw new Error(`${program} ${args.slice(0, 3).join(' ')} ... failed:\n${told}`)
}
