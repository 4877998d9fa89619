// Model folders with seeded random weights, written once, so that all engines compute with the same numbers.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSafetensors } from 'vitrine'
import { cacheFolder } from './cache.ts'
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

/**
 * Normal numbers (Box and Muller 1958) from xorshift32 (Marsaglia 2003). Of its own, so that a change of the library's
 * random numbers does not change what is measured.
 */
export function normalNumbers(seed: number): () => number {
  const uniform = uniformNumbers(seed)
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}

/** Even over [0, 1). */
export function uniformNumbers(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Token ids that look like nothing in particular, the same every time: the first `count` of one endless row. */
export function tokenIds(count: number, { V }: Size): number[] {
  const uniform = uniformNumbers(7)
  return Array.from({ length: count }, () => Math.floor(uniform() * V))
}
