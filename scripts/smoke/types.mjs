// The types of the package in programs of the strictest settings, which check the types of packages too.
import { copyFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root, run } from './run.mjs'

/** Kinds of programs that use the package: how they find it, and where the names of their platform come from. */
export const consumers = ['NodeNext', 'Bundler'].flatMap(moduleResolution => [
  { name: `${moduleResolution} and Node`, moduleResolution, types: ['node'], lib: ['ES2022'] },
  { name: `${moduleResolution} and a browser`, moduleResolution, types: [], lib: ['ES2022', 'DOM'] },
])

/** Throws with the compiler's messages unless a program that uses the package in `folder` has no fault. */
export function checkTypes(folder, { moduleResolution, types, lib }) {
  const compilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: false, isolatedModules: true },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noPropertyAccessFromIndexSignature: true },
    ...{ target: 'ES2022', module: moduleResolution === 'Bundler' ? 'ES2022' : moduleResolution, moduleResolution },
    ...{ types, lib, typeRoots: [join(root, 'node_modules', '@types')] },
  }
  copyFileSync(join(root, 'scripts', 'smoke', 'consumer.ts'), join(folder, 'consumer.ts'))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'lib', 'tsc.js')
  run(process.execPath, [compiler, '-p', '.'], folder)
}
