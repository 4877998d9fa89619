// The reference's answers to the inputs of the tests, computed once for each set of weights: the definitions take minutes for it.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineProcess } from '../harness/engineProcess.ts'
import { decodeValues } from '../harness/protocol.ts'
import { reference } from '../peers/reference.ts'
import type { ModelName, Size } from '../subjects/sizes.ts'
import { modelFolder, tokenIds } from '../subjects/weights.ts'
import type { Run } from './run.ts'

export interface Gpt2Truth {
  /** Logits after the first so many ids. */
  readonly lastLogits: ReadonlyMap<number, Float32Array>
  /** Greedy tokens after the first `depth` ids. */
  readonly tokens: readonly number[]
}

export interface BertTruth {
  /** Hidden state (T, C) of the first row. */
  readonly hidden: Float32Array
}

/** As they are kept in the model's folder: numbers as base64. */
interface Kept {
  readonly lastLogits?: Record<string, string>
  readonly tokens?: number[]
  readonly hidden?: string
}

export async function gpt2Truth(run: Run): Promise<Gpt2Truth> {
  const { lastLogits = {}, tokens = [] } = await kept('gpt2', run, async engine => {
    const { size } = run
    const logits: Record<string, string> = {}
    for (const length of promptLengths(size)) {
      const answer = await engine.ask({ do: 'lastLogits', ids: tokenIds(length, size), values: true })
      logits[length] = answer.values ?? ''
    }
    const generated = await engine.ask({ do: 'generate', ids: tokenIds(size.depth, size), count: size.decoded })
    return { lastLogits: logits, tokens: generated.tokens }
  })
  const entries = Object.entries(lastLogits).map(([length, text]) => [Number(length), decodeValues(text)] as const)
  return { lastLogits: new Map(entries), tokens }
}

export async function bertTruth(run: Run): Promise<BertTruth> {
  const { hidden = '' } = await kept('bert', run, async engine => {
    const answer = await engine.ask({ do: 'hidden', rows: [tokenIds(run.size.T, run.size)], values: true })
    return { hidden: answer.values ?? '' }
  })
  return { hidden: decodeValues(hidden) }
}

/** Every prompt whose logits are compared. */
function promptLengths({ prompts, depth, loadPrompt }: Size): number[] {
  return [...prompts, depth, loadPrompt]
}

async function kept(model: ModelName, run: Run, compute: (engine: EngineProcess) => Promise<Kept>): Promise<Kept> {
  const folder = modelFolder(model, run.size)
  const path = join(folder, 'reference.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Kept
  run.progress(`computing the reference of ${model} once; for the real size this takes some minutes`)
  const options = { folder, model, dtype: 'float32', threads: 1, places: run.size.places } as const
  await using engine = new EngineProcess(reference, options)
  await engine.open()
  const values = await compute(engine)
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(values))
  renameSync(`${path}.${process.pid}`, path)
  return values
}
