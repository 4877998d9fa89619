// The structure holds: imports point one way, there are no cycles, and no drawer for everything.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The layers from left to right: a file imports from its own or from one to its left. */
const layers: readonly (readonly RegExp[])[] = [
  [
    /^kernels\//,
    /^src\/(errors|warnings|callable|pythonText|progress|turns|dtype|packed|shape|backend)\.ts$/,
    /^src\/random\//,
  ],
  [/^src\/tensor\//],
  [/^src\/backends\//, /^src\/checkpoint\//, /^src\/hub\//, /^src\/tokenizers\//],
  [/^src\/nn\//],
  [/^src\/generation\//],
  [/^models\//],
  [/^src\/pipelines\//, /^src\/remote\//, /^src\/inspect\//],
  [/^src\/serve\//],
  [/^src\/cli\//, /^src\/index\.ts$/],
]

/** Rooms that know nothing of the ones named, although a layer would allow it. */
const apart: readonly (readonly [from: RegExp, to: RegExp, why: string])[] = [
  [/^kernels\//, /^src\//, 'kernels know only arrays'],
  [/^src\/checkpoint\//, /^src\/(tensor|backends)\//, 'files know no tensors'],
  [/^src\/backends\//, /^src\/(checkpoint|hub|tokenizers)\//, 'back ends know no files'],
  [/^src\/hub\//, /^src\/(tensor|backends|tokenizers)\//, 'the hub knows files, not what is made of them'],
  [/^src\/checkpoint\//, /^src\/hub\//, 'files are read where they lie'],
  [/^src\/(nn|generation)\//, /^src\/tokenizers\//, 'models know no texts'],
  [/^src\/generation\//, /^src\/(tensor|backends|nn)\//, 'generation works on plain arrays'],
  [/^src\/(?!cli)/, /^src\/cli\//, 'the library does not know its command line'],
]

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(file => !file.startsWith('kernels/simd/'))
}

const files = ['kernels', 'src', 'models'].flatMap(filesUnder)

/** Imports that exist when the program runs, and all of them, types included. */
function importsOf(file: string): { running: string[]; all: string[] } {
  const text = readFileSync(join(root, file), 'utf8')
  const found = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'(\.[^']+)'/gm)]
  const target = (path: string) => relative(root, join(root, dirname(file), path))
  const running = found.filter(([line, type]) => !type && !onlyTypes(line)).map(([, , path]) => target(path!))
  return { running, all: found.map(([, , path]) => target(path!)) }
}

/** `import { type A, type B } from` is gone when the program runs. */
function onlyTypes(line: string): boolean {
  const names = /\{([^}]*)\}/.exec(line)?.[1]
  return names?.split(',').every(name => name.trim() === '' || name.trim().startsWith('type ')) ?? false
}

const layerOf = (file: string) => layers.findIndex(patterns => patterns.some(pattern => pattern.test(file)))

test('every file has a layer', () => {
  expect(files.length).toBeGreaterThan(60)
  expect(files.filter(file => layerOf(file) === -1)).toEqual([])
})

test('imports point to the left', () => {
  const wrong = files.flatMap(file =>
    importsOf(file)
      .running.filter(target => layerOf(target) > layerOf(file))
      .map(target => `${file} imports ${target}`),
  )
  expect(wrong).toEqual([])
})

test('rooms that are to know nothing of each other do not', () => {
  const wrong = files.flatMap(file =>
    importsOf(file).running.flatMap(target =>
      apart
        .filter(([from, to]) => from.test(file) && to.test(target))
        .map(([, , why]) => `${file} imports ${target}: ${why}`),
    ),
  )
  expect(wrong).toEqual([])
})

test('there are no cycles', () => {
  const graph = new Map(files.map(file => [file, importsOf(file).running]))
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    state.set(file, 'open')
    for (const target of graph.get(file) ?? []) visit(target, [...path, file])
    state.set(file, 'done')
  }
  for (const file of files) visit(file, [])
  expect(cycles).toEqual([])
})

test('imports lead to files that exist', () => {
  const known = new Set(files)
  const lost = files.flatMap(file =>
    importsOf(file)
      .all.filter(target => !known.has(target))
      .map(target => `${file} imports ${target}`),
  )
  expect(lost).toEqual([])
})

test('no file or folder is a drawer', () => {
  const drawers = files.filter(file => /(^|\/)(utils?|helpers?|common|misc)(\.ts$|\/)/i.test(file))
  expect(drawers).toEqual([])
})

test('the engine has no dependency at run time', () => {
  const outside = files
    .filter(file => !file.startsWith('src/cli/'))
    .flatMap(file => {
      const text = readFileSync(join(root, file), 'utf8')
      return [...text.matchAll(/from\s+'([^.'][^']*)'/g)]
        .map(([, name]) => name!)
        .filter(name => !name.startsWith('node:'))
    })
  expect(outside).toEqual([])
})

// Modules have an eval() of their own, as in PyTorch, which takes nothing and gives the module.
test('one file of the library opens connections by itself', () => {
  const opening = files.filter(file => {
    // These are about connections.
    if (/^src\/(serve|remote)\//.test(file)) return false
    const text = readFileSync(join(root, file), 'utf8')
    return /\bfetch\(|from 'node:(http|https|net|tls|http2|dgram)'/.test(text)
  })
  expect(opening).toEqual(['src/hub/request.ts'])
})

test('nothing is made to run from text, and the library does not print', () => {
  const wrong = files.flatMap(file => {
    const text = readFileSync(join(root, file), 'utf8')
    const found = [/\beval\((?!\): this)/, /new Function\b/, /\bconsole\./].filter(pattern => pattern.test(text))
    return found.map(pattern => `${file} has ${pattern.source}`)
  })
  expect(wrong).toEqual([])
})
