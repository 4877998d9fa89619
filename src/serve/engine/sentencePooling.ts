// How the vectors of a text's tokens become one, as a sentence-transformers folder says it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '../../checkpoint/folder.ts'
import type { Pooling } from '../../pipelines/pooling.ts'

export interface SentencePooling {
  readonly pooling: Exclude<Pooling, 'none'>
  /** Vectors of length 1. */
  readonly normalize: boolean
}

/** The files that say it. */
export const poolingFileNames: readonly string[] = ['modules.json', '1_Pooling/config.json']

const usual: SentencePooling = { pooling: 'mean', normalize: true }

/** What 1_Pooling/config.json and modules.json say; the mean with length 1 where there are none. */
export function sentencePooling(folder: string): SentencePooling {
  const pooling = readJson(folder, '1_Pooling/config.json')
  if (!pooling) return usual
  const modules = join(folder, 'modules.json')
  const normalize = !existsSync(modules) || /"[\w.]+\.Normalize"/.test(readFileSync(modules, 'utf8'))
  if (pooling.pooling_mode_cls_token === true) return { pooling: 'cls', normalize }
  if (pooling.pooling_mode_lasttoken === true) return { pooling: 'last_token', normalize }
  return { pooling: 'mean', normalize }
}
