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
  const named = [...files, bin.vitrine, types, exports['.'].types, exports['.'].default, ...modules]
  for (const path of named) assert.ok(statSync(join(folder, path)), path)
  const maps = readdirSync(join(folder, 'dist'), { recursive: true }).filter(path => path.endsWith('.js.map'))
  assert.ok(maps.length > 50, `${maps.length} source maps`)
  for (const path of maps) {
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(folder, 'dist', path), 'utf8'))
    assert.equal(sourcesContent?.length, sources.length, `${path} has no sources`)
  }
}
