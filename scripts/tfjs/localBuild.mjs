// The native part of tfjs-node without its own install step: libtensorflow from the wheel tensorflow-cpu on PyPI, and the binding
// compiled here from the sources that the npm package brings.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answers, run, say } from './command.mjs'
import { bindingPath, downloadFolder, folder, headersFolder, librariesFolder, packageFolder } from './folder.mjs'
import { compiler, python } from './machine.mjs'

const here = dirname(fileURLToPath(import.meta.url))

/** The wheel for CPython 3.11, whatever Python is here: none of its Python code is used. */
const wheelOptions = [
  ...['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311', '--platform', 'manylinux_2_17_x86_64'],
]

const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']

/** The part of the wheel that is needed: two libraries and the C interface. */
const wanted = [
  ...libraries.map(name => `tensorflow/${name}`),
  'tensorflow/include/tensorflow/c/*.h',
  'tensorflow/include/tensorflow/core/platform/ctstring*',
  'tensorflow/include/tensorflow/tsl/*ctstring*',
  'tensorflow/include/tsl/c/*.h',
  'tensorflow/include/tsl/platform/ctstring*',
  'tensorflow/include/*platform/macros.h',
]

/** Whether an earlier run has begun with it. */
export function isUnderWay() {
  return existsSync(downloadFolder) || existsSync(headersFolder)
}

/** Every step leaves a finished thing or none, so the next run goes on where this one stopped. Throws SetupError. */
export function localBuild() {
  if (libraries.every(name => existsSync(join(librariesFolder, name))) && existsSync(headersFolder)) {
    say('  libtensorflow is there already')
  } else unpackLibraries(wheel())
  compileBinding()
  rmSync(downloadFolder, { recursive: true, force: true })
}

/** The path of the wheel, fetched unless it is there; pip compares it with the recorded hash. */
function wheel() {
  mkdirSync(downloadFolder, { recursive: true })
  const found = () => readdirSync(downloadFolder).find(name => name.endsWith('.whl'))
  if (found()) say('  the wheel is there already')
  else {
    say('  fetching the wheel tensorflow-cpu from PyPI (210 MB)')
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-cache-dir', '--no-deps', '--only-binary=:all:']
    const source = ['--require-hashes', '--requirement', join(here, 'tensorflow.txt')]
    run(python, ['-m', 'pip', 'download', ...quiet, ...wheelOptions, ...source, '--dest', downloadFolder])
  }
  return join(downloadFolder, found())
}

const unpack = `
import fnmatch, sys, zipfile
wheel, folder, *patterns = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = [name for name in archive.namelist() if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]
    archive.extractall(folder, names)
`

function unpackLibraries(path) {
  say('  unpacking libtensorflow and its headers (430 MB on disk)')
  const unfinished = join(folder, 'unpacked')
  rmSync(unfinished, { recursive: true, force: true })
  try {
    run(python, ['-c', unpack, path, unfinished, ...wanted])
  } catch (error) {
    rmSync(path)
    throw error
  }
  const inWheel = join(unfinished, 'tensorflow')
  mkdirSync(join(unfinished, 'deps', 'lib'), { recursive: true })
  for (const name of libraries) {
    const library = join(inWheel, name)
    if (answers('strip', ['--version'])) run('strip', ['--strip-all', library])
    renameSync(library, join(unfinished, 'deps', 'lib', name))
  }
  renameSync(join(inWheel, 'include'), join(unfinished, 'deps', 'include'))
  const deps = join(packageFolder, 'deps')
  rmSync(deps, { recursive: true, force: true })
  renameSync(join(unfinished, 'deps'), deps)
  rmSync(unfinished, { recursive: true })
}

function compileBinding() {
  say(`  compiling the binding with ${compiler}`)
  const sources = readdirSync(join(packageFolder, 'binding')).filter(name => name.endsWith('.cc'))
  const unfinished = `${bindingPath}.unfinished`
  mkdirSync(dirname(bindingPath), { recursive: true })
  run(compiler, [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-w'],
    ...[`-I${join(folder, 'node_modules', 'node-api-headers', 'include')}`, `-I${headersFolder}`],
    ...sources.map(name => join(packageFolder, 'binding', name)),
    ...['-o', unfinished, `-L${librariesFolder}`, ...libraries.map(name => `-l:${name}`)],
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ])
  renameSync(unfinished, bindingPath)
}
