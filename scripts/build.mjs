#!/usr/bin/env node
// Builds what runs: kernels/simd -> one wasm module for each set of vector instructions, and the TypeScript sources -> dist/, where what
// programs start with stands in few files. A step whose inputs have not changed since it last succeeded is left out. Prints nothing
// unless something is wrong or --verbose is given.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './build/bundle.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const verbose = process.argv.includes('--verbose')
const require = createRequire(import.meta.url)

/** Where the fingerprints of the last successful steps are kept. */
const recordPath = join(root, '.cache', 'build.json')

/** The modules that are made of kernels/simd, and what each may use beyond 128-bit vectors. */
const modules = {
  'kernels/simd128.wasm': [],
  'kernels/relaxed.wasm': ['--enable', 'relaxed-simd'],
}
/** What other threads run: plain JavaScript, so that it needs no compiling. */
const worker = 'src/backends/wasm/worker.js'
const compiler = [
  ...['--noAssert', '--optimizeLevel', '3', '--shrinkLevel', '0', '--runtime', 'stub'],
  ...['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
]

/** Every step: what it reads, a file it must leave behind, and how it is done. */
const steps = [
  ...Object.entries(modules).map(([output, features]) => ({
    name: output,
    inputs: () => filesUnder('kernels/simd', /\.ts$/),
    output,
    async run() {
      const { default: asc } = await import('assemblyscript/asc')
      const messages = asc.createMemoryStream()
      const files = new Map()
      const writeFile = (name, contents) => void files.set(name, contents)
      const entry = ['kernels/simd/index.ts', '--outFile', output, '--baseDir', root]
      const options = [...entry, ...compiler, ...features]
      const { error } = await asc.main(options, { stdout: messages, stderr: messages, writeFile })
      if (error || messages.length > 0) throw new Error(messages.toString() || error.message)
      replaceFile(join(root, output), files.get(output))
    },
  })),
  {
    name: 'copy of the kernels',
    inputs: () => Object.keys(modules),
    output: 'dist/kernels/relaxed.wasm',
    run() {
      mkdirSync(join(root, 'dist', 'kernels'), { recursive: true })
      for (const file of Object.keys(modules)) copyFileSync(join(root, file), join(root, 'dist', file))
    },
  },
  {
    name: 'copy of the worker',
    inputs: () => [worker],
    output: `dist/${worker}`,
    run() {
      mkdirSync(dirname(join(root, 'dist', worker)), { recursive: true })
      copyFileSync(join(root, worker), join(root, 'dist', worker))
    },
  },
  {
    name: 'library',
    inputs: () => [
      'tsconfig.json',
      'package-lock.json',
      'scripts/build/bundle.mjs',
      ...['src', 'models'].flatMap(folder => filesUnder(folder, /\.ts$/)),
      ...filesUnder('kernels', /\.ts$/).filter(file => !file.startsWith('kernels/simd/')),
    ],
    output: 'dist/src/index.js',
    async run() {
      compileTypeScript('tsconfig.json', ['src', 'models', 'kernels'])
      const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
      await bundle(join(root, 'dist'), Object.keys(dependencies))
    },
  },
]

/** Files of a folder and those below it whose names match, as paths from the root. */
function filesUnder(folder, pattern) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return filesUnder(path, pattern)
    return pattern.test(entry.name) ? [path] : []
  })
}

/** Changes when an input is edited, added or removed, and when this script is. */
function fingerprint(inputs) {
  const hash = createHash('sha256')
  for (const path of ['scripts/build.mjs', ...inputs]) {
    const { size, mtimeMs } = statSync(join(root, path))
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/** Runs the TypeScript compiler, which finds wrong types elsewhere (npm run types). JavaScript whose source is gone goes too. Throws with the compiler's messages. */
function compileTypeScript(project, folders) {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'lib', 'tsc.js')
  const options = { cwd: root, encoding: 'utf8' }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [tsc, '-p', project, '--noCheck', '--noEmitOnError'],
    options,
  )
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
  for (const folder of folders) {
    if (!existsSync(join(root, 'dist', folder))) continue
    for (const file of filesUnder(`dist/${folder}`, /\.(js|js\.map|d\.ts)$/)) {
      if (file === `dist/${worker}`) continue
      const source = file.replace(/^dist\//, '').replace(/\.(js|js\.map|d\.ts)$/, '.ts')
      if (!existsSync(join(root, source))) rmSync(join(root, file))
    }
  }
}

/** Writes a file so that no one ever reads half of it. */
function replaceFile(path, contents) {
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, contents)
  renameSync(unfinished, path)
}

function readRecord() {
  return existsSync(recordPath) ? JSON.parse(readFileSync(recordPath, 'utf8')) : {}
}

function writeRecord(record) {
  mkdirSync(dirname(recordPath), { recursive: true })
  writeFileSync(recordPath, `${JSON.stringify(record, null, 2)}\n`)
}

const record = readRecord()
for (const { name, inputs, output, run } of steps) {
  const wanted = fingerprint(inputs())
  if (record[name] === wanted && existsSync(join(root, output))) {
    if (verbose) process.stdout.write(`${name}: up to date\n`)
    continue
  }
  const start = performance.now()
  try {
    await run()
  } catch (error) {
    process.stderr.write(`build: ${name} failed\n${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
    break
  }
  record[name] = wanted
  writeRecord(record)
  if (verbose) process.stdout.write(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`)
}
