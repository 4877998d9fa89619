// A model whose scores are written down: what generation does with them shows without any arithmetic.
import { GenerationConfig, type GenerationValues } from '../../src/generation/config.ts'
import { generateAll, generateSteps } from '../../src/generation/generate.ts'
import type { CausalModel, StepCache, StepInput, StepOutput } from '../../src/generation/model.ts'
import type { GenerationOptions } from '../../src/generation/options.ts'
import type { Generated, GenerationStep } from '../../src/generation/outputs.ts'
import type { Prompt } from '../../src/generation/rows.ts'

/** The scores of the next token, from the tokens of a row so far or the number of the step. */
export type Script = (ids: readonly number[], step: number) => readonly number[]

/** A memory of ids in the place of keys and values. */
class ScriptedCache implements StepCache {
  rows: number[][] = []
  readonly #onDispose: () => void

  constructor(onDispose: () => void) {
    this.#onDispose = onDispose
  }

  get_seq_length(): number {
    return this.rows[0]?.length ?? 0
  }

  crop(length: number): void {
    this.rows = this.rows.map(row => row.slice(0, length))
  }

  reorder_cache(rows: readonly number[]): void {
    this.rows = rows.map(row => [...this.rows[row]!])
  }

  dispose(): void {
    this.#onDispose()
  }
}

/** Gives the scores of a script, and remembers what it was asked. */
export class ScriptedModel implements CausalModel<ScriptedCache> {
  readonly vocabularySize: number
  readonly maxLength: number
  readonly asked: StepInput[] = []
  made = 0
  disposed = 0
  readonly #script: Script

  /** A list of scores, of which the last goes on for ever, is the same for each row. */
  constructor(script: Script | readonly (readonly number[])[], maxLength = 64) {
    this.#script = typeof script === 'function' ? script : (_, step) => script[Math.min(step, script.length - 1)]!
    this.vocabularySize = this.#script([0], 0).length
    this.maxLength = maxLength
  }

  newCache(): ScriptedCache {
    this.made++
    return new ScriptedCache(() => this.disposed++)
  }

  step(input: StepInput, cache: ScriptedCache | undefined): StepOutput {
    const { rows, input_ids, keep } = input
    const step = this.asked.length
    this.asked.push({ ...input, input_ids: input_ids.slice(), attention_mask: input.attention_mask.slice() })
    const width = input_ids.length / rows
    const texts = Array.from({ length: rows }, (_, row) => [
      ...(cache?.rows[row] ?? []),
      ...input_ids.subarray(row * width, (row + 1) * width),
    ])
    if (cache) cache.rows = texts
    const logits = texts.flatMap(text =>
      Array.from({ length: keep }, (_, i) => this.#script(text.slice(0, text.length - keep + 1 + i), step)).flat(),
    )
    return { logits: Float32Array.from(logits) }
  }
}

/** Scores of a vocabulary in which one token is the best. */
export const favour = (token: number, size = 6, by = 5): number[] =>
  Array.from({ length: size }, (_, i) => (i === token ? by : i / 100))

/** Scores that depend on the last two tokens, the same in each run. */
export const arbitrary =
  (seed: number, size = 7): Script =>
  ids =>
    Array.from(
      { length: size },
      (_, i) => 3 * Math.sin(seed + 12.9898 * (i + 1) + 78.233 * ids.at(-1)! + 37.719 * (ids.at(-2) ?? 9)),
    )

export const promptOf = (rows: readonly (readonly number[])[], mask?: readonly (readonly number[])[]): Prompt => ({
  rows: rows.length,
  length: rows[0]!.length,
  ids: Int32Array.from(rows.flat()),
  ...(mask && { mask: Int32Array.from(mask.flat()) }),
})

/** All steps of a generation, its rows and what else it returns. */
export async function run(
  model: ScriptedModel,
  prompt: Prompt | readonly (readonly number[])[],
  options: GenerationOptions = {},
  ofModel: GenerationValues = {},
): Promise<{ steps: GenerationStep[]; rows: number[][]; found: Generated }> {
  const inputs = { prompt: 'ids' in prompt ? prompt : promptOf(prompt) }
  const config = new GenerationConfig(ofModel)
  const steps: GenerationStep[] = []
  const generator = generateSteps(model, inputs, options, config)
  let next = await generator.next()
  while (!next.done) {
    steps.push(next.value)
    next = await generator.next()
  }
  return { steps, rows: rowsOf(next.value), found: next.value }
}

/** The rows of a generation that does not stream. */
export async function runAll(
  model: ScriptedModel,
  prompt: readonly (readonly number[])[],
  options: GenerationOptions = {},
  ofModel: GenerationValues = {},
): Promise<{ rows: number[][]; found: Generated }> {
  const found = await generateAll(model, { prompt: promptOf(prompt) }, options, new GenerationConfig(ofModel))
  return { rows: rowsOf(found), found }
}

function rowsOf({ rows, length, ids }: Generated): number[][] {
  return Array.from({ length: rows }, (_, row) => Array.from(ids.subarray(row * length, (row + 1) * length)))
}
