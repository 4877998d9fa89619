#!/usr/bin/env node
// Installs the packed package as a user would: checks what it holds and its types, and runs it on several versions of
// Node: `node scripts/smoke.mjs 20.20 22 24 26`. Each version is the npm package `node`; what was fetched stays in
// .cache/nodes. Ends with a line `N passed, N failed`.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkContents, packFromClone } from './smoke/package.mjs'
import { root, run } from './smoke/run.mjs'
import { checkTypes, consumers } from './smoke/types.mjs'

const versions = process.argv.slice(2)

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

/** Packs the package and installs it in `folder`, as `npm install vitrine` would. */
function installPacked(folder) {
  const filename = packFromClone(folder)
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  run('npm', ['install', '--ignore-scripts', '--silent', `./${filename}`], folder)
  copyFileSync(join(root, 'scripts', 'smoke', 'check.mjs'), join(folder, 'check.mjs'))
}

const folder = mkdtempSync(join(tmpdir(), 'vitrine-smoke-'))
const checks = [
  ['contents', () => checkContents(join(folder, 'node_modules', 'vitrine'))],
  ...consumers.map(consumer => [`types for ${consumer.name}`, () => checkTypes(folder, consumer)]),
  ...versions.map(version => [`node ${version}`, () => run(nodeProgram(version), ['check.mjs'], folder)]),
]
let passed = 0
try {
  installPacked(folder)
  for (const [name, check] of checks) {
    try {
      process.stderr.write(`${name}: ${check() || 'ok\n'}`)
      passed++
    } catch (error) {
      process.stderr.write(`${name}: ${error instanceof Error ? error.message : error}\n`)
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.stdout.write(`${passed} passed, ${checks.length - passed} failed\n`)
process.exitCode = passed < checks.length ? 1 : 0
