// Joins the compiled modules that programs start with into few files: to read four hundred takes longer than all that Node itself does
// to start.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { rolldown } from 'rolldown'

/** What is imported or started by its path; each takes the place of the module it was. */
const entries = ['src/index', 'src/cli/main', 'src/serve/engine/thread']

/** Modules that stand in another file go on finding what lies beside them; errors still show the TypeScript sources. */
function reader(dist) {
  return {
    name: 'compiled-modules',
    load(id) {
      if (!id.startsWith(dist) || !existsSync(`${id}.map`)) return null
      const place = JSON.stringify(relative(dist, id).split(sep).join('/'))
      const code = readFileSync(id, 'utf8').replaceAll('import.meta.url', `__urlOf(${place})`)
      return { code, map: readFileSync(`${id}.map`, 'utf8') }
    },
  }
}

/** The code with the address of each module that asked for it, seen from the file in which it now stands. */
function addressed(code, file) {
  return code.replace(/__urlOf\("([^"]+)"\)/g, (_, module) => {
    if (module === file) return 'import.meta.url'
    const path = relative(dirname(file), module).split(sep).join('/')
    return `new URL('${path.startsWith('.') ? path : `./${path}`}', import.meta.url).href`
  })
}

/** Bundles the modules in the folder `dist`, in their place; `external` packages stay imports. Throws what rolldown does. */
export async function bundle(dist, external) {
  const input = Object.fromEntries(entries.map(entry => [entry, join(dist, `${entry}.js`)]))
  const bundled = await rolldown({ input, platform: 'node', external, plugins: [reader(dist)] })
  const names = { entryFileNames: '[name].js', chunkFileNames: 'chunks/[hash].js' }
  const { output } = await bundled.generate({ format: 'esm', sourcemap: true, ...names })
  await bundled.close()
  rmSync(join(dist, 'chunks'), { recursive: true, force: true })
  for (const file of output) {
    const path = join(dist, file.fileName)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file.type === 'chunk' ? addressed(file.code, file.fileName) : file.source)
    // npx runs what it once linked by its path: a program made anew has to be one, too.
    if (file.code?.startsWith('#!')) chmodSync(path, 0o755)
  }
}
