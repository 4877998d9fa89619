#!/usr/bin/env node
// Builds the library and the benches and runs them: `npm run bench -- decode --peers`. With `--node PATH`, or `--node 24` after
// `npm run setup:peers -- node@24`, they run on another Node than the one that builds them. Options: `npm run bench -- --help`.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)

/** Runs a program of Node's; a failure ends this one too. */
function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (error) process.stderr.write(`bench: ${program}: ${error.message}\n`)
  if (status !== 0) process.exit(status ?? 1)
}

/** Takes `--node WHICH` out of the arguments: the program to run the benches with. */
function takeNode(args) {
  const at = args.indexOf('--node')
  if (at < 0) return process.execPath
  const [, which = ''] = args.splice(at, 2)
  const installed = join(root, '.cache', 'peers', `node@${which}`, 'node_modules', 'node', 'bin', 'node')
  const program = [installed, which].find(path => path !== '' && existsSync(path))
  if (program) return program
  process.stderr.write(
    `bench: there is no node at '${which}'; a version is fetched with: npm run setup:peers -- node@24\n`,
  )
  process.exit(1)
}

const args = process.argv.slice(2)
const program = takeNode(args)
run(process.execPath, ['scripts/build.mjs'])
run(process.execPath, [join(dirname(require.resolve('typescript/package.json')), 'lib', 'tsc.js'), '-p', 'bench'])
// The compiled benches look for the compiled kernels beside their own copy of the definitions.
const kernels = join(root, '.cache', 'bench', 'js', 'kernels')
mkdirSync(kernels, { recursive: true })
for (const file of readdirSync(join(root, 'kernels'))) {
  if (file.endsWith('.wasm')) copyFileSync(join(root, 'kernels', file), join(kernels, file))
}
run(program, ['--enable-source-maps', join(root, '.cache', 'bench', 'js', 'bench', 'main.js'), ...args])
