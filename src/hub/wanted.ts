// Which files of a model are needed, and which of them there are.
import { readIndex } from '../checkpoint/shardIndex.ts'
import { chooseForm, isShardName, type WeightOptions } from '../checkpoint/weightForms.ts'

export interface Wanted {
  /** Files that are taken where they are there. */
  readonly files: readonly string[]
  /** Of these at least one must be there for a copy in the cache to be of use; config.json unless given. */
  readonly oneOf?: readonly string[]
  /** Weights too, by the rule of weightForms.ts. */
  readonly weights?: WeightOptions
  /** Called with the folder when all but the weights are there: what it throws saves the download of a model that cannot be used. */
  accept?(folder: string): void
}

/** Files beside the weights that a model is made of. */
export const modelFileNames: readonly string[] = ['config.json', 'generation_config.json']

/** A file beside another, in a folder of the repository or at its top. */
export function inFolder(subfolder: string, file: string): string {
  return subfolder === '' ? file : `${subfolder}/${file}`
}

/** The files that an index on the disk names. Throws FileError as readIndex does. */
export function shardsOf(indexPath: string): string[] {
  return [...new Set(readIndex(indexPath).shardOf.values())].sort()
}

/** All files that would be fetched, by the names that are there: those of an index go by the pattern of their names. */
export function plannedFiles({ files, weights }: Wanted, names: readonly string[], place: string): string[] {
  const small = [...new Set(files)].filter(file => names.includes(file))
  if (!weights) return small
  const form = chooseForm(weights, names, place)
  const shards = form.isIndex ? names.filter(name => isShardName(form, weights.variant, name)) : []
  return [...small, form.file, ...shards]
}
