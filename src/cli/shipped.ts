// The small trained models that ship with the package.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const poet = 'gpt2-tang-poetry'
export const critic = 'bert-tiny-sentiment-zh'
export const guesser = 'bert-tiny-mlm-zh'

/** The folder of a shipped checkpoint: it lies in checkpoints/ of the package, above the sources as well as above dist/. */
export function shippedFolder(name: string): string {
  const places = ['../../checkpoints/', '../../../checkpoints/'].map(up =>
    fileURLToPath(new URL(up + name, import.meta.url)),
  )
  return places.find(place => existsSync(place)) ?? places[0]!
}
