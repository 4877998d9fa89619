// tfjs-node without its own install step, which downloads libtensorflow from a storage host: the JavaScript and the sources of
// the binding come from npm, libtensorflow from the wheel on PyPI, and the binding is compiled here.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from './command.mjs'
import { installNpm } from './npm.mjs'
import { unpackWheel } from './python.mjs'

/** Of the wheel only the two libraries and the C interface are needed. */
const wanted = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/*.h',
  'tensorflow/include/tensorflow/core/platform/ctstring*',
  'tensorflow/include/tensorflow/tsl/*ctstring*',
  'tensorflow/include/tsl/c/*.h',
  'tensorflow/include/tsl/platform/ctstring*',
  'tensorflow/include/*platform/macros.h',
]

/** Any CPython will do: no Python code is used. */
const platform = ['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311']

/** Node >= 23 has lost two functions of util that tfjs-node calls. Imported before it, this gives them back. */
const entry = `import util from 'node:util'
util.isNullOrUndefined ??= value => value === null || value === undefined
util.isArray ??= Array.isArray
const { default: tf } = await import('@tensorflow/tfjs-node')
export default tf
`

/** Installs into `folder`; at the end a product is computed as a proof. Throws when a step fails. */
export function installTfjs(folder, [javascript, tensorflow]) {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the way taken here is for Linux on x64')
  installNpm(folder, [javascript])
  unpackWheel(folder, tensorflow, wanted, [...platform, '--platform', 'manylinux_2_17_x86_64'])
  const module = join(folder, 'node_modules', '@tensorflow', 'tfjs-node')
  const libraries = join(module, 'deps', 'lib')
  mkdirSync(libraries, { recursive: true })
  for (const name of wanted.filter(path => path.endsWith('.so.2'))) {
    const library = join(libraries, name.replace('tensorflow/', ''))
    renameSync(join(folder, name), library)
    run('strip', ['--strip-all', library])
  }
  renameSync(join(folder, 'tensorflow', 'include'), join(module, 'deps', 'include'))
  rmSync(join(folder, 'tensorflow'), { recursive: true })
  compileBinding(module)
  writeFileSync(join(folder, 'entry.mjs'), entry)
  writeFileSync(join(folder, 'proof.mjs'), proof)
  run(process.execPath, ['proof.mjs'], folder)
}

function compileBinding(module) {
  const target = join(module, 'lib', 'napi-v8')
  mkdirSync(target, { recursive: true })
  const sources = readdirSync(join(module, 'binding')).filter(name => name.endsWith('.cc'))
  const headers = join(dirname(dirname(process.execPath)), 'include', 'node')
  if (!existsSync(headers)) throw new Error(`the headers of Node are not at ${headers}`)
  run('g++', [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-w'],
    ...[`-I${headers}`, `-I${join(module, 'deps', 'include')}`],
    ...sources.map(name => join(module, 'binding', name)),
    ...['-o', join(target, 'tfjs_binding.node')],
    ...[`-L${join(module, 'deps', 'lib')}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ])
}

const proof = `import tf from './entry.mjs'
const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).dataSync()
if (tf.getBackend() !== 'tensorflow' || product.join() !== '19,22,43,50') throw new Error('tfjs-node computes wrongly')
`
