#!/usr/bin/env node
// Runs the checks with Hugging Face's own Python packages on the built library: `npm run build`, `node scripts/python-checks.mjs`.
// It reads what was written here and is read here, and gives what test/golden has recorded. The packages are fetched once
// (scripts/python); VITRINE_PYTHON names a Python that has them. Ends with a line `N passed, N failed`.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pythonProgram } from './python/environment.mjs'
import { SetupError } from './tfjs/command.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const saved = mkdtempSync(join(tmpdir(), 'vitrine-saved-'))

const say = text => void process.stderr.write(`${text}\n`)

/** Runs a program, and returns or throws what it printed. */
async function output(program, args, environment = {}) {
  try {
    const env = { ...process.env, ...environment }
    const { stdout } = await promisify(execFile)(program, args, { cwd: root, env, maxBuffer: 2 ** 26 })
    return stdout
  } catch (error) {
    throw new Error(`${error.stdout}${error.stderr}`)
  }
}

/** Two rows that are worked off at the same time. */
const checksOf = python => {
  const script = (name, ...args) => output(python, [join('scripts', name), ...args, '--check'])
  return [
    [['what is recorded', () => script('golden.py', 'all')]],
    [
      ['a cache for both', () => script('golden/hub_cache.py')],
      [
        'what save_pretrained wrote',
        async () => {
          const vitest = join('node_modules', 'vitest', 'vitest.mjs')
          const args = [vitest, 'run', '--reporter=dot', 'test/models/saving.test.ts']
          await output(process.execPath, args, { VITRINE_SAVED: saved })
          return script('golden/saved.py', saved)
        },
      ],
      ['verdicts on damaged files', () => script('golden/safetensors_verdicts.py')],
    ],
  ]
}

let passed = 0
let failed = 0
try {
  const rows = checksOf(pythonProgram(say)).map(async row => {
    for (const [name, check] of row) {
      const start = performance.now()
      try {
        const last = (await check()).trim().split('\n').at(-1)
        say(`${name}: ${last} (${((performance.now() - start) / 1000).toFixed(0)} s)`)
        passed++
      } catch (error) {
        say(`${name}: failed\n${error.message}`)
        failed++
      }
    }
  })
  await Promise.all(rows)
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(`python-checks: ${error.message}`)
  failed++
} finally {
  rmSync(saved, { recursive: true, force: true })
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
