#!/usr/bin/env node
// Installs the packed package as a user would, and runs it on several versions of Node: `node scripts/smoke.mjs 20.20 22 24 26`.
// Each version is the npm package `node`; what was fetched stays in .cache/nodes. Ends with a line `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const versions = process.argv.slice(2)

/** Runs a command; its output goes to stderr, so that stdout keeps the result alone. Returns its stdout. */
function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`}`)
  return stdout
}

/** The program of a version of Node, fetched from the npm registry unless it is there already. */
function nodeProgram(version) {
  const folder = join(root, '.cache', 'nodes', version)
  const program = join(folder, 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"private":true}')
    run('npm', ['install', '--no-save', '--ignore-scripts=false', '--silent', `node@${version}`], folder)
  }
  return program
}

/** A folder with the packed package installed, as `npm install vitrine` would leave it. */
function installPacked(folder) {
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], root))
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  run('npm', ['install', '--ignore-scripts', '--silent', `./${filename}`], folder)
  copyFileSync(join(root, 'scripts', 'smoke', 'check.mjs'), join(folder, 'check.mjs'))
}

const folder = mkdtempSync(join(tmpdir(), 'vitrine-smoke-'))
let passed = 0
let failed = 0
try {
  installPacked(folder)
  for (const version of versions) {
    try {
      const program = nodeProgram(version)
      const output = run(program, ['check.mjs'], folder)
      process.stderr.write(`node ${version}: ${output}`)
      passed++
    } catch (error) {
      process.stderr.write(`node ${version}: ${error instanceof Error ? error.message : error}\n`)
      failed++
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
