// A folder for the files of one test file, removed after its tests.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'

export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vitrine-'))
  afterAll(() => fs.rmSync(folder, { recursive: true }))
  return folder
}
