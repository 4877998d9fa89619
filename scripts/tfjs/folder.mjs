// The folder in which tfjs-node is set up, and what lies where in it. src/backends/tfjs/load.ts looks there.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from './command.mjs'

const { VITRINE_TFJS, XDG_CACHE_HOME } = process.env

/** VITRINE_TFJS, or a folder in the user's cache: no project's node_modules, so that npm never takes it away. */
export const folder = VITRINE_TFJS || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'vitrine', 'tfjs')

export const packageFolder = join(folder, 'node_modules', '@tensorflow', 'tfjs-node')
export const librariesFolder = join(packageFolder, 'deps', 'lib')
export const headersFolder = join(packageFolder, 'deps', 'include')
/** Every Node from 16 on looks here. */
export const bindingPath = join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node')
export const downloadFolder = join(folder, 'download')

/** Runs `body` while no other set-up runs in the folder. Throws SetupError when one does. */
export async function withFolder(body) {
  mkdirSync(folder, { recursive: true })
  const lock = join(folder, 'setup.lock')
  for (let isMine = false; !isMine; ) {
    try {
      const file = openSync(lock, 'wx')
      writeSync(file, String(process.pid))
      closeSync(file)
      isMine = true
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const other = Number(readFileSync(lock, 'utf8'))
      if (isRunning(other)) throw new SetupError(`another set-up (process ${other}) is at work in ${folder}`)
      rmSync(lock)
    }
  }
  try {
    return await body()
  } finally {
    rmSync(lock, { force: true })
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
