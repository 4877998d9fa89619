// The package: made from a clone in which nothing was built, and whole.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root, run } from './run.mjs'

/** What a build makes, and what is too much to copy. */
const left = /^(node_modules|dist|\.cache|\.git)(\/|$)|^kernels\/[^/]*\.wasm$/

/** Packs the project as it is in a clean clone; returns the name of the file in `folder`. */
export function packFromClone(folder) {
  const clone = join(folder, 'clone')
  mkdirSync(clone)
  cpSync(root, clone, { recursive: true, filter: path => !left.test(relative(root, path)) })
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], clone))
  rmSync(clone, { recursive: true, force: true })
  return filename
}

/** Throws unless all that package.json names is in the package, and every source map holds its sources. */
export function checkContents(folder) {
  const { bin, types, exports, files } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const modules = ['dist/kernels/simd128.wasm', 'dist/kernels/relaxed.wasm']
  const whole = files.filter(name => !name.includes('*'))
  for (const path of [...whole, bin.vitrine, types, exports['.'].types, exports['.'].default, ...modules]) {
    assert.ok(statSync(join(folder, path)), path)
  }
  const maps = readdirSync(join(folder, 'dist'), { recursive: true }).filter(path => path.endsWith('.js.map'))
  const named = maps.flatMap(path => sourcesIn(join(folder, 'dist', path)))
  assert.ok(named.length > 300, `${named.length} sources`)
}

/** The names in a source map. Throws when one of them has no text. */
function sourcesIn(path) {
  const { sources, sourcesContent } = JSON.parse(readFileSync(path, 'utf8'))
  assert.equal(
    sourcesContent?.filter(text => typeof text === 'string').length,
    sources.length,
    `${path} has no sources`,
  )
  return sources
}
