// The declarations of the package compile in programs without a page, and say what calls give.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What the type checker says about a program of a user, with Node's types and ES2022 alone. */
function faultsOf(code: string): string[] {
  const folder = join(root, '.cache', 'declarations')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'user.mts')
  writeFileSync(path, code.replaceAll("'vitrine'", "'../../dist/src/index.js'"))
  const program = ts.createProgram([path], {
    ...{ strict: true, noEmit: true, types: ['node'], lib: ['lib.es2022.d.ts'] },
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  })
  const ours = ts.getPreEmitDiagnostics(program).filter(({ file }) => !file?.fileName.includes('node_modules'))
  return ours.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

test('a strict program with ES2022 and no page compiles, and the types of results are those of the options', () => {
  const code = `
import { type GenerationOptions, GenerationConfig, GPT2LMHeadModel, type Tensor } from 'vitrine'
const model = await GPT2LMHeadModel.from_pretrained('folder')
const wide: GenerationOptions = { return_dict_in_generate: true }
export const ids: Tensor = await model.generate([[1]], { max_new_tokens: 3 })
export const same: Tensor = await model.generate({ input_ids: [[1]], max_new_tokens: 3 })
export const rows: Tensor = (await model.generate([[1]], { return_dict_in_generate: true })).sequences
export const either = await model.generate([[1]], wide)
export const fromConfig = await model.generate([[1]], { generation_config: new GenerationConfig(wide as object) })
if ('sequences' in either) either.sequences satisfies Tensor
else either satisfies Tensor
if ('sequences' in fromConfig) fromConfig.sequences satisfies Tensor
// @ts-expect-error what comes back may be an object
wide satisfies never, either satisfies Tensor
// @ts-expect-error a name that does not exist
await model.generate([[1]], { max_new_token: 3 })
`
  expect(faultsOf(code)).toEqual([])
})
