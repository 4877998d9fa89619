// Whether there is room on the disk for what is to come.
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { HubError } from '../errors.ts'
import { sizeText } from './sizeText.ts'

/** Throws HubError DISK_FULL when the disk of `path`, which need not be there yet, has no room for so many bytes. */
export function checkRoom(path: string, bytes: number): void {
  const free = freeBytes(path)
  if (free === undefined || bytes <= free) return
  throw new HubError(
    'DISK_FULL',
    `${sizeText(bytes)} are to come, and the disk of ${path} has room for ${sizeText(free)}`,
    {
      hint: `make room ("vitrine cache ls" shows what is there), or name another place with cache_dir, HF_HUB_CACHE or HF_HOME`,
      path,
      expected: bytes,
      got: free,
    },
  )
}

/** undefined where the system does not say. */
function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return dirname(path) === path ? undefined : freeBytes(dirname(path))
  }
}
