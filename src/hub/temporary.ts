// Files on the way: each has a name of its own that says who writes it, so that the rest of a dead process can be told from one at work.
import { createHash, randomBytes } from 'node:crypto'
import { lstatSync, readdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Rests are removed after a day. */
const longestAge = 24 * 3600 * 1000

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const pattern = /^([0-9a-z]+)\.([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.incomplete$/

/** Files that this process is writing. */
const inUse = new Set<string>()

/** A new path in `folder` for something that will be `name`. */
export function temporaryPath(folder: string, name: string): string {
  return join(folder, `${name}.${host}-${process.pid}-${randomBytes(6).toString('hex')}.incomplete`)
}

/** Runs `work` on a path that nobody takes over meanwhile. */
export async function claimed(path: string, work: () => Promise<void>): Promise<void> {
  inUse.add(path)
  try {
    await work()
  } finally {
    inUse.delete(path)
  }
}

/**
 * Takes over what a process that has ended left of `name`, under a new path; the longest rest wins. undefined when there is none. Rests
 * of any name that nobody has touched for a day are removed.
 */
export async function takeOver(folder: string, name: string): Promise<string | undefined> {
  const rests = restsIn(folder)
  const old = rests.filter(rest => rest.age > longestAge && !inUse.has(rest.path))
  for (const { path } of old) await rm(path, { force: true }).catch(() => undefined)
  const left = rests.filter(
    rest => rest.name === name && rest.isFile && rest.size > 0 && !old.includes(rest) && isLeft(rest),
  )
  for (const { path } of left.sort((a, b) => b.size - a.size)) {
    const own = temporaryPath(folder, name)
    // Of several that want it the first one gets it.
    if (
      await rename(path, own).then(
        () => true,
        () => false,
      )
    )
      return own
  }
  return undefined
}

interface Rest {
  readonly path: string
  readonly name: string
  readonly isHere: boolean
  /** A link is of no use to others. */
  readonly isFile: boolean
  readonly pid: number
  readonly size: number
  readonly age: number
}

/** The unfinished files and links of a folder. */
function restsIn(folder: string): Rest[] {
  return namesIn(folder).flatMap(file => {
    const [, name, owner, pid] = pattern.exec(file) ?? []
    const path = join(folder, file)
    const stats = name === undefined ? undefined : lstatSync(path, { throwIfNoEntry: false })
    if (name === undefined || !stats || stats.isDirectory()) return []
    const { size, mtimeMs } = stats
    return [
      { path, name, isHere: owner === host, isFile: stats.isFile(), pid: Number(pid), size, age: Date.now() - mtimeMs },
    ]
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Whether its writer has ended: one of another machine may go on. */
function isLeft({ path, isHere, pid }: Rest): boolean {
  if (!isHere) return false
  return pid === process.pid ? !inUse.has(path) : !isAlive(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
