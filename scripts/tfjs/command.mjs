// Running other programs, and telling the user what is done.
import { spawn, spawnSync } from 'node:child_process'

export function say(line) {
  console.log(line)
}

/** A step that cannot be done; its message is for the user as it is. */
export class SetupError extends Error {}

/** Runs a program and returns what it printed. Throws SetupError with the end of its output. */
export function run(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status === 0) return stdout
  throw new SetupError(
    `${program} ${args.slice(0, 3).join(' ')} failed:\n${error?.message ?? lastLines(stdout + stderr)}`,
  )
}

/** Whether a program runs at all. */
export function answers(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

/**
 * Runs a program until it ends, or `isStuck(seconds)` says so once a second; then it and what it started are stopped. Returns
 * undefined when it succeeded, else the end of what it printed.
 */
export async function runWatched(program, args, cwd, isStuck) {
  const child = spawn(program, args, { cwd, detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', piece => (output = (output + piece).slice(-4000)))
  const start = performance.now()
  let stopped = false
  const watch = setInterval(() => {
    if (!isStuck((performance.now() - start) / 1000)) return
    stopped = true
    stop(child)
  }, 1000)
  const status = await new Promise(resolve => child.on('close', resolve).on('error', () => resolve(1)))
  clearInterval(watch)
  if (stopped) return 'nothing came for too long: it was stopped'
  return status === 0 ? undefined : output.trim()
}

function stop(child) {
  try {
    if (process.platform === 'win32') child.kill()
    else process.kill(-child.pid)
  } catch {
    child.kill()
  }
}

function lastLines(text) {
  return text.trim().split('\n').slice(-8).join('\n')
}
