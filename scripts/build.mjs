#!/usr/bin/env node
// Builds dist/: the kernels to WebAssembly, the sources to JavaScript. What is newer than its inputs is left alone.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { resolve } = createRequire(import.meta.url)
const isVerbose = process.argv.includes('--verbose')

/** When the newest of these files or folders was changed; 0 when one is missing. */
function newest(paths) {
  const times = paths.flatMap(path => {
    const full = join(root, path)
    const stats = statSync(full, { throwIfNoEntry: false })
    if (!stats) return [Infinity]
    if (stats.isFile()) return [stats.mtimeMs]
    return readdirSync(full, { recursive: true }).map(name => statSync(join(full, name)).mtimeMs)
  })
  return Math.max(...times)
}

function isFresh(output, inputs) {
  const stats = statSync(join(root, output), { throwIfNoEntry: false })
  return stats !== undefined && stats.mtimeMs > newest(inputs)
}

/** Runs a compiler that npm has installed; ends the build with its message when it fails. */
function compile(name, script, args) {
  if (isVerbose) process.stderr.write(`${name} ${args.join(' ')}\n`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${name} failed:\n${stdout}${stderr}`)
  process.exit(1)
}

/** SIMD and a shared memory that the TypeScript side makes; nothing of AssemblyScript's own runtime. */
const kernelOptions = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd,threads,bulk-memory'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
]

const kernels = 'kernels/simd.wasm'
if (!isFresh(kernels, ['kernels/simd', 'scripts/build.mjs'])) {
  const asc = join(dirname(resolve('assemblyscript/package.json')), 'bin', 'asc.js')
  compile('asc', asc, ['kernels/simd/index.ts', '-o', kernels, ...kernelOptions])
}

const stamp = 'dist/.built'
if (!isFresh(stamp, ['src', 'models', 'kernels', 'tsconfig.json', 'scripts/build.mjs'])) {
  const tsc = join(dirname(resolve('typescript/package.json')), 'bin', 'tsc')
  compile('tsc', tsc, ['-p', 'tsconfig.json'])
  mkdirSync(join(root, 'dist/kernels'), { recursive: true })
  copyFileSync(join(root, kernels), join(root, 'dist', kernels))
  writeFileSync(join(root, stamp), '')
}
