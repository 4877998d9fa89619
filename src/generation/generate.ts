// The way in: prepares a run, lets its search work, tells streamers, frees what is left.
import { ConfigError } from '../errors.ts'
import type { GenerationConfig } from './config.ts'
import { streams } from './mode.ts'
import type { CausalModel, StepCache } from './model.ts'
import type { GenerationOptions } from './options.ts'
import type { Generated, GenerationStep } from './outputs.ts'
import { type GenerationInputs, prepare } from './prepare.ts'
import type { Run } from './run.ts'
import { assisted } from './searches/assisted.ts'
import { beam } from './searches/beam.ts'
import { constrainedBeam } from './searches/constrainedBeam.ts'
import { contrastive } from './searches/contrastive.ts'
import { dola } from './searches/dola.ts'
import { groupBeam } from './searches/groupBeam.ts'
import { sample } from './searches/sample.ts'
import { isStreamer } from './streamers/streamer.ts'

/**
 * Generates token by token: yields each step and returns all rows. Other work gets its turn between steps. Throws what
 * prepare throws, ConfigError STREAM_BEAMS for a search whose texts are certain only at the end, InputError NAN_LOGITS
 * or NOTHING_ALLOWED, and the reason of `signal`.
 */
export async function* generateSteps<C extends StepCache>(
  model: CausalModel<C>,
  inputs: GenerationInputs<C>,
  options: GenerationOptions,
  ofModel: GenerationConfig,
): AsyncGenerator<GenerationStep, Generated<C>> {
  const run = prepared(() => prepare(model, inputs, options, ofModel), options)
  try {
    prepared(() => checkStreams(run, 'stream()'), options)
    return yield* steps(run)
  } finally {
    run.dispose()
  }
}

/** The same at once. */
export async function generateAll<C extends StepCache>(
  model: CausalModel<C>,
  inputs: GenerationInputs<C>,
  options: GenerationOptions,
  ofModel: GenerationConfig,
): Promise<Generated<C>> {
  const run = prepared(() => prepare(model, inputs, options, ofModel), options)
  try {
    if (options.streamer) prepared(() => checkStreams(run, 'a streamer'), options)
    return await drained(steps(run))
  } finally {
    run.dispose()
  }
}

/** What `make` gives; when it throws, the streamer is told, because somebody may wait for its text. */
export function prepared<R>(make: () => R, { streamer }: GenerationOptions): R {
  try {
    return make()
  } catch (error) {
    if (isStreamer(streamer)) streamer.fail?.(error)
    throw error
  }
}

function checkStreams({ parts: { mode } }: Run, what: string): void {
  if (streams(mode)) return
  throw new ConfigError(
    'STREAM_BEAMS',
    `generate: ${what} cannot follow beams: how the best text begins is certain only at its end`,
    {
      mode,
      hint: 'take generate() without a streamer, or num_beams: 1',
    },
  )
}

async function drained<C extends StepCache>(
  steps: AsyncGenerator<GenerationStep, Generated<C>>,
): Promise<Generated<C>> {
  let next = await steps.next()
  while (!next.done) next = await steps.next()
  return next.value
}

/** The steps of a run, which a streamer is told of. */
async function* steps<C extends StepCache>(run: Run<C>): AsyncGenerator<GenerationStep, Generated<C>> {
  const { streamer } = run.parts.options
  if (!streamer) return yield* search(run)
  try {
    streamer.put(run.rows.all().map(row => Array.from(row)))
    const found = yield* told(search(run), tokens => streamer.put(tokens), run.rows.count)
    streamer.end()
    return found
  } catch (error) {
    streamer.fail?.(error)
    throw error
  }
}

/** The same steps; `tell` gets the new tokens of each row, none for rows that had ended. */
async function* told<R>(
  steps: AsyncGenerator<GenerationStep, R>,
  tell: (rows: number[][]) => void,
  count: number,
): AsyncGenerator<GenerationStep, R> {
  let ended: readonly boolean[] = new Array<boolean>(count).fill(false)
  try {
    for (;;) {
      const next = await steps.next()
      if (next.done) return next.value
      const { tokens, ended: now } = next.value
      const before = ended
      tell(tokens.map((token, row) => (before[row] ? [] : [token])))
      ended = now
      yield next.value
    }
  } finally {
    // A reader that leaves early leaves the search too.
    await steps.return(undefined as R)
  }
}

async function* search<C extends StepCache>(run: Run<C>): AsyncGenerator<GenerationStep, Generated<C>> {
  await run.prefill()
  switch (run.parts.mode) {
    case 'greedy_search':
    case 'sample':
      return yield* sample(run)
    case 'assisted_generation':
      return yield* assisted(run)
    case 'contrastive_search':
      return yield* contrastive(run)
    case 'dola_generation':
      return yield* dola(run)
    case 'beam_search':
    case 'beam_sample':
      return await beam(run)
    case 'group_beam_search':
      return await groupBeam(run)
    case 'constrained_beam_search':
      return await constrainedBeam(run)
  }
}
