// Model folders with seeded random weights, written once, so that all engines compute with the same numbers.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSafetensors } from 'vitrine'
import { cacheFolder } from './cache.ts'
import { normalNumbers, uniformNumbers } from './numbers.ts'
import { configOf, type ModelName, type Size, shapesOf } from './sizes.ts'

/** The folder of a model in Hugging Face's layout; written at the first use. */
export function modelFolder(model: ModelName, size: Size): string {
  const folder = join(cacheFolder, 'models', `${model}-${size.name}`)
  if (existsSync(join(folder, 'model.safetensors'))) return folder
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(configOf(model, size), null, 2)}\n`)
  const unfinished = join(folder, `unfinished.${process.pid}`)
  writeSafetensors(unfinished, seededWeights(model, size), { format: 'pt' })
  renameSync(unfinished, join(folder, 'model.safetensors'))
  return folder
}

/**
 * Every weight by name: normal numbers, the gains of normalisations around 1. Matrices have twice the usual deviation, so that
 * what the layers add outweighs the embedding of the last token: else a greedy GPT-2 with tied weights repeats one token.
 */
function seededWeights(model: ModelName, size: Size) {
  const normal = normalNumbers(model === 'gpt2' ? 2 : 1)
  return shapesOf(model, size).map(([name, shape]) => {
    const isGain = /(LayerNorm|ln_\w)\.weight$/.test(name)
    const isTable = /(wte|wpe|_embeddings)\.weight$/.test(name)
    const deviation = shape.length === 2 && !isTable ? 0.04 : 0.02
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
    for (let i = 0; i < data.length; i++) data[i] = (isGain ? 1 : 0) + deviation * normal()
    return [name, { dtype: 'F32' as const, shape, data }] as const
  })
}

/** Token ids that look like nothing in particular, the same every time: the first `count` of one endless row. */
export function tokenIds(count: number, { V }: Size): number[] {
  const uniform = uniformNumbers(7)
  return Array.from({ length: count }, () => Math.floor(uniform() * V))
}
