// The loop: a step of the model, the processors in Hugging Face's order, one token for each row, until all rows have ended.
import { generatorOf } from '../random/default.ts'
import { warnOnce } from '../warnings.ts'
import { type GenerationConfig, type GenerationOptions, resolveConfig } from './config.ts'
import type { CausalModel, StepCache } from './model.ts'
import type { LogitsProcessor } from './processors/processor.ts'
import { RepetitionPenaltyLogitsProcessor } from './processors/repetitionPenalty.ts'
import { TemperatureLogitsWarper } from './processors/temperature.ts'
import { TopKLogitsWarper } from './processors/topK.ts'
import { TopPLogitsWarper } from './processors/topP.ts'
import { checkScores, guessMask, type Prompt, Rows } from './prompt.ts'
import { argmaxOf, sampleRows } from './sampling.ts'

/** One step of generation. */
export interface GenerationStep {
  /** 0 for the first new token. */
  readonly step: number
  /** The new token of each row; the padding token for rows that ended before. */
  readonly tokens: readonly number[]
  /** Which rows have ended, this token included. */
  readonly ended: readonly boolean[]
}

/** What generation returns at its end: (rows, length), prompt included. */
export interface GeneratedRows {
  readonly rows: number
  readonly length: number
  readonly ids: Int32Array
}

/**
 * Generates token by token: yields each step and returns all rows. Other work gets its turn between steps. Throws what
 * resolveConfig throws, InputError NAN_LOGITS, and the reason of `signal`.
 */
export async function* generateSteps<C extends StepCache>(
  model: CausalModel<C>,
  prompt: Prompt,
  options: GenerationOptions,
  fromModel: GenerationOptions = {},
): AsyncGenerator<GenerationStep, GeneratedRows> {
  const config = resolveConfig(options, fromModel, prompt.length)
  const limit = Math.min(config.maxLength, model.maxLength)
  const processors = processorsOf(config)
  const generator = generatorOf(config.seed)
  const rows = new Rows(
    prompt,
    config.num_return_sequences,
    Math.max(limit, prompt.length),
    guessMask(prompt, config.pad, config.eos),
  )
  const ended = new Array<boolean>(rows.count).fill(false)
  const cache = config.use_cache ? model.newCache(limit) : undefined
  try {
    for (let step = 0, read = 0; rows.length < limit && ended.includes(false); step++) {
      await turn()
      config.signal?.throwIfAborted()
      const logits = model.nextLogits(rows.stepInput(read), cache)
      if (cache) read = rows.length
      const scoresOf = (row: number) => logits.subarray(row * model.vocabularySize, (row + 1) * model.vocabularySize)
      for (const [row, done] of ended.entries()) {
        if (done) continue
        checkScores(scoresOf(row), row, step)
        for (const processor of processors) processor.process({ ids: rows.row(row), logits: scoresOf(row), step })
      }
      const drawn = config.do_sample ? sampleRows(logits, rows.count, generator) : undefined
      const tokens = ended.map((done, row) => (done ? config.pad! : (drawn?.[row] ?? argmaxOf(scoresOf(row)))))
      rows.append(tokens)
      for (const [row, token] of tokens.entries()) ended[row] ||= config.eos.has(token)
      yield { step, tokens, ended: [...ended] }
    }
  } finally {
    cache?.dispose()
  }
  if (limit < config.maxLength && ended.includes(false)) {
    const message = `generation stopped after ${limit} tokens, prompt included: the model has no more places (${config.maxLength} were asked for).`
    warnOnce('GENERATION_LENGTH', message)
  }
  return { rows: rows.count, length: rows.length, ids: rows.all() }
}

/** The processors that the options ask for, in the order in which Hugging Face applies them. */
export function processorsOf(config: GenerationConfig): LogitsProcessor[] {
  const { repetition_penalty, do_sample, temperature, top_k, top_p } = config
  return [
    ...(repetition_penalty === 1 ? [] : [new RepetitionPenaltyLogitsProcessor(repetition_penalty)]),
    ...(do_sample && temperature !== 1 ? [new TemperatureLogitsWarper(temperature)] : []),
    ...(do_sample && top_k > 0 ? [new TopKLogitsWarper(top_k)] : []),
    ...(do_sample && top_p < 1 ? [new TopPLogitsWarper(top_p)] : []),
  ]
}

/** Lets timers, signals and other tasks run. */
function turn(): Promise<void> {
  return new Promise(resolve => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}
