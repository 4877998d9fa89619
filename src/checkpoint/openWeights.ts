// The weights of a model folder, whichever way they are stored.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { checkFolder } from './folder.ts'
import { openPytorch } from './pytorch.ts'
import { openSafetensors } from './safetensors.ts'
import { ShardedWeights } from './shardedWeights.ts'
import { chooseForm, type WeightOptions } from './weightForms.ts'
import type { Weights } from './weights.ts'

/**
 * The opened weights. Throws FileError WEIGHTS_MISSING, PICKLE_NOT_ALLOWED when there is only what `allow_pickle` forbids,
 * UNSAFE_NAME for a variant that is no part of a name, and what the readers of each format throw.
 */
export function openWeights(folder: string, options: WeightOptions = {}): Weights {
  checkFolder(folder)
  const { file, isPickle, isIndex } = chooseForm(options, readdirSync(folder), folder)
  const open = isPickle ? openPytorch : openSafetensors
  const path = join(folder, file)
  return isIndex ? new ShardedWeights(path, open) : open(path)
}
